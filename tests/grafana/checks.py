"""What must hold of a set of dashboards, as sentences about what is wrong: an empty list is a good set."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana.queries import UP, worker_samples
from streams.export import names
from streams.kpis.catalogue import load

Json = dict[str, Any]
Boards = Mapping[str, Json]
"""Path → dashboard."""
NOT_SHOWN = {
    "kpi_numerator": "the panels show the quotient; alerts need it as the size of the sample",
    "kpi_denominator": "the panels show the quotient; alerts need it as the size of the sample",
    "process_virtual_memory_bytes": "resident memory says what a worker costs",
    "process_start_time_seconds": "restarts show in Reached",
    "process_open_fds": "a worker holds as many as it has connections",
    "process_max_fds": "a limit of the machine",
}
"""Metrics without a panel, each with its reason."""
_WORD = re.compile(r"""[a-zA-Z_:][a-zA-Z0-9_:]*""")
_GRID = 24

register_default_plugins()


def panels(board: Json) -> list[Json]:
    """Return the panels that show something."""
    return [one for one in board["panels"] if one["type"] != "row"]


def queries(board: Json) -> list[str]:
    """Return every expression of every panel."""
    return [target["expr"] for panel in panels(board) for target in panel["targets"]]


def choices(board: Json) -> list[str]:
    """Return the selectors whose names a board's variables offer."""
    offered = [one["query"]["query"] for one in board["templating"].get("list", []) if one["type"] == "query"]
    return [re.sub(r"^label_values\((.+), \w+\)$", r"\1", query) for query in offered]


def metrics(query: str) -> set[str]:
    """Return the words of a query that may be metrics: outside of labels, strings and ranges, and no functions."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", " ", query)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    called = set(re.findall(r"([a-zA-Z_]\w*)\s*\(", bare))
    return set(_WORD.findall(bare)) - called - {"unless", "and", "or", "by"}


def known() -> set[str]:
    """Return every metric that the exporter or a worker may expose."""
    return {one.name for one in names.FAMILIES} | worker_samples()


def structure(boards: Boards) -> Iterator[str]:
    """Yield what the SDK's models do not take over as it stands, and what is no classic JSON of schema 42."""
    for path, board in boards.items():
        back = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
        if back != board:
            yield f"{path}: not what the models of the SDK make of it"
        if board["schemaVersion"] != 42:
            yield f"{path}: schemaVersion {board['schemaVersion']}"


def identities(boards: Boards) -> Iterator[str]:
    """Yield UIDs and panel ids that stand twice, and links to nowhere."""
    uids = Counter(board["uid"] for board in boards.values())
    yield from (f"uid {uid} stands {count} times" for uid, count in uids.items() if count > 1)
    for path, board in boards.items():
        ids = Counter(panel["id"] for panel in board["panels"])
        yield from (f"{path}: panel id {number} stands {count} times" for number, count in ids.items() if count > 1)
        targets = {link["url"].removeprefix("/d/") for link in board["links"]}
        yield from (f"{path}: a link to {uid}, which is no board" for uid in targets - uids.keys())
        language = path.split("/")[0]
        missing = {other["uid"] for at, other in boards.items() if at.startswith(language)} - targets - {board["uid"]}
        yield from (f"{path}: no link to {uid}" for uid in missing)


def words(boards: Boards) -> Iterator[str]:
    """Yield panels that do not say what they show, in what unit, or that there are no data."""
    for path, board in boards.items():
        for panel in panels(board):
            at, defaults = f"{path}: panel {panel['title']}", panel["fieldConfig"]["defaults"]
            if not panel.get("description"):
                yield f"{at}: no description"
            if not defaults.get("unit"):
                yield f"{at}: no unit"
            if not defaults.get("noValue"):
                yield f"{at}: says nothing where there are no data"


def places(boards: Boards) -> Iterator[str]:
    """Yield panels that leave the grid or lie over each other."""
    for path, board in boards.items():
        taken: dict[tuple[int, int], str] = {}
        for panel in board["panels"]:
            grid, title = panel["gridPos"], panel["title"]
            left, top = grid.get("x", 0), grid.get("y", 0)
            if left + grid["w"] > _GRID:
                yield f"{path}: panel {title} leaves the grid"
            for cell in ((x, y) for x in range(left, left + grid["w"]) for y in range(top, top + grid["h"])):
                if taken.setdefault(cell, title) is not title:
                    yield f"{path}: panel {title} lies over {taken[cell]}"
                    break


def unknown(boards: Boards) -> Iterator[str]:
    """Yield names in queries that nobody exports."""
    for path, board in boards.items():
        for query in (*queries(board), *choices(board)):
            for name in sorted(metrics(query) - known() - {UP}):
                yield f"{path}: {name} in {query} is no metric of ours"


def orphans(boards: Boards) -> Iterator[str]:
    """Yield metrics that no panel shows, and reasons for not showing what is shown or does not exist."""
    shown = {name for board in boards.values() for query in queries(board) for name in metrics(query)}
    whole = {_family(name) for name in known()}
    seen = {_family(name) for name in shown}
    yield from (f"no panel shows {name}" for name in sorted(whole - seen - NOT_SHOWN.keys()))
    yield from (f"{name} is shown, or does not exist: no reason is needed" for name in NOT_SHOWN if name in seen or name not in whole)  # fmt: skip


def unshown_kpis(boards: Boards) -> Iterator[str]:
    """Yield KPIs that no panel is about, by language."""
    for language in sorted({path.split("/")[0] for path in boards}):
        of_language = [board for path, board in boards.items() if path.startswith(language)]
        every = " ".join(query for board in of_language for query in queries(board))
        yield from (f"{language}: no panel for {kpi}" for kpi in load().kpis if f'kpi="{kpi}"' not in every)


def wall(boards: Boards) -> Iterator[str]:
    """Yield what a TV cannot show: choices, too many tiles, no time of the data."""
    for path, board in boards.items():
        if path.endswith("floor-wall.json"):
            if board["templating"].get("list"):
                yield f"{path}: has variables"
            if len(board["panels"]) > 12:
                yield f"{path}: {len(board['panels'])} tiles"
            if not any(query.startswith(f"min({names.SNAPSHOT.name})") for query in queries(board)):
                yield f"{path}: does not say as of when"


CHECKS = (structure, identities, words, places, unknown, orphans, unshown_kpis, wall)


def faults(boards: Boards) -> list[str]:
    """Return everything that is wrong."""
    return [fault for check in CHECKS for fault in check(boards)]


def _family(sample: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", sample)


def unique(boards: Boards) -> Iterable[str]:
    """Return every different expression: languages share theirs."""
    return dict.fromkeys(query for board in boards.values() for query in queries(board))
