"""What became of the events, and what was lost on the way."""

from grafana.board import Placed
from grafana.boards.data_health.shapes import Words, line, now, told_rate_by
from grafana.queries import told
from grafana.signals import Signal
from grafana.words import Say
from streams.export import names


def events(say: Say) -> list[Placed]:
    """Return the panels."""
    return [
        _counted("applied", ("Applied a second", "毎秒反映"), ("Events applied a second.", "毎秒反映されたイベント。"), say),
        _counted("duplicate", ("Duplicates a second", "毎秒重複"), ("Repeats a second, counted once.", "毎秒の重複。1回だけ数える。"), say),
        _counted("late", ("Late a second", "毎秒遅延"), ("Applied events that arrived over 60 s late.", "60秒以上遅れて届き、反映されたイベント。"), say),
        _parked(say),
        _gaps(say),
        _other_currency(say),
        _working_time(say),
        _without_news(say),
    ]  # fmt: skip


def _counted(result: str, title: Words, about: Words, say: Say) -> Placed:
    return line(title, about, "eps", [Signal(told_rate_by("topic", names.EVENTS, result=result), "{{topic}}")], say)


def _parked(say: Say) -> Placed:
    about = ("Refused events a second, kept in the -dlq topics.", "毎秒拒否され、-dlqトピックに残されたイベント。")
    signal = Signal(told_rate_by("reason", names.PARKED), "{{reason}}")
    return line(("Parked by reason", "理由別の保留"), about, "eps", [signal], say)


def _gaps(say: Say) -> Placed:
    about = ("Records that Kafka dropped before they were read.", "読まれる前にKafkaが捨てたレコード。")
    signal = Signal(f"sum({told(names.GAP)})", say("Records", "レコード"), instant=True)
    return now(("Gaps", "欠落"), about, [signal], say)


def _other_currency(say: Say) -> Placed:
    about = ("Won deals left out of the amounts.", "金額に含めなかった受注。")
    return now(("Other currency", "他通貨"), about, [Signal(told(names.EXCLUDED), "{{reason}}", instant=True)], say)


def _working_time(say: Say) -> Placed:
    about = (
        "How long working time has lasted without a pause; 0 outside of it, when business alerts are silent.",
        "休みなく続いている稼働時間。稼働時間外は0で、業務アラートは鳴らない。",
    )
    signal = Signal(told(names.WORKED, scope="~floor|team"), "{{scope}} {{name}}")
    return line(("Working time", "稼働時間"), about, "s", [signal], say)


def _without_news(say: Say) -> Placed:
    about = (
        "Calls and reps without news for too long to be on the board.",
        "長く更新がなくボードから外れた通話とオペレーター。",
    )
    return now(("Without news", "音信なし"), about, [Signal(told(names.SILENT), "{{kind}}", instant=True)], say)
