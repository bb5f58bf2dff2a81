"""Every KPI beside its target, the floor's own ones too: one table for each unit, and the day as a state timeline."""

from grafana.board import Board, Placed, Rows, Variable, name_variable, scope_variable, window_variable
from grafana.figures import data_as_of
from grafana.panels import Property, attainment_properties, day, rows
from grafana.queries import select, told
from grafana.signals import ADDITIVE, CATALOGUE, UNITS, Signal
from grafana.words import Say
from streams.export.names import ATTAINMENT, FORECAST, INFO, PACE, REQUIRED, TARGET, VALUE, Family
from streams.kpis.model import Unit

UNIT_TITLES = {
    Unit.COUNT: ("Counts", "件数"),
    Unit.RATIO: ("Shares", "割合"),
    Unit.SECONDS: ("Times", "時間"),
    Unit.CURRENCY: ("Amounts", "金額"),
    Unit.PER_HOUR: ("Per hour", "時間当たり"),
}
WITH_PACE = {kpi.unit for kpi in CATALOGUE.kpis.values() if kpi.kind in ADDITIVE}


def _rows(say: Say) -> Rows:
    return [
        ("", [data_as_of(say), _day(say)]),
        *((say(*title), [_table(unit, title, say)]) for unit, title in UNIT_TITLES.items()),
    ]


def _chosen(family: Family) -> str:
    return told(family, scope="$scope", name="$name", window="$window")


def _of_unit(family: Family, unit: Unit) -> str:
    by = "kpi, bound" if family is TARGET else "kpi"
    of_unit = f"max by (kpi) ({select(INFO, unit=unit.value)})"
    return f"sum by ({by}) ({_chosen(family)} * on (kpi) group_left () {of_unit})"


def _table(unit: Unit, title: tuple[str, str], say: Say) -> Placed:
    columns = [
        (VALUE, say("Value", "実績")),
        (TARGET, say("Target", "目標")),
        (ATTAINMENT, say("Attainment", "達成率")),
    ]
    if unit in WITH_PACE:
        columns += [
            (PACE, say("Pace", "ペース")),
            (FORECAST, say("Forecast", "着地見込")),
            (REQUIRED, say("Needed per hour", "毎時必要数")),
        ]
    signals = [Signal(_of_unit(family, unit), head, instant=True) for family, head in columns]
    about = say(
        "Every KPI of this unit: value, target (min: at least, max: at most), attainment; where the value adds up, "
        "also pace, forecast at the end of the window, and what each working hour left must bring.",
        "この単位のすべてのKPI。実績、目標（min：以上、max：以下）、達成率。加算できるものはペース、着地見込、"
        "残り稼働時間1時間当たりの必要数も示す。",
    )
    heads = {"kpi": "KPI", "bound": say("Bound", "上限・下限")}
    panel = rows(say(*title), about, UNITS[unit], signals, say, heads=heads)
    for head in (say("Attainment", "達成率"), say("Pace", "ペース")):
        panel.override_by_name(head, attainment_properties())
    panel.override_by_name("KPI", [Property("mappings", _titles(unit, say))])
    return panel, 24, 10


def _titles(unit: Unit, say: Say) -> list[object]:
    """Return ids as people know them; a floor's own KPI keeps its id."""
    options = {kpi.id: {"text": say.title(kpi)} for kpi in CATALOGUE.kpis.values() if kpi.unit is unit}
    return [{"type": "value", "options": options}]


def _day(say: Say) -> Placed:
    about = say(
        "The attainment of every KPI with a target over the day: on target from 100 %, close from 90 %.",
        "目標のあるすべてのKPIの一日の達成状況。100 %以上は達成、90 %以上はあと少し。",
    )
    panel = day(say("The day", "一日の流れ"), about, [Signal(_chosen(ATTAINMENT), "{{kpi}}")], say)
    for kpi in CATALOGUE.kpis.values():
        panel.override_by_name(kpi.id, [Property("displayName", say.title(kpi))])
    return panel, 18, 10


def _variables(say: Say) -> list[Variable]:
    scopes = scope_variable(say, ("floor", "team", "queue", "campaign"))
    return [scopes, name_variable("name", say("Name", "名前"), "$scope"), window_variable(say)]


BOARD = Board(
    slug="targets",
    title=("Targets", "目標"),
    description=(
        "Every KPI: value, target, attainment, pace, forecast.",
        "全KPIの実績、目標、達成率、ペース、着地見込。",
    ),
    rows=_rows,
    variables=_variables,
    begin="now/d",
)
