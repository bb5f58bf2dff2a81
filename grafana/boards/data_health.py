"""Whether the figures can be trusted: freshness, lag, what was parked, gaps, worker and Redis."""

from collections.abc import Sequence

from grafana.board import Board, Placed, Rows
from grafana.figures import data_as_of
from grafana.panels import bars, course, tile
from grafana.queries import UP, select, worker
from grafana.signals import NUMBER, Signal
from grafana.words import Say
from streams.export import names

RANGE = "$__rate_interval"
WORKER_JOB = '{job="floorcast-worker"}'


def _rows(say: Say) -> Rows:
    return [
        (say("Freshness", "鮮度"), _freshness(say)),
        (say("Events", "イベント"), _events(say)),
        (say("Exporter and configuration", "エクスポーターと設定"), _exporter(say)),
        (say("Worker and Redis", "ワーカーとRedis"), _worker(say)),
    ]


def _line(en: str, ja: str, about: tuple[str, str], unit: str, signals: Sequence[Signal], say: Say) -> Placed:
    return course(say(en, ja), say(*about), unit, signals, say), 8, 7


def _now(en: str, ja: str, about: tuple[str, str], signals: Sequence[Signal], say: Say, unit: str = NUMBER) -> Placed:
    return tile(say(en, ja), say(*about), unit, signals, say, decimals=0), 8, 7


def _freshness(say: Say) -> list[Placed]:
    age = "time() - max by (topic) ({})"
    about_up = ("1 where Prometheus reaches the exporter or a worker.", "Prometheusが到達できれば1。")
    about_stale = ("1 where a topic's figures are not those of now.", "トピックの数値が現在のものでなければ1。")
    about_lag = ("Records in Kafka that are not applied yet.", "Kafkaにあり、まだ反映されていないレコード。")
    about_event = ("Age of the latest event time that was applied.", "反映された最新のイベント時刻からの経過。")
    about_applied = ("Time since a batch was applied last.", "最後にバッチが反映されてからの経過。")
    about_source = ("Time since the latest event of each source.", "発生元ごとの最新イベントからの経過。")
    stale = bars(
        say("Stale topics", "古いトピック"),
        say(*about_stale),
        NUMBER,
        [Signal(names.STALE.name, "{{topic}}", instant=True)],
        say,
    )
    return [
        data_as_of(say),
        (stale, 10, 6),
        (
            tile(
                say("Reached", "到達"),
                say(*about_up),
                NUMBER,
                [Signal(f"min by (job) ({UP})", "{{job}}", instant=True)],
                say,
            ),
            8,
            6,
        ),
        _line("Lag", "遅れ", about_lag, NUMBER, [Signal(f"sum by (topic) ({names.LAG.name})", "{{topic}}")], say),
        _line(
            "Event time", "イベント時刻", about_event, "s", [Signal(age.format(names.WATERMARK.name), "{{topic}}")], say
        ),
        _line(
            "Last applied", "最終反映", about_applied, "s", [Signal(age.format(names.APPLIED.name), "{{topic}}")], say
        ),
        _line("Sources", "発生元", about_source, "s", [Signal(f"time() - {names.SOURCE.name}", "{{source}}")], say),
    ]


def _rate(by: str, query: str) -> str:
    return f"sum by ({by}) (rate({query}[{RANGE}]))"


def _events(say: Say) -> list[Placed]:
    def by_result(result: str) -> list[Signal]:
        return [Signal(_rate("topic", select(names.EVENTS, result=result)), "{{topic}}")]

    return [
        _line(
            "Applied a second",
            "毎秒反映",
            ("Events applied a second.", "毎秒反映されたイベント。"),
            "eps",
            by_result("applied"),
            say,
        ),
        _line(
            "Duplicates a second",
            "毎秒重複",
            ("Repeats a second, counted once.", "毎秒の重複。1回だけ数える。"),
            "eps",
            by_result("duplicate"),
            say,
        ),
        _line(
            "Late a second",
            "毎秒遅延",
            ("Applied events that arrived over 60 s late.", "60秒以上遅れて届き、反映されたイベント。"),
            "eps",
            by_result("late"),
            say,
        ),
        _line(
            "Parked by reason",
            "理由別の保留",
            ("Refused events a second, kept in the -dlq topics.", "毎秒拒否され、-dlqトピックに残されたイベント。"),
            "eps",
            [Signal(_rate("reason", names.PARKED.name), "{{reason}}")],
            say,
        ),
        _now(
            "Gaps",
            "欠落",
            ("Records that Kafka dropped before they were read.", "読まれる前にKafkaが捨てたレコード。"),
            [Signal(f"sum({names.GAP.name})", say("Records", "レコード"), instant=True)],
            say,
        ),
        _now(
            "Other currency",
            "他通貨",
            ("Won deals left out of the amounts.", "金額に含めなかった受注。"),
            [Signal(names.EXCLUDED.name, "{{reason}}", instant=True)],
            say,
        ),
        _line(
            "Working time",
            "稼働時間",
            (
                "How long working time has lasted without a pause; 0 outside of it, when business alerts are silent.",
                "休みなく続いている稼働時間。稼働時間外は0で、業務アラートは鳴らない。",
            ),
            "s",
            [Signal(select(names.WORKED, scope="~floor|team"), "{{scope}} {{name}}")],
            say,
        ),
        _now(
            "Without news",
            "音信なし",
            (
                "Calls and reps without news for too long to be on the board.",
                "長く更新がなくボードから外れた通話とオペレーター。",
            ),
            [Signal(names.SILENT.name, "{{kind}}", instant=True)],
            say,
        ),
    ]


def _exporter(say: Say) -> list[Placed]:
    config = [
        Signal(names.CONFIG_VALID.name, say("Valid (exporter)", "有効（エクスポーター）"), instant=True),
        Signal(names.CONFIG_RESTART.name, say("Restart (exporter)", "再起動（エクスポーター）"), instant=True),
        Signal(
            f"min({worker('floorcast_worker_config_valid')})", say("Valid (workers)", "有効（ワーカー）"), instant=True
        ),
        Signal(
            f"max({worker('floorcast_worker_config_restart_needed')})",
            say("Restart (workers)", "再起動（ワーカー）"),
            instant=True,
        ),
    ]
    loaded = [
        Signal(f"{names.CONFIG_LOADED.name} * 1000", say("Exporter", "エクスポーター"), instant=True),
        Signal(
            f"min({worker('floorcast_worker_config_loaded_timestamp_seconds')}) * 1000",
            say("Workers", "ワーカー"),
            instant=True,
        ),
    ]
    series = [
        Signal(names.SERIES.name, say("Series", "系列")),
        Signal(names.SERIES_LIMIT.name, say("Limit", "上限")),
        Signal(names.FOLDED.name, say("Folded", "まとめた系列")),
    ]
    return [
        _line(
            "Series",
            "系列数",
            (
                "Series of the page, its limit, and what was folded into __other__.",
                "ページの系列数、上限、__other__にまとめた数。",
            ),
            NUMBER,
            series,
            say,
        ),
        (
            tile(
                say("Configuration", "設定"),
                say(
                    "1: floor.yaml is good; a part of it waits for a restart.",
                    "1：floor.yamlは有効、または再起動待ちの変更がある。",
                ),
                NUMBER,
                config,
                say,
            ),
            8,
            7,
        ),
        (
            tile(
                say("Configuration read", "設定の読込"),
                say("When the configuration in force was read.", "現在有効な設定を読み込んだ時刻。"),
                "dateTimeAsIso",
                loaded,
                say,
            ),
            8,
            7,
        ),
    ]


def _worker(say: Say) -> list[Placed]:
    def count(name: str) -> str:
        return f"sum(rate({worker(name)}[{RANGE}]))"

    def p99(name: str) -> str:
        return f"histogram_quantile(0.99, sum by (le) (rate({worker(name)}[{RANGE}])))"

    trouble = [
        Signal(count("floorcast_worker_rewinds_total"), say("Rewinds", "巻き戻し")),
        Signal(count("floorcast_worker_stale_batches_total"), say("Stale batches", "古いバッチ")),
        Signal(count("floorcast_worker_errors_total"), say("Errors", "エラー")),
        Signal(count("floorcast_worker_store_unavailable_total"), say("Redis does not answer", "Redis無応答")),
    ]
    unsafe = [Signal(f"max({worker('floorcast_worker_redis_unsafe')})", say("Unsafe", "危険"), instant=True)]
    owned = [
        Signal(f"sum({worker('floorcast_worker_ready')})", say("Workers ready", "準備完了"), instant=True),
        Signal(f"sum({worker('floorcast_worker_partitions')})", say("Partitions", "パーティション"), instant=True),
    ]
    work = [
        Signal(_rate("topic", worker("floorcast_worker_records_total")), "{{topic}}"),
        Signal(count("floorcast_worker_batches_total"), say("Batches", "バッチ")),
    ]
    stages = [
        Signal(p99("floorcast_worker_process_seconds_bucket"), say("Count in memory", "メモリー集計")),
        Signal(p99("floorcast_worker_apply_seconds_bucket"), say("Apply to Redis", "Redisへ反映")),
    ]
    cpu = Signal(f"rate({worker('process_cpu_seconds_total')}{WORKER_JOB}[{RANGE}])", "{{instance}}")
    memory = Signal(f"{worker('process_resident_memory_bytes')}{WORKER_JOB}", "{{instance}}")
    return [
        (
            tile(
                say("Workers", "ワーカー"),
                say(
                    "Workers that are ready, and the partitions that they own.",
                    "準備完了のワーカーと、担当パーティション。",
                ),
                NUMBER,
                owned,
                say,
            ),
            8,
            7,
        ),
        _now(
            "Redis may drop figures",
            "Redisが数値を捨てる恐れ",
            ("1 where Redis runs another policy than noeviction.", "Redisのポリシーがnoevictionでなければ1。"),
            unsafe,
            say,
        ),
        _line(
            "Trouble a second",
            "毎秒の異常",
            (
                "Rewinds to the ledger, batches dropped, errors, and tries that Redis did not answer.",
                "台帳への巻き戻し、捨てたバッチ、エラー、Redis無応答の回数。",
            ),
            "cps",
            trouble,
            say,
        ),
        _line(
            "Work a second",
            "毎秒の処理",
            ("Records by topic, and batches.", "トピック別レコードとバッチ。"),
            "cps",
            work,
            say,
        ),
        _line(
            "Stages, 99th percentile",
            "段階別 99パーセンタイル",
            (
                "From fetch to counted, and from counted to the ledger's answer.",
                "取得から集計まで、集計から台帳の応答まで。",
            ),
            "s",
            stages,
            say,
        ),
        _line("CPU", "CPU", ("Cores that each worker uses.", "ワーカーごとの使用コア数。"), "none", [cpu], say),
        _line(
            "Memory",
            "メモリー",
            ("Resident memory of each worker.", "ワーカーごとの常駐メモリー。"),
            "bytes",
            [memory],
            say,
        ),
    ]


BOARD = Board(
    slug="data-health",
    title=("Data health", "データの健全性"),
    description=(
        "Freshness, lag, parked, duplicates, late, gaps, worker and Redis.",
        "鮮度、遅れ、保留、重複、遅延、欠落、ワーカーとRedis。",
    ),
    rows=_rows,
    begin="now-1h",
)
