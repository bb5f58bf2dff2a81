"""The compiled module: each machine is a copy of it with a memory of its own, which nothing else can touch."""

import atexit
import ctypes
import weakref
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt
import wasmtime
from wasmtime import _ffi as ffi

MODULE = "native.wasm"
SLACK = bytes(8)
"""What may be read beyond a text that is compared."""
LEAST = 1 << 12
"""Bytes that a buffer has room for as soon as it holds any."""
SPAN = Struct("<2I")
"""`struct span`: where bytes are, and how many."""


class MachineError(RuntimeError):
    """The machine has no memory left, or failed: nothing that it did since the last call counts."""


@cache
def _module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """Return the module, compiled for this processor: 20 ms, once a process."""
    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, resources.files(__package__).joinpath(MODULE).read_bytes())
    atexit.register(module.close)  # by then the library could no longer do it itself, and would complain
    atexit.register(engine.close)
    return engine, module


class Machine:
    """Memory and functions of the module. Addresses are bytes into its memory."""

    def __init__(self) -> None:
        engine, module = _module()
        self._store = wasmtime.Store(engine)
        weakref.finalize(self, self._store.close)  # at the latest when the process ends, see above
        self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._base, self._size = self._memory()

    def call(self, name: str, *arguments: int) -> int:
        """Call an exported function that returns a number. Raises MachineError."""
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        try:
            return int(function(self._store, *arguments)) & 0xFFFFFFFF
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise MachineError(f"{name}{arguments}: {error}") from error

    def run(self, name: str, *, grows: bool = False) -> None:
        """Call an exported function that takes and returns nothing, in 3 µs: with values it takes ten times as long, and
        leaves work for the garbage collector. Where it may reserve memory, it `grows`. Raises MachineError.
        """
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        failed = ffi.wasmtime_func_call(
            self._store._context(), ctypes.byref(function._func), None, 0, None, 0, ctypes.byref(trap)
        )
        if failed or trap:
            why = wasmtime.Trap._from_ptr(trap) if trap else wasmtime.WasmtimeError._from_ptr(failed)
            raise MachineError(f"{name}: {why}")
        if grows:
            self._base, self._size = self._memory()

    def reserve(self, size: int) -> int:
        """Return the address of so many bytes that are the caller's for good. Raises MachineError when there are none."""
        address = self.call("keep", size) if 0 <= size < 1 << 32 else 0
        if not address:
            raise MachineError(f"no memory for {size} bytes")
        self._base, self._size = self._memory()  # it may have grown, and moved
        return address

    def keep(self, content: bytes) -> int:
        """Put bytes into memory for good; return their address."""
        address = self.reserve(len(content))
        self.write(address, content)
        return address

    def keep_all(self, contents: Iterable[bytes]) -> int:
        """Put pieces into memory for good; return the address of their spans."""
        return self.keep(b"".join(SPAN.pack(self.keep(content + SLACK), len(content)) for content in contents))

    def write(self, address: int, content: bytes) -> None:
        """Put bytes at an address."""
        ctypes.memmove(self._at(address, len(content)), content, len(content))

    def read(self, address: int, size: int) -> bytes:
        """Return the bytes at an address."""
        return ctypes.string_at(self._at(address, size), size)

    def cut(self, address: int, sizes: Iterable[int]) -> Iterator[bytes]:
        """Yield pieces of these sizes, which lie one after the other."""
        for size in sizes:
            yield self.read(address, size)
            address += size

    def table(self, address: int, dtype: np.dtype[Any], count: int) -> npt.NDArray[Any]:
        """Return a copy of the table at an address."""
        found = np.empty(count, dtype=dtype)
        ctypes.memmove(found.ctypes.data, self._at(address, found.nbytes), found.nbytes)
        return found

    def _at(self, address: int, size: int) -> int:
        """Return where so many bytes of the memory lie in this process. Raises MachineError if it has none there."""
        if not 0 <= address <= address + size <= self._size:
            raise MachineError(f"no memory at {address} for {size} bytes")
        return self._base + address

    def _memory(self) -> tuple[int, int]:
        memory = self._exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        return ctypes.addressof(memory.data_ptr(self._store).contents), memory.data_len(self._store)


class Buffer:
    """A place in a machine's memory for what comes and goes. It grows, and then lies elsewhere."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._room = 0
        self.at = 0
        """Its address,"""
        self.used = 0
        """and how many bytes it holds."""

    def hold(self, content: bytes) -> int:
        """Let it hold this alone; return its address."""
        self.used = 0
        return self.append(content)

    def append(self, content: bytes) -> int:
        """Let it hold this, too; return its address."""
        used = self.used + len(content)
        if used > self._room:
            held, self._room = self._machine.read(self.at, self.used), max(2 * used, LEAST)
            self.at = self._machine.reserve(self._room)
            content, self.used = held + content, 0
        self._machine.write(self.at + self.used, content)
        self.used = used
        return self.at


def table_size(entries: int) -> int:
    """Return how many places a table of so many entries has: a power of two, twice as many at least."""
    return 1 << max(6, (2 * entries - 1).bit_length())
