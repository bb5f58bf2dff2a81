"""From Kafka through a worker and Redis to the view: staffed time is what a plain recount of the records gives."""

from zoneinfo import ZoneInfo

from streams.store.protocol import Partition
from streams.view.figures import Figures
from streams.view.view import View
from tests.integration.conftest import Loaded
from tests.integration.recount import HOUR, staffed
from tests.integration.stored import CATALOGUE
from tests.integration.workers import Group

MOMENTS = (0, 20_000, HOUR, 5 * HOUR, 29 * HOUR)
"""How long ago."""


async def test_staffed_time_is_a_recounts_now_and_at_earlier_instants(group: Group, loaded: Loaded) -> None:
    group.start()
    assert await group.finishes(loaded.wanted) == []
    partitions = [Partition(*name) for name in loaded.wanted]
    view = View(group.reader, CATALOGUE, ZoneInfo("UTC"), lambda: partitions)
    now = (await view.refresh()).at_ms
    compared = sum([_compared(await view.at(now - ago), now - ago, loaded) for ago in MOMENTS])
    assert compared > 100


def _compared(figures: Figures, t_ms: int, loaded: Loaded) -> int:
    """Compare every name in every window; return how many had any time."""
    compared = 0
    for scope in ("floor", "team", "rep"):
        for window, span in figures.instant.spans.ranges.items():
            if not span:
                continue
            table = figures.table(scope, window)
            place = [kpi.id for kpi in table.kpis].index("staffed_time")
            wanted = staffed(loaded.wanted.values(), span.from_ms, span.to_ms, t_ms)
            got = {(scope, name): table.figures(number)[place].value for number, name in enumerate(table.names)}
            of_scope = {name: ms / 1000 for name, ms in wanted.items() if name[0] == scope}
            assert {name: value for name, value in got.items() if value} == of_scope, (window, t_ms)
            compared += len(of_scope)
    return compared
