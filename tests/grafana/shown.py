"""What panels show when they are asked of a running Prometheus, held against what they promise."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from tests.grafana.checks import Boards, panels
from tests.grafana.choices import Chosen, choices, filled
from tests.grafana.health_promises import Promised
from tests.grafana.prometheus import BadQuery, Prometheus, Series
from tests.grafana.promises import promised
from tests.grafana.told import Told

AT_ONCE = 4
_LABEL = re.compile(r"\{\{(\w+)\}\}")


class Query(NamedTuple):
    """One query of a panel, and what an English viewer reads of it."""

    path: str
    said: tuple[str, str]
    legend: str
    expr: str
    table: bool

    def __str__(self) -> str:
        return f"{self.path}: {self.said[0]}, {self.said[1]}"

    def seen(self, series: Series) -> tuple[str, ...]:
        """Return what distinguishes a series for a viewer: the labels in its legend, or the columns of its table."""
        if self.table:
            return tuple(value for _, value in sorted(series.labels.items()))
        return tuple(series.labels.get(label, "") for label in _LABEL.findall(self.legend))


def queries(boards: Boards) -> list[Query]:
    """Return every query of boards in any language; English titles and legends say what it is."""
    found = []
    for path, board in boards.items():
        english = panels(boards["en/" + path.split("/")[1]])
        for panel, first in zip(panels(board), english, strict=True):
            for target, read in zip(panel["targets"], first["targets"], strict=True):
                said = first["title"], read["legendFormat"]
                found.append(Query(path, said, target["legendFormat"], target["expr"], panel["type"] == "table"))
    return found


@dataclass
class Shown:
    """Answers of one Prometheus about one snapshot; what was asked once is kept."""

    prometheus: Prometheus
    told: Told
    begin: float
    """Rates are looked at from here on: before any event."""
    off: float = 0.0
    """By what part a number may be off: 0 where the figures are of the very instant that `told` is of."""
    _kept: dict[str, list[Series]] = field(default_factory=dict)
    _chosen: dict[str, list[Chosen]] = field(default_factory=dict)

    async def faults(self, boards: Boards, only: str = "") -> list[str]:
        """Return a sentence for each query, with each choice, that does not show what its panel says."""
        asked = [one for one in queries(boards) if one.path.startswith(only)]
        found = await self._each(boards, asked, self._fault)
        return [fault for fault in found if fault]

    async def silent(self, boards: Boards) -> list[str]:
        """Return the queries that have no data, whatever is chosen."""

        async def has_data(query: Query, chosen: Chosen) -> str:
            return str(query) if await self._answer(query, chosen) else ""

        asked = queries(boards)
        speaking = set(await self._each(boards, asked, has_data))
        return [str(query) for query in asked if str(query) not in speaking]

    async def _each(self, boards: Boards, asked: Sequence[Query], ask: Any) -> list[str]:
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(query: Query, chosen: Chosen) -> str:
            async with limit:
                found: str = await ask(query, chosen)
                return found

        return await asyncio.gather(
            *[one(query, chosen) for query in asked for chosen in await self._choices(query.path, boards)]
        )

    async def _choices(self, path: str, boards: Boards) -> list[Chosen]:
        if path not in self._chosen:
            self._chosen[path] = await choices(boards[path], self.prometheus)
        return self._chosen[path]

    async def _fault(self, query: Query, chosen: Chosen) -> str:
        try:
            series = await self._answer(query, chosen)
        except BadQuery as error:
            return f"{query}: {query.expr}: {error}"
        try:
            wanted = promised(query.path.split("/")[1].removesuffix(".json"), query.said, chosen, self.told)
        except KeyError:
            return f"{query}: nothing says here what such a panel must show: tests/grafana/…promises.py does"
        shown = {query.seen(one): one.value for one in series}
        if len(shown) < len(series):
            return f"{query} {chosen}: {len(series)} series, of which only {len(shown)} can be told apart"
        if not self._equal(shown, wanted):
            return f"{query} {chosen}: {query.expr} shows {shown}, not {dict(wanted)}"
        return ""

    async def _answer(self, query: Query, chosen: Chosen) -> list[Series]:
        asked = filled(query.expr, chosen)
        if asked not in self._kept:
            if "rate(" in asked:
                self._kept[asked] = await self.prometheus.most(asked, self.begin, self.told.asked)
            else:
                self._kept[asked] = await self.prometheus.at(asked, self.told.asked)
        return self._kept[asked]

    def _equal(self, shown: Mapping[tuple[str, ...], float], wanted: Promised) -> bool:
        """Compare; a number may differ by what sums and epoch seconds lose in a float."""
        return shown.keys() == wanted.keys() and all(
            shown[key] == (pytest.approx(one, rel=self.off or 1e-9, abs=1e-5) if isinstance(one, int | float) else one)
            for key, one in wanted.items()
        )
