"""What runs for each event, compiled: the scanner of JSON, open calls and the counting of facts, in a sandbox of WebAssembly."""

from streams.native.machine import SLACK, SPAN, Buffer, Machine, MachineError, table_size

__all__ = ["SLACK", "SPAN", "Buffer", "Machine", "MachineError", "table_size"]
