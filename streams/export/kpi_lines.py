"""The series of KPIs: most of the page, and so written with as little work for a number as there can be.

What stands before the numbers never changes for a table's names; it is kept as one format string for all cells that
have a number, and filled in at one stroke. A table that is the same as before is not written again.
"""

from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np

from streams.export.judgement import Judge, Judgements, Owner
from streams.export.labels import escaped, series
from streams.export.lines import Lines, Sample, together, written
from streams.export.names import (
    ATTAINMENT,
    DENOMINATOR,
    FORECAST,
    NUMERATOR,
    PACE,
    REQUIRED,
    TARGET,
    VALUE,
    WORKED,
    Family,
)
from streams.floor.model import FLOOR_NAME
from streams.kpis.model import Scope
from streams.view.arrays import Floats
from streams.view.tables import Table

NUMBERS = (VALUE, NUMERATOR, DENOMINATOR)
NAME = "\0"
"""Stands for a name until it is put in."""
FLOOR: Owner = (Scope.FLOOR.value, FLOOR_NAME)
JUDGED = (TARGET, ATTAINMENT, PACE, FORECAST, REQUIRED)


class Cells:
    """The lines of one family for the cells of a table; cells without a number (NaN) have none."""

    def __init__(self, cells: Sequence[str]) -> None:
        self._formats = [cell.replace("%", "%%") + " %r\n" for cell in cells]
        self._filled = b""
        self._format = ""

    def write(self, numbers: Floats) -> Lines:
        """Return the lines of the cells, row by row."""
        flat = numbers.ravel()
        filled = ~np.isnan(flat)
        key = filled.tobytes()
        if key != self._filled:
            self._format = "".join(compress(self._formats, filled.tolist()))
            self._filled = key
        present = flat[filled].tolist()
        return Lines(self._format % tuple(present), len(present))


class TableLines:
    """The lines of one scope in one window."""

    def __init__(self) -> None:
        self._table: Table | None = None
        self._cells: tuple[Cells, ...] = ()
        self.lines: tuple[Lines, ...] = ()
        """By family of NUMBERS."""

    def follow(self, table: Table) -> bool:
        """Take up the table; say whether there was anything to do."""
        before = self._table
        if table is before:
            return False
        if before is None or before.names != table.names or before.kpis != table.kpis:
            self._cells = tuple(Cells(_series(family, table)) for family in NUMBERS)
        numbers = (table.value, table.numerator, table.denominator)
        self.lines = tuple(cells.write(array) for cells, array in zip(self._cells, numbers, strict=True))
        self._table = table
        return True


def _series(family: Family, table: Table) -> list[str]:
    """Return the series of a table's cells: each name is escaped once, and then only put in its place."""
    around = [series(family, (kpi.id, table.scope, NAME, table.window)).split(escaped(NAME)) for kpi in table.kpis]
    return [f"{before}{name}{after}" for name in map(escaped, table.names) for before, after in around]


def families(tables: Iterable[TableLines]) -> Lines:
    """Return the numbers of all tables, each family in one piece."""
    tables = list(tables)
    by_family = [together(table.lines[place] for table in tables) for place in range(len(NUMBERS))]
    return together(
        Lines(family.header + lines.text, lines.series)
        for family, lines in zip(NUMBERS, by_family, strict=True)
        if lines.series
    )


def judged(tables: Iterable[tuple[Table, Judgements]]) -> Lines:
    """Return what the targets say of the tables."""
    samples: dict[str, list[Sample]] = {family.name: [] for family in JUDGED}
    for table, judgements in tables:
        for (name, place), one in judgements.items():
            labels = (table.kpis[place].id, table.scope, table.names[name], table.window)
            for family, number in zip(JUDGED, one.numbers, strict=True):
                if number is not None:
                    bound = (str(one.bound),) if family is TARGET else ()
                    samples[family.name].append(((*labels, *bound), number))
    return together(written(family, samples[family.name]) for family in JUDGED)


def worked_lines(tables: Iterable[tuple[Table, Judgements]], judge: Judge, t_ms: int) -> Lines:
    """Return for how long working time has lasted: for the floor and for everybody whom a target judges."""
    owners = {(table.scope, table.names[name]) for table, judgements in tables for name, _ in judgements}
    worked = judge.worked_ms(sorted(owners | {FLOOR}), t_ms)
    return written(WORKED, ((owner, ms / 1000) for owner, ms in worked.items()))
