"""floor.yaml is followed however it is replaced, and a bad one changes nothing but what is said of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from streams.floor import Floor, FloorError
from streams.floor.followed import Configuration, FloorFile

QUICK_S = 0.005
PATIENCE_S = 20


def targets(value: int) -> str:
    return f"targets:\n  - {{kpi: dials, scope: floor, window: today, at_least: {value}}}\n"


def replace(path: Path, text: str) -> None:
    """Write a file anew, so that nobody sees the half of it."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


def value(floor: Floor) -> float:
    (target,) = floor.targets
    return target.value


class Followed:
    """A file under watch, and what was handed over."""

    def __init__(self, file: FloorFile) -> None:
        self.file = file
        self.taken: asyncio.Queue[Configuration] = asyncio.Queue()

    async def next(self) -> float:
        """Wait for a configuration; return its one target."""
        async with asyncio.timeout(PATIENCE_S):
            return value((await self.taken.get()).floor)

    async def tells(self, wanted: Callable[[Configuration], object]) -> Configuration:
        """Wait until the file is told of as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while not wanted(self.file.now):  # noqa: ASYNC110
                await asyncio.sleep(QUICK_S)
        return self.file.now

    async def looks(self, times: int) -> None:
        """Wait until the file has been looked at so many times more."""
        read, left = self.file._read, asyncio.Semaphore(0)

        def counting() -> Any:
            loop.call_soon_threadsafe(left.release)
            return read()

        loop = asyncio.get_running_loop()
        self.file._read = counting  # type: ignore[method-assign]
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(times + 1):
                await left.acquire()


@asynccontextmanager
async def follow(path: Path, *, named: bool = True, every_s: float = QUICK_S) -> AsyncIterator[Followed]:
    followed = Followed(FloorFile(path, named=named, every_s=every_s))
    following = asyncio.create_task(followed.file.follow(followed.taken.put_nowait))
    try:
        yield followed
        assert not following.done()
    finally:
        following.cancel()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "floor.yaml").write_text(targets(400))
    return tmp_path / "floor.yaml"


async def test_a_file_that_is_written_over_is_taken(path: Path) -> None:
    async with follow(path) as followed:
        assert value(followed.file.now.floor) == 400
        path.write_text(targets(500))  # which empties the file first, and that may be seen at this pace
        await followed.tells(lambda now: now.floor.targets and value(now.floor) == 500)


async def test_a_file_that_an_editor_replaces_is_taken_again_and_again(path: Path) -> None:
    async with follow(path) as followed:
        for wanted in (500, 600, 700):
            path.rename(path.with_suffix(".yaml~"))
            replace(path, targets(wanted))
            assert await followed.next() == wanted


async def test_a_mount_whose_link_is_swapped_is_taken_again_and_again(tmp_path: Path) -> None:
    """As Kubernetes does: floor.yaml → ..data/floor.yaml, ..data → a folder that is new each time."""
    for number, wanted in enumerate((400, 500, 600)):
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}" / "floor.yaml").write_text(targets(wanted))
    (tmp_path / "..data").symlink_to("..0")
    (tmp_path / "floor.yaml").symlink_to("..data/floor.yaml")
    async with follow(tmp_path / "floor.yaml") as followed:
        for number, wanted in ((1, 500), (2, 600)):
            (tmp_path / "..data_tmp").symlink_to(f"..{number}")
            (tmp_path / "..data_tmp").rename(tmp_path / "..data")
            assert await followed.next() == wanted


async def test_a_file_in_the_midst_of_being_written_is_not_taken(path: Path) -> None:
    async with follow(path) as followed:
        half, read = targets(999).encode(), followed.file._read
        halves = [half[:0], half[:9]] * 5
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def growing() -> Any:
            if halves:
                return halves.pop()
            loop.call_soon_threadsafe(done.set)
            return read()

        followed.file._read = growing  # type: ignore[method-assign]
        async with asyncio.timeout(PATIENCE_S):
            await done.wait()
        assert followed.taken.empty()
        assert followed.file.now.valid
        replace(path, targets(500))
        assert await followed.next() == 500


async def test_a_bad_file_is_refused_with_its_line_and_the_one_before_stays(path: Path) -> None:
    with capture_logs() as logs:
        async with follow(path) as followed:
            replace(path, targets(500).replace("dials", "dails"))
            told = await followed.tells(lambda now: not now.valid)
            assert value(told.floor) == 400
            assert [(one.file, one.line) for one in told.problems] == [(str(path), 2)]
            assert "did you mean 'dials'?" in told.problems[0].reason
            assert told.answer()["problems"][0]["line"] == 2
            replace(path, targets(600))
            assert await followed.next() == 600
            assert followed.file.now.valid
    refused = [line for line in logs if line["log_level"] == "error"]
    assert [(line["file"], line["line"]) for line in refused] == [(str(path), 2)]


async def test_a_bad_file_that_is_put_back_is_good_again(path: Path) -> None:
    async with follow(path) as followed:
        replace(path, "{")
        await followed.tells(lambda now: not now.valid)
        replace(path, targets(400))
        assert value((await followed.tells(lambda now: now.valid)).floor) == 400


async def test_a_file_that_goes_is_missed_and_not_taken_for_the_defaults(path: Path) -> None:
    async with follow(path, named=False) as followed:
        path.unlink()
        told = await followed.tells(lambda now: not now.valid)
        assert value(told.floor) == 400
        assert "No such file" in told.problems[0].reason


async def test_a_file_that_is_emptied_changes_nothing(path: Path) -> None:
    async with follow(path) as followed:
        replace(path, "")
        told = await followed.tells(lambda now: not now.valid)
        assert value(told.floor) == 400


async def test_a_file_that_comes_is_taken_where_there_was_none(tmp_path: Path) -> None:
    path = tmp_path / "floor.yaml"
    async with follow(path, named=False) as followed:
        assert followed.file.now.floor.targets == ()
        replace(path, targets(400))
        assert await followed.next() == 400
        path.unlink()
        assert value((await followed.tells(lambda now: not now.valid)).floor) == 400


async def test_whoever_asks_need_not_wait(path: Path) -> None:
    async with follow(path, every_s=3600) as followed:
        replace(path, targets(500))
        followed.file.ask()
        assert await followed.next() == 500


async def test_a_file_that_says_the_same_is_not_handed_over_again(path: Path) -> None:
    async with follow(path) as followed:
        replace(path, targets(400))
        await followed.looks(4)
        assert followed.taken.empty()


async def test_what_is_counted_by_is_told_and_waits(path: Path) -> None:
    async with follow(path) as followed:
        replace(path, 'queues: {"*": {threshold_seconds: 30}}\n' + targets(500))
        assert await followed.next() == 500
        assert followed.file.now.restart_needed == ("queues",)
        assert followed.file.now.floor.queue_policy(None).threshold_ms == 20_000
        replace(path, targets(500))
        told = await followed.tells(lambda now: not now.restart_needed)
        assert value(told.floor) == 500


@pytest.mark.parametrize("content", ["{", "targts: []", None])
def test_a_file_that_is_bad_to_begin_with_ends_the_program(path: Path, content: str | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(FloorError):
        FloorFile(path, named=True)
