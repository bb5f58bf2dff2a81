"""E-mails: sent → delivered → opened → clicked, people against machines."""

from collections.abc import Sequence

from grafana.board import Board, Placed, Rows, Variable, name_variable, scope_variable, window_variable
from grafana.figures import beside_target, data_as_of, over_time
from grafana.panels import bars
from grafana.signals import NUMBER, Row, Signal
from grafana.words import Say

CHOSEN = Row("$scope", "$name", "$window")
FUNNEL = ("emails_sent", "emails_delivered", "unique_opens", "unique_clicks")
MACHINES = ("emails_opened", "emails_opened_machine", "link_clicks", "link_clicks_machine")
TILES = ("open_rate", "click_rate", "click_to_open_rate")
COURSES = (*FUNNEL, *MACHINES, "open_rate", "click_rate", "click_to_open_rate", "emails_bounced", "emails_unsubscribed")


def _rows(say: Say) -> Rows:
    return [
        ("", [data_as_of(say), *(beside_target(CHOSEN(kpi), say) for kpi in TILES)]),
        (
            say("Funnel", "ファネル"),
            [
                _bars(say("Sent → delivered → opened → clicked", "送信 → 到達 → 開封 → クリック"), FUNNEL, say),
                _bars(say("People and machines", "人と機械"), MACHINES, say),
            ],
        ),
        (say("Against the targets", "目標との比較"), [over_time(CHOSEN(kpi), say) for kpi in COURSES]),
    ]


def _bars(title: str, kpis: Sequence[str], say: Say) -> Placed:
    figures = [CHOSEN(kpi) for kpi in kpis]
    about = " ".join(f"{say.title(one.kpi)}: {say.definition(one.kpi)}" for one in figures)
    signals = [Signal(one.value, say.title(one.kpi), instant=True) for one in figures]
    return bars(title, about, NUMBER, signals, say), 12, 8


def _variables(say: Say) -> list[Variable]:
    scopes = scope_variable(say, ("floor", "team", "campaign"))
    return [scopes, name_variable("name", say("Name", "名前"), "$scope"), window_variable(say)]


BOARD = Board(
    slug="email-and-links",
    title=("E-mail and links", "メールとリンク"),
    description=(
        "Sent, delivered, opened, clicked; people against machines.",
        "送信、到達、開封、クリック。人と機械の比較。",
    ),
    rows=_rows,
    variables=_variables,
)
