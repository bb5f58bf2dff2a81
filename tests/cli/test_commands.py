"""The command line as a whole: what it offers, and how it says that it cannot."""

import json
import subprocess
import sys

import pytest

from streams.cli import COMMANDS
from tests.programs import said

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
