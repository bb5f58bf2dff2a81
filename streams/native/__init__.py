"""What runs for each event, compiled: the scanner of JSON and the counting of facts, in a sandbox of WebAssembly."""

from streams.native.machine import Machine, MachineError

__all__ = ["Machine", "MachineError"]
