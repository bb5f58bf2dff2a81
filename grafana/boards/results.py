"""What came of it: leads → meetings → deals."""

from grafana.board import Board, Placed, Rows, Variable, name_variable, scope_variable, window_variable
from grafana.figures import beside_target, data_as_of, over_time
from grafana.panels import bars
from grafana.signals import NUMBER, Row, Signal
from grafana.words import Say

CHOSEN = Row("$scope", "$name", "$window")
FUNNEL = ("leads_created", "leads_converted", "meetings_booked", "meetings_held", "deals_won", "deals_lost")
TILES = ("deals_won", "closing_rate", "lead_conversion")
COURSES = (
    *(*FUNNEL, "won_amount", "closing_rate", "lead_conversion", "meeting_set_rate", "meeting_held_rate"),
    *("calls_per_meeting", "touches_per_deal", "prospects", "customers_covered"),
)


def _rows(say: Say) -> Rows:
    return [
        ("", [data_as_of(say), *(beside_target(CHOSEN(kpi), say) for kpi in TILES)]),
        (say("Funnel", "ファネル"), [_funnel(say)]),
        (say("Against the targets", "目標との比較"), [over_time(CHOSEN(kpi), say) for kpi in COURSES]),
    ]


def _funnel(say: Say) -> Placed:
    figures = [CHOSEN(kpi) for kpi in FUNNEL]
    about = " ".join(f"{say.title(one.kpi)}: {say.definition(one.kpi)}" for one in figures)
    signals = [Signal(one.value, say.title(one.kpi), instant=True) for one in figures]
    return bars(say("Leads → meetings → deals", "リード → 商談 → 案件"), about, NUMBER, signals, say), 24, 8


def _variables(say: Say) -> list[Variable]:
    scopes = scope_variable(say, ("floor", "team", "campaign"))
    return [scopes, name_variable("name", say("Name", "名前"), "$scope"), window_variable(say)]


BOARD = Board(
    slug="results",
    title=("Results", "成果"),
    description=("Leads, meetings, deals, closing rate, conversion.", "リード、商談、案件、成約率、転換率。"),
    rows=_rows,
    variables=_variables,
)
