"""How large the page is, and whether the configuration in force is that of the file."""

from grafana.board import Placed
from grafana.boards.data_health.shapes import line, now
from grafana.queries import told, worker
from grafana.signals import NUMBER, Signal
from grafana.words import Say
from streams.export import names


def exporter(say: Say) -> list[Placed]:
    """Return the panels."""
    return [_series(say), _configuration(say), _read(say)]


def _series(say: Say) -> Placed:
    about = (
        "Series of the page, its limit, and what was folded into __other__.",
        "ページの系列数、上限、__other__にまとめた数。",
    )
    signals = [
        Signal(told(names.SERIES), say("Series", "系列")),
        Signal(told(names.SERIES_LIMIT), say("Limit", "上限")),
        Signal(told(names.FOLDED), say("Folded", "まとめた系列")),
    ]
    return line(("Series", "系列数"), about, NUMBER, signals, say)


def _configuration(say: Say) -> Placed:
    about = (
        "1: floor.yaml is good; a part of it waits for a restart.",
        "1：floor.yamlは有効、または再起動待ちの変更がある。",
    )
    valid, restart = worker("floorcast_worker_config_valid"), worker("floorcast_worker_config_restart_needed")
    signals = [
        Signal(f"min({names.CONFIG_VALID.name})", say("Valid (exporter)", "有効（エクスポーター）"), instant=True),
        Signal(told(names.CONFIG_RESTART), say("Restart (exporter)", "再起動（エクスポーター）"), instant=True),
        Signal(f"min({valid})", say("Valid (workers)", "有効（ワーカー）"), instant=True),
        Signal(f"max({restart})", say("Restart (workers)", "再起動（ワーカー）"), instant=True),
    ]
    return now(("Configuration", "設定"), about, signals, say)


def _read(say: Say) -> Placed:
    about = ("When the configuration in force was read.", "現在有効な設定を読み込んだ時刻。")
    of_workers = worker("floorcast_worker_config_loaded_timestamp_seconds")
    signals = [
        Signal(f"min({names.CONFIG_LOADED.name}) * 1000", say("Exporter", "エクスポーター"), instant=True),
        Signal(f"min({of_workers}) * 1000", say("Workers", "ワーカー"), instant=True),
    ]
    return now(("Configuration read", "設定の読込"), about, signals, say, "dateTimeAsIso")
