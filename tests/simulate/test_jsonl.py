"""Lines of JSON: what they look like, and back to the byte."""

import json
from pathlib import Path

import msgspec
import pytest

from streams.simulate import jsonl
from streams.simulate.dirt import Dirt
from streams.simulate.emit_jsonl import JsonlOutlet
from streams.simulate.engine import Arrival
from streams.simulate.world import World
from tests.simulate.runs import MINUTE, START, plan

UNTIL = START + 5 * MINUTE


def dirty() -> list[Arrival]:
    """Return five minutes with every kind of dirt."""
    return Dirt(0.5, "x").pass_on(World(plan(), START, warm=True).advance(UNTIL), UNTIL)


def test_what_is_written_is_read_to_the_byte() -> None:
    arrivals = dirty()
    assert {"not_json", "too_large", "invalid"} <= {arrival.dirt for arrival in arrivals}
    assert list(jsonl.read(bytes(jsonl.write(arrivals)).splitlines())) == arrivals


def test_an_event_stands_as_it_is() -> None:
    value = b'{"type":"call.ended","note":"caf\\u00e9"}'
    assert jsonl.write([Arrival(5, "calls", "c-1", value)]) == (
        b'{"topic":"calls","key":"c-1","arrival":5,"event":{"type":"call.ended","note":"caf\\u00e9"}}\n'
    )


def test_what_is_no_json_stands_in_base64() -> None:
    lines = jsonl.write([Arrival(5, "calls", "c-1", b"\xff\n", "not_json"), Arrival(6, "crm", "l", b"", "not_json")])
    assert lines == (
        b'{"topic":"calls","key":"c-1","arrival":5,"value":"/wo=","dirt":"not_json"}\n'
        b'{"topic":"crm","key":"l","arrival":6,"value":"","dirt":"not_json"}\n'
    )


def test_a_line_that_is_none_of_ours_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        list(jsonl.read([b'{"topic":"calls"}']))


async def test_the_file_is_written_anew_and_whole_after_each_emission(tmp_path: Path) -> None:
    path = tmp_path / "floor.jsonl"
    path.write_text("old\n")
    arrivals = dirty()
    async with JsonlOutlet(path) as outlet:
        await outlet.emit(arrivals[:10])
        assert len(path.read_bytes().splitlines()) == 10
        await outlet.emit(arrivals[10:])
    with path.open("rb") as file:
        assert list(jsonl.read(file)) == arrivals
    assert all(isinstance(json.loads(line), dict) for line in path.read_bytes().splitlines())
