"""How old the figures are, and who is reached."""

from grafana.board import Placed
from grafana.boards.data_health.shapes import Words, line
from grafana.figures import data_as_of
from grafana.panels import bars, tile
from grafana.queries import UP, told
from grafana.signals import NUMBER, Signal
from grafana.words import Say
from streams.export import names
from streams.export.names import Family


def freshness(say: Say) -> list[Placed]:
    """Return the panels."""
    event = ("Age of the latest event time that was applied.", "反映された最新のイベント時刻からの経過。")
    applied = ("Time since a batch was applied last.", "最後にバッチが反映されてからの経過。")
    return [
        data_as_of(say),
        _stale(say),
        _reached(say),
        _lag(say),
        _age(names.WATERMARK, ("Event time", "イベント時刻"), event, say),
        _age(names.APPLIED, ("Last applied", "最終反映"), applied, say),
        _sources(say),
    ]


def _stale(say: Say) -> Placed:
    about = say("1 where a topic's figures are not those of now.", "トピックの数値が現在のものでなければ1。")
    signal = Signal(told(names.STALE), "{{topic}}", instant=True)
    return bars(say("Stale topics", "古いトピック"), about, NUMBER, [signal], say), 10, 6


def _reached(say: Say) -> Placed:
    about = say("1 where Prometheus reaches the exporter or a worker.", "Prometheusが到達できれば1。")
    signal = Signal(f"min by (job) ({UP})", "{{job}}", instant=True)
    return tile(say("Reached", "到達"), about, NUMBER, [signal], say), 8, 6


def _lag(say: Say) -> Placed:
    about = ("Records in Kafka that are not applied yet.", "Kafkaにあり、まだ反映されていないレコード。")
    return line(("Lag", "遅れ"), about, NUMBER, [Signal(f"sum by (topic) ({told(names.LAG)})", "{{topic}}")], say)


def _age(of: Family, title: Words, about: Words, say: Say) -> Placed:
    return line(title, about, "s", [Signal(f"time() - max by (topic) ({of.name})", "{{topic}}")], say)


def _sources(say: Say) -> Placed:
    about = ("Time since the latest event of each source.", "発生元ごとの最新イベントからの経過。")
    return line(("Sources", "発生元"), about, "s", [Signal(f"time() - {told(names.SOURCE)}", "{{source}}")], say)
