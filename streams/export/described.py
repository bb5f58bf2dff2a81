"""What a board must know beside figures: the floor, and what each KPI is."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from streams.export.answers import encode
from streams.floor.model import Floor
from streams.kpis.catalogue import Catalogue
from streams.kpis.definitions import definitions_ja
from streams.kpis.model import Kpi
from streams.kpis.windows import WINDOWS, local_date
from streams.view.view import View


def described(floor: Floor, view: View, scopes: Sequence[str], board: str) -> bytes:
    """Return the answer to `/api/catalogue`; `board` says which make of the page is served. Raises Loading."""
    catalogue = floor.catalogue()
    return encode(
        {
            "floor": {"name": floor.name, "timezone": floor.timezone, "currency": floor.currency},
            "windows": WINDOWS,
            "scopes": scopes,
            "kpis": [_kpi(kpi, catalogue) for kpi in catalogue.kpis.values()],
            "targets": list(_targets(floor, local_date(view.now_ms(), view.days.zone))),
            "board": board,
        }
    )


def _kpi(kpi: Kpi, catalogue: Catalogue) -> dict[str, Any]:
    definition = {"en": kpi.definition}
    if (japanese := definitions_ja().get(kpi.id)) is not None:
        definition["ja"] = japanese
    return {
        "kpi": kpi.id,
        "title": kpi.title,
        "definition": definition,
        "group": kpi.group,
        "unit": kpi.unit,
        "kind": kpi.kind,
        "better": kpi.better,
        "scopes": kpi.scopes,
        "topics": sorted(catalogue.topics(kpi)),
    }


def _targets(floor: Floor, day: date) -> Iterator[dict[str, str]]:
    """Yield what has a target on a date, in the order of the file."""
    for target in floor.targets:
        if target.is_valid_on(day):
            yield {"kpi": target.kpi, "scope": target.scope, "name": target.name, "window": target.window}
