"""The board as a rich renderable of at most so many lines; it reads as well without colour."""

import os
from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.demo.board import Board, Silence
from streams.demo.columns import COLUMNS, FLOOR_LINES, TEAM_WINDOW, WINDOWS
from streams.demo.reading import Present, Reading
from streams.spelling import count, minutes
from streams.terminal import visible

WRONG = "bold red"
TABLE_LINES = 3 + FLOOR_LINES + 1
"""Headings, rules and the floor's rows."""
FOOT_LINES = 3
NOTICES = 2


def picture(board: Board, height: int) -> RenderableType:
    """Return the board in at most `height` lines; teams that do not fit are counted."""
    notices = board.notices[-NOTICES:]
    heading = [*_heading(board), *(Text(notice, style="yellow", no_wrap=True) for notice in notices)]
    foot = Text("Ctrl-C ends the demo; its data are kept.", style="dim")
    if not isinstance(board.reading, Reading):
        return Group(*heading, foot)
    room = max(1, height - len(heading) - TABLE_LINES - FOOT_LINES)
    return Group(*heading, _table(board.reading, room), *_present(board.reading.present), foot)


def _heading(board: Board) -> Iterator[Text]:
    at = board.addresses
    yield _line(("Floorcast demo", "bold"), (f" · {board.floor} · board {at.exporter}/", ""))
    yield _line((f"metrics {at.exporter}/metrics · API {at.exporter}/api/kpis  /api/now", ""))
    if at.monitors:
        yield _line((" · ".join(f"{name.title()} {url}" for name, url in sorted(at.monitors.items())), ""))
    yield _line((f"Kafka {at.kafka} · Redis {at.redis} · data {_short(at.data)}", "dim"))
    yield from _state(board)


def _state(board: Board) -> Iterator[Text]:
    reading = board.reading
    if reading is None:
        yield Text("asking the exporter …")
    elif isinstance(reading, Silence):
        said = f"THE EXPORTER DOES NOT ANSWER since {reading.since:%H:%M:%S}: no figures to show"
        yield _line((said, WRONG))
        yield _line((f"({reading.reason})", "dim"))
    else:
        yield _work(board, reading)
        yield _freshness(board, reading)


def _work(board: Board, reading: Reading) -> Text:
    speed = "" if board.per_second is None else f" ({board.per_second:,.0f}/s)".replace(",", " ")
    refused = f"parked {count(reading.parked)} · repeats {count(reading.duplicates)}"
    return _line((f"applied {count(reading.applied)} events{speed} · lag {count(reading.lag)} · {refused}", ""))


def _freshness(board: Board, reading: Reading) -> Text:
    at = f"figures of {reading.at:%H:%M:%S} ({board.age_s:.0f} s ago)"
    since = board.stale_since or {}
    if not reading.stale:
        return _line((f"OLD {at}" if board.old else f"{at} · no topic is stale", WRONG if board.old else ""))
    topics = ", ".join(f"{topic} since {since[topic]:%H:%M:%S}" if topic in since else topic for topic in reading.stale)
    return _line((f"OLD {at} · " if board.old else f"{at} · ", WRONG if board.old else ""), (f"STALE: {topics}", WRONG))


def _table(reading: Reading, room: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("", no_wrap=True, max_width=20, min_width=12)
    table.add_column("window", style="dim", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column.heading, justify="right", no_wrap=True, min_width=6)
    for window in WINDOWS:
        _add_row(table, reading, ("floor", "all", window), "the floor", last=window == WINDOWS[-1])
    teams = reading.teams
    shown = teams if len(teams) <= room else teams[: room - 1]
    for team in shown:
        _add_row(table, reading, ("team", team, TEAM_WINDOW), team)
    if len(shown) < len(teams):
        table.add_row(f"… {len(teams) - len(shown)} more", TEAM_WINDOW)
    return table


def _add_row(table: Table, reading: Reading, key: tuple[str, str, str], name: str, *, last: bool = False) -> None:
    figures = reading.figures.get(key, {})
    cells = [column.cell(figures.get(column.kpi)) for column in COLUMNS]
    table.add_row(Text(visible(name), overflow="ellipsis"), key[2], *cells, end_section=last)


def _present(present: Present) -> Iterator[Text]:
    most = sorted(present.reps.items(), key=lambda state: -state[1])
    states = " · ".join(f"{state.replace('_', ' ')} {number}" for state, number in most)
    yield _line(("reps  ", "bold"), (states or "none at work", ""))
    active = " · ".join(f"{direction} {number}" for direction, number in sorted(present.active.items()))
    longest = f" (longest {minutes(present.longest_s)})" if present.waiting else ""
    yield _line(("calls ", "bold"), (f"waiting {present.waiting}{longest} · active: {active or 'none'}", ""))


def _short(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _line(*parts: tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
