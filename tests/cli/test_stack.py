"""`floorcast stack`: one line that says where it is, an end when it is told, and data that outlive it."""

import json
import signal
from pathlib import Path

import redis

from streams.embedded.ports import listens
from tests.programs import Program, floorcast, said


async def started(program: Program) -> dict[str, str]:
    """Wait for the line on standard output, and check its form."""
    line = json.loads(await program.line())
    assert list(line) == ["kafka", "redis", "data"]
    return dict(line)


def ports(line: dict[str, str]) -> list[int]:
    return [int(line["kafka"].split(":")[1]), int(line["redis"].split(":")[2].split("/")[0])]


async def test_a_stack_is_one_line_one_owner_and_goes_on_with_its_data(tmp_path: Path) -> None:
    data = tmp_path / "kept, né \\営業"
    async with floorcast("stack", "--data", str(data), folder=tmp_path) as first:
        line = await started(first)
        assert line["data"] == str(data)
        assert line["kafka"].startswith("127.0.0.1:")
        assert line["redis"].startswith("redis://127.0.0.1:")
        made, _, errors = await said("topics", "create", kafka=line["kafka"], partitions=1)
        assert made == 0, errors
        with redis.Redis.from_url(line["redis"]) as client:
            client.set("kept", "yes")
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

        code, output, errors = await said("stack", "--data", str(data))
        assert (code, output) == (1, "")
        assert errors.startswith(f"Error: another stack is running on {data}")

        assert await first.ends(signal.SIGTERM) == (0, ""), "nothing but the one line"
        assert [listens(port) for port in ports(line)] == [False, False]

    async with floorcast("stack", "--data", str(data)) as second:
        line = await started(second)
        assert (await said("topics", "check", kafka=line["kafka"]))[:2] == (0, "all topics are as they must be\n")
        with redis.Redis.from_url(line["redis"]) as client:
            assert client.get("kept") == b"yes"
        assert await second.ends(signal.SIGINT) == (0, "")
        assert [*tmp_path.iterdir()] == [data], "nothing is written elsewhere"
        assert [listens(port) for port in ports(line)] == [False, False]


async def test_a_stack_that_cannot_start_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "redis.log").mkdir()  # a log that cannot be written
    code, output, errors = await said("stack", "--data", "kept", folder=tmp_path)
    assert (code, output) == (1, "")
    assert errors.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in errors


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    assert await said("stack", "--data", str(folder)) == (
        1,
        "",
        f"Error: {folder} cannot be written to: Not a directory",
    )
