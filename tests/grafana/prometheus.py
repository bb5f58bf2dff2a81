"""A real Prometheus of this machine: it scrapes what a test runs, and is asked what Grafana would ask."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import aiohttp
import yaml

from streams.embedded.child import Child
from streams.embedded.ports import LOOPBACK, answers, free_ports

PATIENCE_S = 30.0
SCRAPE_S = 1
"""As the data source says (`timeInterval`): Grafana makes `$__rate_interval` four of it."""
Jobs = Mapping[str, Sequence[str]]
"""Job → addresses."""


class Series(NamedTuple):
    """One series at an instant, or the largest that it was in a span."""

    labels: Mapping[str, str]
    value: float


class BadQuery(Exception):
    """Prometheus does not understand a query; the message is its own."""


class Prometheus:
    """`async with Prometheus(…) as prometheus:` scrapes until the end."""

    def __init__(self, program: Path, folder: Path, jobs: Jobs, rules: Sequence[Path] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (port,) = free_ports(1)
        self._address = f"{LOOPBACK}:{port}"
        self._child = Child("Prometheus", folder / "prometheus.log")
        scrapes = [{"job_name": job, "static_configs": [{"targets": list(at)}]} for job, at in jobs.items()]
        every = {"scrape_interval": f"{SCRAPE_S}s", "evaluation_interval": f"{SCRAPE_S}s"}
        config = {"global": every, "scrape_configs": scrapes, "rule_files": [str(file) for file in rules]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        places = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
        self._line = (str(program), *places, f"--web.listen-address={self._address}")

    async def __aenter__(self) -> Self:
        await self._child.start(self._line)
        await self._child.ready(lambda: answers(f"http://{self._address}/-/ready"), PATIENCE_S)
        self._session = aiohttp.ClientSession(f"http://{self._address}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._child.kill()
        print(self._child.last_lines())  # noqa: T201  # shown where the test fails

    async def at(self, query: str, at: float) -> list[Series]:
        """Return a query's series at an instant, epoch seconds; those that are no number are left out. Raises BadQuery."""
        found = await self._answer("query", query=query, time=at)
        return _numbers((one["metric"], [one["value"]]) for one in found["result"])

    async def most(self, query: str, begin: float, end: float) -> list[Series]:
        """Return the largest value of each of a query's series between two instants. Raises BadQuery."""
        found = await self._answer("query_range", query=query, start=begin, end=end, step=SCRAPE_S)
        return _numbers((one["metric"], one["values"]) for one in found["result"])

    async def unbroken(self, begin: float, end: float) -> bool:
        """Say whether every scrape between two instants came off, in time."""
        span = int(end - begin)
        always = f"min(min_over_time(up[{span}s])) == 1 and min(count_over_time(up[{span}s])) >= {span - 1}"
        return bool(await self.at(always, end))

    async def names(self, label: str, selector: str) -> list[str]:
        """Return what `label_values(selector, label)` offers. Raises BadQuery."""
        found: list[str] = await self._answer(f"label/{label}/values", **{"match[]": selector})
        return found

    async def rules(self) -> list[dict[str, Any]]:
        """Return every rule as it was evaluated last."""
        return [rule for group in (await self._answer("rules"))["groups"] for rule in group["rules"]]

    async def until(self, query: str, least: int = 1) -> float:
        """Wait until a query has so many series; return when that was, epoch seconds."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                now = await self._answer("query", query="time()")
                at = float(now["result"][0])
                if len(await self.at(query, at)) >= least:
                    return at
                await asyncio.sleep(0.05)

    async def _answer(self, what: str, **parameters: Any) -> Any:
        async with self._session.get(f"/api/v1/{what}", params=parameters) as response:
            answer = await response.json()
        if answer["status"] != "success":
            raise BadQuery(answer["error"])
        return answer["data"]


def _numbers(found: Any) -> list[Series]:
    series = []
    for labels, pairs in found:
        values = [float(value) for _, value in pairs if not math.isnan(float(value))]
        if values:
            series.append(Series(labels, max(values)))
    return series
