"""Which target applies to each figure of a table."""

from collections.abc import Iterator
from datetime import date

from streams.floor.model import Target
from streams.targets import Targets
from streams.targets.choice import applying
from streams.view.figures import OTHER
from streams.view.tables import Table


def applied(targets: Targets, table: Table, day: date) -> Iterator[tuple[int, int, Target]]:
    """Yield place of the name, place of the KPI, and the target that applies on the floor's date."""
    by_kpi = targets.of(table.scope, table.window)
    if not by_kpi:
        return
    for place, kpi in enumerate(table.kpis):
        if named := by_kpi.get(kpi.id):
            for number, name in enumerate(table.names):
                if name != OTHER and (target := applying(named, name, day)):
                    yield number, place, target
