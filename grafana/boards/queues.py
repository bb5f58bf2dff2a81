"""Who answers: service level, waits, abandons, and who waits now."""

from grafana.board import Board, Placed, Rows, Variable, name_variable, window_variable
from grafana.figures import beside_target, data_as_of, over_time
from grafana.panels import bars
from grafana.queries import told
from grafana.signals import NUMBER, Row, Signal
from grafana.words import Say
from streams.export.names import LONGEST_WAIT, WAITING

QUEUE = Row("queue", "$queue", "$window")
TILES = ("service_level", "average_speed_of_answer", "abandon_rate")
COURSES = (
    *("service_level", "average_speed_of_answer", "wait_p50", "wait_p90", "abandon_rate", "answer_rate"),
    *("calls_offered", "calls_answered", "calls_abandoned", "average_handle_time"),
)


def _rows(say: Say) -> Rows:
    return [
        ("", [data_as_of(say), *(beside_target(QUEUE(kpi), say) for kpi in TILES)]),
        (say("Now, every queue", "現在（全キュー）"), [_waiting(say), _longest(say)]),
        (say("Against the targets", "目標との比較"), [over_time(QUEUE(kpi), say) for kpi in COURSES]),
    ]


def _waiting(say: Say) -> Placed:
    about = say("Calls that wait in a queue now.", "現在キューで待っている通話の数。")
    signal = Signal(told(WAITING), "{{queue}}", instant=True)
    return bars(say("Waiting now", "現在の待ち呼"), about, NUMBER, [signal], say), 12, 8


def _longest(say: Say) -> Placed:
    about = say("How long the first of the waiting calls has waited.", "最も長く待っている通話の待ち時間。")
    signal = Signal(told(LONGEST_WAIT), "{{queue}}", instant=True)
    return bars(say("Longest wait", "最長待ち時間"), about, "s", [signal], say), 12, 8


def _variables(say: Say) -> list[Variable]:
    return [name_variable("queue", say("Queue", "キュー"), "queue"), window_variable(say)]


BOARD = Board(
    slug="queues",
    title=("Queues", "キュー"),
    description=("Service level, wait, abandon, waiting now.", "サービスレベル、待ち時間、放棄、現在の待ち呼。"),
    rows=_rows,
    variables=_variables,
)
