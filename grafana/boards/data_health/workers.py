"""What the workers do, what it costs, and whether Redis keeps what they write."""

from grafana.board import Placed
from grafana.boards.data_health.shapes import line, now, rate, rate_by
from grafana.queries import worker
from grafana.signals import Signal
from grafana.words import Say
from streams.export.names import WORKER_JOB

JOB = f'{{job="{WORKER_JOB}"}}'


def workers(say: Say) -> list[Placed]:
    """Return the panels."""
    return [_ready(say), _unsafe(say), _trouble(say), _work(say), _stages(say), _cpu(say), _memory(say)]


def _ready(say: Say) -> Placed:
    about = (
        "Workers that are ready, and the partitions that they own.",
        "準備完了のワーカーと、担当パーティション。",
    )
    signals = [
        Signal(f"sum({worker('floorcast_worker_ready')})", say("Workers ready", "準備完了"), instant=True),
        Signal(f"sum({worker('floorcast_worker_partitions')})", say("Partitions", "パーティション"), instant=True),
    ]
    return now(("Workers", "ワーカー"), about, signals, say)


def _unsafe(say: Say) -> Placed:
    about = ("1 where Redis runs another policy than noeviction.", "Redisのポリシーがnoevictionでなければ1。")
    signal = Signal(f"max({worker('floorcast_worker_redis_unsafe')})", say("Unsafe", "危険"), instant=True)
    return now(("Redis may drop figures", "Redisが数値を捨てる恐れ"), about, [signal], say)


def _trouble(say: Say) -> Placed:
    about = (
        "Rewinds to the ledger, batches dropped, errors, and tries that Redis did not answer.",
        "台帳への巻き戻し、捨てたバッチ、エラー、Redis無応答の回数。",
    )
    signals = [
        Signal(_all("floorcast_worker_rewinds_total"), say("Rewinds", "巻き戻し")),
        Signal(_all("floorcast_worker_stale_batches_total"), say("Stale batches", "古いバッチ")),
        Signal(_all("floorcast_worker_errors_total"), say("Errors", "エラー")),
        Signal(_all("floorcast_worker_store_unavailable_total"), say("Redis does not answer", "Redis無応答")),
    ]
    return line(("Trouble a second", "毎秒の異常"), about, "cps", signals, say)


def _work(say: Say) -> Placed:
    about = ("Records by topic, and batches.", "トピック別レコードとバッチ。")
    signals = [
        Signal(rate_by("topic", worker("floorcast_worker_records_total")), "{{topic}}"),
        Signal(_all("floorcast_worker_batches_total"), say("Batches", "バッチ")),
    ]
    return line(("Work a second", "毎秒の処理"), about, "cps", signals, say)


def _stages(say: Say) -> Placed:
    about = (
        "From fetch to counted, and from counted to the ledger's answer.",
        "取得から集計まで、集計から台帳の応答まで。",
    )
    signals = [
        Signal(_p99("floorcast_worker_process_seconds_bucket"), say("Count in memory", "メモリー集計")),
        Signal(_p99("floorcast_worker_apply_seconds_bucket"), say("Apply to Redis", "Redisへ反映")),
    ]
    return line(("Stages, 99th percentile", "段階別 99パーセンタイル"), about, "s", signals, say)


def _cpu(say: Say) -> Placed:
    signal = Signal(rate(worker("process_cpu_seconds_total") + JOB), "{{instance}}")
    about = ("Cores that each worker uses.", "ワーカーごとの使用コア数。")
    return line(("CPU", "CPU"), about, "none", [signal], say)


def _memory(say: Say) -> Placed:
    signal = Signal(worker("process_resident_memory_bytes") + JOB, "{{instance}}")
    about = ("Resident memory of each worker.", "ワーカーごとの常駐メモリー。")
    return line(("Memory", "メモリー"), about, "bytes", [signal], say)


def _all(counter: str) -> str:
    return f"sum({rate(worker(counter))})"


def _p99(buckets: str) -> str:
    return f"histogram_quantile(0.99, {rate_by('le', worker(buckets))})"
