"""A team lead's desk: one team against its targets."""

from grafana.board import Board, Placed, Rows, Variable, name_variable, window_variable
from grafana.figures import beside_target, data_as_of, over_time
from grafana.panels import attainment_bars, bars, stacked
from grafana.queries import told
from grafana.signals import NUMBER, SHARE, Row, Signal
from grafana.words import Say
from streams.export.names import ACTIVE, PACE, REPS

TEAM = Row("team", "$team", "$window")
TILES = ("calls_handled", "dials", "conversations")
COURSES = (
    *("calls_inbound", "dials", "connect_rate", "conversations", "conversation_rate", "calls_handled"),
    *("talk_time", "average_handle_time", "handle_p90", "occupancy", "staffed_time", "dials_per_hour"),
    *("conversations_per_hour", "touches", "customers_covered"),
)
BALANCE = ("call_time_share", "non_call_work_share", "idle_share", "away_share")


def _rows(say: Say) -> Rows:
    return [
        ("", [data_as_of(say), *(beside_target(TEAM(kpi), say) for kpi in TILES)]),
        (say("Now and pace", "現在とペース"), [_states(say), _active(say), _pace(say)]),
        (say("Time balance", "時間配分"), [_balance(say)]),
        (say("Against the targets", "目標との比較"), [over_time(TEAM(kpi), say) for kpi in COURSES]),
    ]


def _states(say: Say) -> Placed:
    about = say("Reps of the team by state now.", "チームのオペレーターの現在の状態別人数。")
    signal = Signal(told(REPS, team="$team"), "{{state}}", instant=True)
    return bars(say("Reps by state", "状態別人数"), about, NUMBER, [signal], say), 8, 8


def _active(say: Say) -> Placed:
    about = say("Calls of the team that are answered and not ended.", "応答済みで終了していないチームの通話。")
    signal = Signal(told(ACTIVE, team="$team"), "{{direction}}", instant=True)
    return bars(say("Active calls", "通話中"), about, NUMBER, [signal], say), 8, 8


def _pace(say: Say) -> Placed:
    about = say(
        "Value over what the target expects by now in working time: 100 % is on pace.",
        "現時点までの稼働時間で目標が求める値に対する実績。100 %で予定どおり。",
    )
    signal = Signal(told(PACE, scope="team", name="$team", window="$window"), "{{kpi}}", instant=True)
    return attainment_bars(say("Pace", "ペース"), about, [signal], say), 8, 8


def _balance(say: Say) -> Placed:
    kpis = [TEAM(kpi) for kpi in BALANCE]
    about = " ".join(f"{say.title(one.kpi)}: {say.definition(one.kpi)}" for one in kpis)
    signals = [Signal(one.value, say.title(one.kpi)) for one in kpis]
    return stacked(say("Time balance", "時間配分"), about, SHARE, signals, say), 24, 8


def _variables(say: Say) -> list[Variable]:
    return [name_variable("team", say("Team", "チーム"), "team"), window_variable(say)]


BOARD = Board(
    slug="team",
    title=("Team", "チーム"),
    description=("One team: values against targets, time balance, pace.", "1チームの実績と目標、時間配分、ペース。"),
    rows=_rows,
    variables=_variables,
)
