"""The variables of a board, filled in as Grafana does, and the panels that come of them."""

import re
from collections.abc import AsyncIterator, Mapping
from itertools import cycle
from typing import Any

from tests.grafana.prometheus import SCRAPE_S, Prometheus

Chosen = Mapping[str, str]
"""Variable → value."""
_LABEL_VALUES = re.compile(r"label_values\((.+), (\w+)\)")
_RATE_INTERVAL = f"{4 * SCRAPE_S}s"


def filled(text: str, chosen: Chosen) -> str:
    """Return a text with its variables filled in. Raises KeyError for one that the board does not have."""
    given = {"__rate_interval": _RATE_INTERVAL, **chosen}
    return re.sub(r"\$(\w+)", lambda found: given[found[1]], text)


async def choices(board: Mapping[str, Any], prometheus: Prometheus) -> list[Chosen]:
    """Return some of what can be chosen: of each scope the first name in the window that is chosen at first, and the
    last name in one of the other windows, which take turns.
    """
    variables = {one["name"]: one for one in board["templating"].get("list", [])}
    named = [ends async for ends in _ends(variables, prometheus)]
    if "window" not in variables:
        return [first for first, _ in named]
    first_window = variables["window"]["current"]["value"]
    others = cycle(window for window in _offered(variables["window"]) if window != first_window)
    return [
        {**names, "window": window}
        for first, last in named
        for names, window in ((first, first_window), (last, next(others)))
    ]


async def _ends(variables: Mapping[str, Any], prometheus: Prometheus) -> AsyncIterator[tuple[Chosen, Chosen]]:
    """Yield the first and the last name of each scope."""
    queries = {name: one["query"]["query"] for name, one in variables.items() if one["type"] == "query"}
    scopes: list[Chosen] = [{}]
    if "scope" in variables:
        scopes = [{"scope": scope} for scope in _offered(variables["scope"])]
    for scope in scopes:
        for variable, query in queries.items():
            asked = _LABEL_VALUES.fullmatch(query)
            assert asked, query
            names = await prometheus.names(asked[2], filled(asked[1], scope))
            yield {**scope, variable: names[0]}, {**scope, variable: names[-1]}
        if not queries:
            yield scope, scope


def _offered(variable: Mapping[str, Any]) -> list[str]:
    return [each.rpartition(" : ")[2] for each in variable["query"].split(",")]
