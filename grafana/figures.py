"""Panels that boards share: how fresh the figures are, and a KPI beside its target."""

from grafana.board import Placed
from grafana.panels import GREEN, RED, Property, course_to_target, judged_tile, tile, word
from grafana.queries import told
from grafana.signals import Figure, Signal, against_target, judged
from grafana.words import Say
from streams.export.names import SNAPSHOT, STALE

CLOCK = "time:HH:mm:ss"


def data_as_of(say: Say) -> Placed:
    """Return when the figures were read, and whether any topic is stale."""
    signals = [
        Signal(f"min({SNAPSHOT.name}) * 1000", say("Data as of", "データ時刻"), instant=True),
        Signal(f"sum({told(STALE)})", say("State", "状態"), instant=True),
    ]
    about = say(
        "When the figures were read from the store. STALE: the figures of a topic are not those of now.",
        "数値を読み出した時刻。「古い」は、現在の数値でないトピックがあることを示す。",
    )
    panel = tile(say("Data as of", "データ時刻"), about, CLOCK, signals, say)
    words = [word(0, say("● LIVE", "● 最新"), GREEN).to_json()]
    rest = {
        "type": "range",
        "options": {"from": 1, "to": None, "result": {"text": say("▲ STALE", "▲ 古い"), "color": RED}},
    }
    panel.override_by_query("B", [Property("unit", "none"), Property("mappings", [*_plain(words), rest])])
    return panel, 6, 6


def _plain(mappings: list[dict[str, object]]) -> list[object]:
    return [{**one, "options": {key: value.to_json() for key, value in one["options"].items()}} for one in mappings]  # type: ignore[attr-defined]


def beside_target(figure: Figure, say: Say, *, width: int = 6, height: int = 6) -> Placed:
    """Return a KPI's value, target and attainment now."""
    made = judged_tile(
        titled(figure, say), say.definition(figure.kpi), figure.unit, judged(figure, say), say, decimals=figure.decimals
    )
    return made, width, height


def over_time(figure: Figure, say: Say, *, width: int = 8, height: int = 7) -> Placed:
    """Return a KPI's value against its dashed target over time."""
    made = course_to_target(
        titled(figure, say), say.definition(figure.kpi), figure.unit, against_target(figure, say), say
    )
    return made, width, height


def titled(figure: Figure, say: Say) -> str:
    """Return a KPI's title with its window."""
    return f"{say.title(figure.kpi)} · {say.window(figure.window)}"
