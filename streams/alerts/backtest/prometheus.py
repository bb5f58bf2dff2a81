"""A Prometheus of our own over samples of the past, asked and thrown away."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from streams.embedded.child import Child, ChildFailed
from streams.embedded.ports import LOOPBACK, free_ports, listens
from streams.kpis.panes import QUARTER_MS

STEP_S = QUARTER_MS // 1000
LOOKBACK_S = STEP_S - 1
"""A sample is that of its own instant, and not of the next one."""
BLOCK_MS = 18 * 3_600_000
"""What one file holds: one of the lengths that Prometheus' blocks have, so that each file becomes one block."""
START_S = 60.0
PATIENCE = aiohttp.ClientTimeout(3600)
STEPS = 96
"""What is asked at once: a day, so that large floors stay within the samples that a query may load."""

Series = tuple[dict[str, str], list[int]]
"""Labels, and the instants at which the series is there, epoch ms, ascending."""


class NoPrometheus(Exception):
    """What is needed is missing or does not work; the message says what to do."""


class BadExpression(Exception):
    """Prometheus does not answer an expression; the message says why."""


def programs() -> tuple[str, str]:
    """Return where promtool and prometheus are. Raises NoPrometheus."""
    found = [shutil.which(name) for name in ("promtool", "prometheus")]
    missing = " and ".join(name for name, path in zip(("promtool", "prometheus"), found, strict=True) if not path)
    if missing:
        raise NoPrometheus(
            f"{missing} must be on the PATH: install Prometheus (on Debian and Ubuntu: apt-get install prometheus)"
        )
    return str(found[0]), str(found[1])


async def checked(file: Path) -> str:
    """Return what promtool finds wrong with a rule file; empty when it is good."""
    code, said = await _promtool("check", "rules", str(file))
    return said if code else ""


async def _promtool(*arguments: str) -> tuple[int, str]:
    run = await asyncio.create_subprocess_exec(
        programs()[0], *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await run.communicate()
    return run.returncode or 0, said.decode(errors="replace").strip()


class Samples:
    """Takes samples in the order of time, and makes them blocks."""

    def __init__(self, folder: Path) -> None:
        self.blocks = folder / "blocks"
        self._file, self._of = folder / "samples.om", 0
        self._waiting = False

    async def add(self, t_ms: int, lines: Iterable[str]) -> None:
        """Take an instant's. Raises NoPrometheus."""
        if t_ms // BLOCK_MS != self._of:
            await self.close()
            self._of = t_ms // BLOCK_MS
        with self._file.open("a", encoding="utf-8") as file:
            file.writelines(lines)
        self._waiting = True

    async def close(self) -> None:
        """Make a block of what was taken since the last one. Raises NoPrometheus."""
        if not self._waiting:
            return
        with self._file.open("a", encoding="utf-8") as file:
            file.write("# EOF\n")
        block = ("--quiet", f"--max-block-duration={BLOCK_MS // 3_600_000}h")
        code, said = await _promtool(
            "tsdb", "create-blocks-from", *block, "openmetrics", str(self._file), str(self.blocks)
        )
        if code:
            raise NoPrometheus(f"promtool does not take the samples: {said}")
        self._file.unlink()
        self._waiting = False


@dataclass(frozen=True, slots=True)
class Past:
    """A running Prometheus over the blocks."""

    session: aiohttp.ClientSession

    async def ask(self, expr: str, first_ms: int, last_ms: int) -> list[Series]:
        """Return the series of an expression at each quarter of an hour. Raises BadExpression."""
        found: dict[frozenset[tuple[str, str]], list[int]] = {}
        for begin_ms in range(first_ms, last_ms + 1, STEPS * QUARTER_MS):
            end_ms = min(begin_ms + (STEPS - 1) * QUARTER_MS, last_ms)
            for one in await self._range(expr, begin_ms, end_ms):
                instants = found.setdefault(frozenset(one["metric"].items()), [])
                instants += [round(float(at) * 1000) for at, _ in one["values"]]
        return [(dict(labels), instants) for labels, instants in found.items()]

    async def _range(self, expr: str, begin_ms: int, end_ms: int) -> list[dict[str, Any]]:
        form = {"query": expr, "start": begin_ms / 1000, "end": end_ms / 1000, "step": STEP_S}
        async with self.session.post("/api/v1/query_range", data=form, timeout=PATIENCE) as answer:
            told: dict[str, Any] = await answer.json()
        if told["status"] != "success":
            raise BadExpression(told["error"])
        result: list[dict[str, Any]] = told["data"]["result"]
        return result


@asynccontextmanager
async def folder() -> AsyncIterator[Path]:
    """Return a place for samples and blocks, for as long as they are needed."""
    with TemporaryDirectory(prefix="floorcast-backtest-") as path:
        yield Path(path)


@asynccontextmanager
async def past(place: Path, blocks: Path) -> AsyncIterator[Past]:
    """Run a Prometheus that scrapes nothing and forgets nothing. Raises NoPrometheus."""
    (port,) = free_ports(1)
    config = place / "prometheus.yml"
    config.write_text("{}\n")
    child = Child("prometheus", place / "prometheus.log")
    await child.start(
        [
            *(programs()[1], f"--config.file={config}", f"--storage.tsdb.path={blocks}"),
            *(f"--web.listen-address={LOOPBACK}:{port}", "--storage.tsdb.retention.time=100y"),
            *(f"--query.lookback-delta={LOOKBACK_S}s", "--query.timeout=1h"),
        ]
    )
    try:
        await child.ready(lambda: listens(port), START_S)
        async with aiohttp.ClientSession(f"http://{LOOPBACK}:{port}") as session:
            await _ready(session, child)
            yield Past(session)
    except ChildFailed as error:
        raise NoPrometheus(str(error)) from None
    finally:
        await child.stop()


async def _ready(session: aiohttp.ClientSession, child: Child) -> None:
    async with asyncio.timeout(START_S):
        while child.running:
            async with session.get("/-/ready") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.05)
    raise ChildFailed(f"{child.name} ended at its start:\n{child.last_lines()}")
