"""The board in one plain line, for logs."""

from streams.demo.board import Board, Silence
from streams.demo.columns import COLUMNS
from streams.spelling import count


def status_line(board: Board) -> str:
    """Return it."""
    reading = board.reading
    if reading is None:
        return f"{board.now:%H:%M:%S} asking the exporter …"
    if isinstance(reading, Silence):
        return f"{board.now:%H:%M:%S} the exporter does not answer since {reading.since:%H:%M:%S}: {reading.reason}"
    today = reading.figures.get(("floor", "all", "today"), {})
    figures = ", ".join(
        f"{column.kpi} {column.cell(today.get(column.kpi)).replace(' %', '%')}" for column in COLUMNS[:6]
    )
    speed = "" if board.per_second is None else f" ({board.per_second:.0f}/s)"
    stale = f"STALE {', '.join(reading.stale)}" if reading.stale else "nothing stale"
    old = f", OLD by {board.age_s:.0f} s" if board.old else ""
    work = f"applied {count(reading.applied)}{speed}, lag {count(reading.lag)}, {stale}{old}"
    return f"{reading.at:%H:%M:%S} {work}; today: {figures}"
