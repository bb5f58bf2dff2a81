"""Whether the figures can be trusted: freshness, lag, what was parked, gaps, worker and Redis."""

from grafana.board import Board, Rows
from grafana.boards.data_health.events import events
from grafana.boards.data_health.exporter import exporter
from grafana.boards.data_health.freshness import freshness
from grafana.boards.data_health.workers import workers
from grafana.words import Say


def _rows(say: Say) -> Rows:
    return [
        (say("Freshness", "鮮度"), freshness(say)),
        (say("Events", "イベント"), events(say)),
        (say("Exporter and configuration", "エクスポーターと設定"), exporter(say)),
        (say("Worker and Redis", "ワーカーとRedis"), workers(say)),
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
