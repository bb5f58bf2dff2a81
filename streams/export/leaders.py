"""The best names of a KPI."""

import numpy as np

from schemas.events.fields import UNASSIGNED
from streams.kpis.model import Better
from streams.view.figures import OTHER
from streams.view.tables import Table


def leaders(table: Table, kpi: int, most: int) -> frozenset[int]:
    """Return the rows of the `most` best names in the KPI at a place of the table, first by name among equals.

    Only those that have a value, and that are somebody's: not `unassigned`, and not what is left over.
    """
    values = table.value[:, kpi]
    known = [
        number
        for number, name in enumerate(table.names)
        if name not in {UNASSIGNED, OTHER} and values[number] == values[number]
    ]
    sign = 1 if table.kpis[kpi].better is Better.LOWER else -1
    ranked = np.argsort(sign * values[known], kind="stable")[:most]
    return frozenset(known[place] for place in ranked.tolist())
