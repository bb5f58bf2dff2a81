"""The command line as a whole: what it offers, and how it says that it cannot."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli import COMMANDS
from tests.programs import FLOORCAST, said

EXAMPLE = Path(__file__).parents[2] / "floor.yaml"

HEAVY = ("faust", "aiokafka", "redis", "numpy", "pydantic", "streams.settings", "streams.app")


async def test_help_lists_every_command() -> None:
    code, output, _ = await said("--help")
    assert code == 0
    listed = [line.split()[0] for line in output.split("Commands:\n")[1].splitlines()]
    assert listed == [
        "demo",
        "stack",
        "topics",
        "worker",
        "exporter",
        "simulate",
        "targets",
        "explain",
        "alerts",
        "verify",
        "check",
    ]


def test_help_is_fast_since_it_imports_none_of_them() -> None:
    script = (
        "import sys\nfrom streams.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("command", [*COMMANDS, "topics create", "topics check"])
async def test_every_command_says_what_it_does(command: str) -> None:
    code, output, errors = await said(*command.split(), "--help")
    assert (code, errors) == (0, "")
    assert output.startswith(f"Usage: floorcast {command} ")


async def test_an_unknown_command_is_refused() -> None:
    code, _, errors = await said("wroker")
    assert code == 2
    assert "No such command 'wroker'" in errors


@pytest.mark.parametrize(
    "command",
    ["stack", "topics create", "topics check", "worker", "exporter", "simulate", "targets", "check"],
)
async def test_a_wrong_setting_ends_every_command_with_its_name(command: str) -> None:
    code, output, errors = await said(*command.split(), partitions="many")
    assert (code, output) == (1, "")
    assert errors.removeprefix("Error: ") == (
        "FLOORCAST_PARTITIONS: Input should be a valid integer, unable to parse string as an integer"
    )


async def test_a_slip_of_the_pen_is_pointed_out() -> None:
    _, _, errors = await said("topics", "check", kafka="127.0.0.1:1", partition="4")
    assert "FLOORCAST_PARTITION is no setting; did you mean FLOORCAST_PARTITIONS?" in errors


@pytest.mark.parametrize("command", ["create", "check"])
async def test_a_kafka_that_is_away_is_named_in_one_line(command: str) -> None:
    code, output, errors = await said("topics", command, kafka="127.0.0.1:1")
    assert (code, output) == (1, "")
    *logged, last = errors.splitlines()
    assert last.startswith("Error: Kafka at 127.0.0.1:1 does not answer")
    assert "FLOORCAST_KAFKA" in last
    assert all("[aiokafka]" in line for line in logged), errors


async def test_with_json_logs_even_the_last_words_are_json() -> None:
    code, _, errors = await said("topics", "check", kafka="127.0.0.1:1", log_format="json")
    assert code == 1
    lines = [json.loads(line) for line in errors.splitlines()]
    assert lines[-1]["reason"].startswith("Kafka at 127.0.0.1:1 does not answer")


async def test_with_json_logs_a_wrong_setting_is_told_in_json() -> None:
    code, output, errors = await said("worker", kafka="nowhere", partitions="many", log_format="json")
    assert (code, output) == (1, "")
    (line,) = [json.loads(line) for line in errors.splitlines()]
    assert [words.partition(":")[0] for words in line["reason"].splitlines()] == [
        "FLOORCAST_KAFKA",
        "FLOORCAST_PARTITIONS",
    ]


@pytest.mark.parametrize(
    "words", ["simulate --rate nan", "simulate --minutes inf", "simulate --dirt nan", "demo --rate nan"]
)
async def test_what_is_no_number_to_go_by_is_refused(words: str) -> None:
    code, output, errors = await said(*words.split())
    assert (code, output) == (2, "")
    assert errors.endswith(f"'{words.split()[1]}': {words.split()[2]} is no number to go by.")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_a_closed_stream_takes_what_is_said_to_it(closed: str) -> None:
    script = f"{FLOORCAST} check {EXAMPLE} {closed}"
    done = await asyncio.create_subprocess_shell(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    told, errors = await done.communicate()
    assert (done.returncode, errors) == (0, b"")
    assert told.startswith(b"" if ">&-" in closed.replace("2>&-", "") else str(EXAMPLE).encode())


async def test_a_worker_whose_streams_are_closed_says_nothing_and_ends_as_ever() -> None:
    script = f"{FLOORCAST} worker >&- 2>&-"
    environment = {**os.environ, "FLOORCAST_PARTITIONS": "many"}
    done = await asyncio.create_subprocess_shell(script, env=environment)
    assert await done.wait() == 1
