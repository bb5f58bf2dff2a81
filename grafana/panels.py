"""Signals → panels. Colour is never the only sign: numbers, words and dashes say the same."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as models
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from grafana.signals import SHARE, Signal
from grafana.words import Say

Panel = stat.Panel | timeseries.Panel | statetimeline.Panel | table.Panel | bargauge.Panel
P = TypeVar("P", stat.Panel, timeseries.Panel, statetimeline.Panel, table.Panel, bargauge.Panel)
SOURCE = models.DataSourceRef(type_val="prometheus", uid="floorcast")
"""As provisioning/datasources names it."""
CLOSE, REACHED = 0.9, 1.0
"""The static steps of attainment."""
RED, ORANGE, GREEN = "red", "orange", "green"
Property = dashboard.DynamicConfigValue
REFS = "ABCDEFGH"


def tile(
    title: str, description: str, unit: str, signals: Sequence[Signal], say: Say, *, decimals: int | None = None
) -> stat.Panel:
    """Return numbers of now, each with its name."""
    panel = stat.Panel().text_mode(models.BigValueTextMode.VALUE_AND_NAME).graph_mode(models.BigValueGraphMode.NONE)
    panel.color_mode(models.BigValueColorMode.VALUE).color_scheme(_plain())
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    return _said(panel, title, description, unit, signals, say, decimals)


def judged_tile(
    title: str, description: str, unit: str, signals: Sequence[Signal], say: Say, *, decimals: int | None = None
) -> stat.Panel:
    """Return value, target and attainment (A, B, C); the attainment is coloured by static steps."""
    panel = tile(title, description, unit, signals, say, decimals=decimals)
    return panel.override_by_query("C", attainment_properties())


def course(
    title: str, description: str, unit: str, signals: Sequence[Signal], say: Say, *, decimals: int | None = None
) -> timeseries.Panel:
    """Return lines over time."""
    panel = timeseries.Panel().line_width(2).fill_opacity(0).show_points(models.VisibilityMode.NEVER)
    panel.legend(common.VizLegendOptions().display_mode(models.LegendDisplayMode.LIST).show_legend(True))
    panel.tooltip(common.VizTooltipOptions().mode(models.TooltipDisplayMode.MULTI))
    return _said(panel, title, description, unit, signals, say, decimals)


def course_to_target(
    title: str, description: str, unit: str, signals: Sequence[Signal], say: Say, *, decimals: int | None = None
) -> timeseries.Panel:
    """Return value (A) and dashed target (B) over time."""
    panel = course(title, description, unit, signals, say, decimals=decimals)
    dashed = [Property("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}), Property("custom.lineWidth", 1)]
    return panel.override_by_query("B", dashed)


def stacked(title: str, description: str, unit: str, signals: Sequence[Signal], say: Say) -> timeseries.Panel:
    """Return parts of a whole over time."""
    panel = course(title, description, unit, signals, say)
    return panel.fill_opacity(40).stacking(common.StackingConfig().mode(models.StackingMode.NORMAL).group("A"))


def bars(
    title: str, description: str, unit: str, signals: Sequence[Signal], say: Say, *, decimals: int | None = 0
) -> bargauge.Panel:
    """Return numbers of now as bars under each other."""
    panel = bargauge.Panel().orientation(models.VizOrientation.HORIZONTAL).color_scheme(_plain())
    panel.display_mode(models.BarGaugeDisplayMode.BASIC).min(0)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    return _said(panel, title, description, unit, signals, say, decimals)


def attainment_bars(title: str, description: str, signals: Sequence[Signal], say: Say) -> bargauge.Panel:
    """Return ratios to a target as bars, coloured by the static steps."""
    panel = bars(title, description, SHARE, signals, say)
    return panel.thresholds(_steps()).color_scheme(builders.FieldColor().mode(dashboard.FieldColorModeId.THRESHOLDS))


def day(title: str, description: str, signals: Sequence[Signal], say: Say) -> statetimeline.Panel:
    """Return attainment over time as words."""
    panel = statetimeline.Panel().merge_values(True).show_value(models.VisibilityMode.AUTO).row_height(0.8)
    panel.mappings(
        [
            _range(REACHED, None, say("✓ on target", "✓ 達成"), GREEN),
            _range(CLOSE, REACHED, say("~ close", "~ あと少し"), ORANGE),
            _range(None, CLOSE, say("✗ behind", "✗ 未達"), RED),
        ]
    )
    panel.thresholds(_steps()).color_scheme(builders.FieldColor().mode(dashboard.FieldColorModeId.THRESHOLDS))
    return _said(panel, title, description, SHARE, signals, say, None)


def rows(
    title: str,
    description: str,
    unit: str,
    signals: Sequence[Signal],
    say: Say,
    *,
    heads: Mapping[str, str],
    decimals: int | None = None,
) -> table.Panel:
    """Return a table: one line for each label set, one column for each signal, whose legends are the heads."""
    renamed = {f"Value #{ref}": one.legend for ref, one in zip(REFS, signals, strict=False)}
    panel = table.Panel().cell_height(models.TableCellHeight.SM)
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={}))
    organize = {"excludeByName": {"Time": True}, "renameByName": {**heads, **renamed}}
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="organize", options=organize))
    return _said(panel, title, description, unit, signals, say, decimals)


def attainment_properties() -> list[Property]:
    """Return what makes a number an attainment: its unit, its steps, their colours."""
    steps = [{"value": step.value, "color": step.color} for step in _levels()]
    return [
        Property("unit", SHARE),
        Property("decimals", 0),
        Property("color", {"mode": "thresholds"}),
        Property("thresholds", {"mode": "absolute", "steps": steps}),
    ]


def word(value: int, text: str, color: str) -> dashboard.ValueMap:
    """Return a mapping of one value to a word."""
    return dashboard.ValueMap({str(value): dashboard.ValueMappingResult(text=text, color=color)})


def _range(low: float | None, high: float | None, text: str, color: str) -> dashboard.RangeMap:
    result = dashboard.ValueMappingResult(text=text, color=color)
    return dashboard.RangeMap(dashboard.DashboardRangeMapOptions(low, high, result))


def _levels() -> list[dashboard.Threshold]:
    levels = ((None, RED), (CLOSE, ORANGE), (REACHED, GREEN))
    return [dashboard.Threshold(value, color) for value, color in levels]


def _steps() -> builders.ThresholdsConfig:
    return builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(_levels())


def _plain() -> Builder[dashboard.FieldColor]:
    return builders.FieldColor().mode(dashboard.FieldColorModeId.FIXED).fixed_color("text")


def _said(
    panel: P, title: str, description: str, unit: str, signals: Sequence[Signal], say: Say, decimals: int | None
) -> P:
    panel.title(title).description(description).unit(unit).datasource(SOURCE)
    panel.no_value(say("no data", "データなし"))
    if decimals is not None:
        panel.decimals(decimals)
    as_table = isinstance(panel, table.Panel)
    for ref, one in zip(REFS, signals, strict=False):
        panel.with_target(_query(ref, one, as_table=as_table))
    return panel


def _query(ref: str, signal: Signal, *, as_table: bool) -> prometheus.Dataquery:
    query = prometheus.Dataquery().datasource(SOURCE).ref_id(ref).expr(signal.query).legend_format(signal.legend)
    query = query.instant() if signal.instant else query.range()
    return query.format(PromQueryFormat.TABLE if as_table else PromQueryFormat.TIME_SERIES)
