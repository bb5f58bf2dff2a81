"""A machine: memory that nobody else touches, and no way out of it."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from streams.native import Buffer, Machine, MachineError

PAGE = 1 << 16


def test_what_is_kept_can_be_read() -> None:
    machine = Machine()
    address = machine.keep(b"abc")
    machine.write(address + 1, b"B")
    assert machine.read(address, 3) == b"aBc"
    assert machine.table(address, np.dtype("u1"), 3).tolist() == [*b"aBc"]
    assert machine.read(address, 0) == b""


def test_machines_share_no_memory() -> None:
    one, other = Machine(), Machine()
    address = one.keep(b"mine")
    assert other.keep(b"your") == address
    assert one.read(address, 4) == b"mine"


@pytest.mark.parametrize(
    "reach",
    [
        lambda machine, end: machine.read(end - 3, 4),
        lambda machine, end: machine.read(end + 1, 0),
        lambda machine, end: machine.read(-1, 1),
        lambda machine, end: machine.read(8, -1),
        lambda machine, end: machine.read(1 << 40, 8),
        lambda machine, end: machine.write(end - 3, b"abcd"),
        lambda machine, end: machine.write(-4, b"abcd"),
        lambda machine, end: machine.table(end - 8, np.dtype("<i8"), 2),
    ],
)
def test_nothing_is_read_or_written_outside_its_memory(reach: Callable[[Machine, int], object]) -> None:
    machine = Machine()
    end = machine._size
    machine.write(end - 4, b"last")
    with pytest.raises(MachineError, match="no memory at"):
        reach(machine, end)
    assert machine.read(end - 4, 4) == b"last"


def test_memory_grows_and_what_was_kept_stays() -> None:
    machine = Machine()
    address, before = machine.keep(b"first"), machine._size
    pieces = [machine.reserve(PAGE + 1) for _ in range(20)]
    machine.write(pieces[-1], b"x" * (PAGE + 1))
    assert machine._size > before
    assert all(piece % 16 == 0 for piece in pieces)
    assert all(b - a >= PAGE + 1 for a, b in pairwise(pieces))
    assert machine.read(address, 5) == b"first"
    assert machine.read(pieces[-2], PAGE + 1) == bytes(PAGE + 1)


@pytest.mark.parametrize("size", [0xFFFF0001, 0xFFFFFFFF, 1 << 32, (1 << 32) + 8, -1])
def test_more_memory_than_there_can_be_is_refused(size: int) -> None:
    machine = Machine()
    with pytest.raises(MachineError):
        machine.reserve(size)
    assert machine.read(machine.keep(b"abc"), 3) == b"abc"


def test_a_failure_is_told() -> None:
    machine = Machine()
    machine.write(machine.call("counting_at"), b"\xf0\xff\xff\xff" * 13)
    with pytest.raises(MachineError, match="count"):
        machine.call("count", 1)


def test_machines_that_are_still_there_when_the_process_ends_do_not_complain() -> None:
    program = (
        "from streams.native import Machine\n"
        "machines = {0: Machine()}\n"
        "def held(): return machines\n"
        "held.self, machines[1] = held, machines\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_buffer_holds_the_last_content_or_all_of_it_however_it_grows() -> None:
    machine = Machine()
    held, grown = Buffer(machine), Buffer(machine)
    whole = b""
    for size in (0, 3, 5000, 1, 70_000, 2):
        content = bytes([size % 251]) * size
        assert machine.read(held.hold(content), size) == content
        whole += content
        assert machine.read(grown.append(content), len(whole)) == whole
        assert grown.at == grown.append(b"")
