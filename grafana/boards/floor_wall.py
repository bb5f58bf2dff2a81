"""The TV on the wall: at most twelve tiles, readable from five metres, no choices."""

from grafana.board import Board, Rows
from grafana.figures import beside_target, data_as_of
from grafana.panels import tile
from grafana.queries import fresh, or_none, told
from grafana.signals import FLOOR, NUMBER, Signal
from grafana.words import Say
from streams.export.names import LONGEST_WAIT, WAITING

TILES = (
    *(("service_level", "30m"), ("abandon_rate", "today"), ("average_speed_of_answer", "30m")),
    *(("dials", "today"), ("connect_rate", "1h"), ("average_handle_time", "1h"), ("conversations", "today")),
    *(("emails_sent", "today"), ("meetings_booked", "today"), ("deals_won", "today")),
)


def _rows(say: Say) -> Rows:
    waiting = [
        Signal(fresh(or_none(f"sum({told(WAITING)})"), ["calls"]), say("Waiting", "待ち呼"), instant=True),
        Signal(fresh(or_none(f"max({LONGEST_WAIT.name})"), ["calls"]), say("Longest, s", "最長（秒）"), instant=True),
    ]
    about = say(
        "Calls that wait in a queue now, and how long the first of them has waited.",
        "現在キューで待っている通話の数と、最も長く待っている通話の待ち時間。",
    )
    now = (tile(say("Waiting now", "現在の待ち呼"), about, NUMBER, waiting, say, decimals=0), 6, 6)
    return [("", [data_as_of(say), now, *(beside_target(FLOOR(kpi, window), say) for kpi, window in TILES)])]


BOARD = Board(
    slug="floor-wall",
    title=("Floor wall", "フロアウォール"),
    description=("The floor at a glance, for the TV on the wall.", "壁のテレビ用に、フロアの状況を一目で示す。"),
    rows=_rows,
    refresh="5s",
    begin="now-1h",
)
