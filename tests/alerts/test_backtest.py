"""`floorcast alerts backtest` over a day in a real Redis, asked of a real Prometheus; what it says is worked out by hand."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from grafana.alerts.generate import HOME
from streams.cli.alerts import alerts
from streams.embedded import Stack
from streams.kpis.catalogue import load
from streams.store.names import row_name
from streams.store.protocol import QUARTER_MS, Delta, Outcome, PaneDelta, Partition
from streams.store.redis_client import connect
from streams.store.redis_writer import RedisWriter
from tests.contract.deltas import pane_delta
from tests.programs import said

GROUP = "backtest-test"
TOKYO = ZoneInfo("Asia/Tokyo")
FLOOR, PIPELINE = (str(HOME / "rules" / f"{name}.yaml") for name in ("floor", "pipeline"))
CONFIG = """
floor: {timezone: Asia/Tokyo, calendar: office}
calendars:
  office:
    shifts:
      day: {days: [mon, tue, wed, thu, fri, sat, sun], start: "09:00", end: "18:00", breaks: [["12:00", "13:00"]]}
targets:
  - {kpi: answer_rate, scope: team, name: "*", window: 1h, at_least: 0.8}
  - {kpi: calls_answered, scope: floor, window: shift, at_least: 80}
"""
ANSWERED = {"09:00": 10, "09:15": 10, "09:30": 10, "09:45": 10}
ABANDONED = {"10:00": 10, "10:15": 10, "19:00": 20, "19:15": 20}
"""Calls that began a quarter of an hour at these times.

answer_rate in 1h, target 0.8: 30 of 40 at 10:15, 20 of 40 at 10:30, 10 of 30 at 10:45, 0 of 20 at 11:00, 0 of 10 at
11:15, which is no sample. So the target is missed from 10:15 to 11:15, and by more than a quarter from 10:30. The calls of the
evening come when nobody works.

calls_answered in the shift, target 80 in 480 minutes: 40 are nine tenths of what is expected after 266.7 minutes of work,
which are over at 14:27, lunch left out; so it is behind from 14:30 to the shift's last quarter, 18:00.
"""


@pytest.fixture(scope="module")
def day() -> date:
    """Return the day on which it happened."""
    return datetime.now(TOKYO).date() - timedelta(days=3)


def at(day: date, clock: str) -> str:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=TOKYO).isoformat()


@pytest.fixture(scope="module")
async def counted(stack: Stack, day: date) -> dict[str, Any]:
    """Return the settings of a group that has counted the day's calls."""
    client = connect(stack.redis)
    writer = RedisWriter(client, GROUP, lease_ms=60_000)
    calls = Partition("calls", 0)
    claim = await writer.claim(calls, "test", 1)
    await writer.pin(calls, claim, 0)
    clocks = sorted({*ANSWERED, *ABANDONED})
    quarters = {int(datetime.fromisoformat(at(day, clock)).timestamp()) * 1000 // QUARTER_MS: _pane(clock) for clock in clocks}  # fmt: skip
    last = max(quarters) * QUARTER_MS
    delta = Delta(start=0, end=100, arrival=last, watermark=last, quarters=quarters)
    assert await writer.apply([(calls, claim, delta)]) == [Outcome.APPLIED]
    await client.aclose()
    return {"kafka": "127.0.0.1:1", "redis": stack.redis, "group": GROUP}


def _pane(clock: str) -> PaneDelta:
    facts = {"inbound_answered": ANSWERED.get(clock, 0), "inbound_abandoned": ABANDONED.get(clock, 0)}
    row = row_name("alpha", "support", "c", "r")
    return pane_delta(facts={row: [facts.get(name, 0) for name in load().layout("calls")]})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "floor.yaml").write_text(CONFIG)
    return tmp_path / "floor.yaml"


async def test_rules_fire_when_the_figures_say_so(
    counted: dict[str, Any], config: Path, day: date, program: Callable[[str], Path]
) -> None:
    program("prometheus")
    words = ("--rules", FLOOR, "--rules", PIPELINE, "--from", at(day, "08:30"), "--to", at(day, "20:00"))
    code, output, errors = await said("alerts", "backtest", "--json", *words, **counted, config=config)
    assert code == 0, errors
    answer = json.loads(output)
    assert (answer["from"], answer["to"]) == (at(day, "08:30"), at(day, "20:00"))
    found = {one["alert"]: one for one in answer["alerts"]}
    rate, count = "answer_rate team alpha 1h", "calls_answered floor all shift"
    fired = {name: one["firings"] for name, one in found.items() if one["firings"]}
    assert fired == {
        "KpiBelowTarget": [{"from": at(day, "10:30"), "to": at(day, "11:15"), "labels": rate}],
        "KpiFarBelowTarget": [{"from": at(day, "10:40"), "to": at(day, "11:15"), "labels": rate}],
        "KpiPaceBehind": [{"from": at(day, "15:00"), "to": at(day, "18:15"), "labels": count}],
    }
    assert [found["KpiBelowTarget"][key] for key in ("fired", "total_seconds", "note")] == [1, 45 * 60, ""]
    assert [found["AbandonRateHigh"][key] for key in ("fired", "total_seconds", "note")] == [0, 0, ""]
    unknown = {name: one["note"] for name, one in found.items() if one["fired"] is None}
    assert unknown == {
        "WaitTooLong": "not in history: floor_longest_wait_seconds",
        "DataStale": "not in history: it asks for no figures",
        "WorkerLagGrowing": "not in history: floorcast_lag_records",
        "LagUnknown": "not in history: floorcast_lag_records, up",
        "ParkedShare": "not in history: floorcast_events_total",
        "KafkaGap": "not in history: floorcast_gap_records_total",
        "RedisPolicyUnsafe": "not in history: floorcast_worker_redis_unsafe",
        "ExporterDown": "not in history: up",
        "WorkerDown": "not in history: up",
        "Watchdog": "not in history: it asks for no figures",
    }


def asked(counted: dict[str, Any], config: Path, *words: str, **environment: str) -> Result:
    settings = {f"FLOORCAST_{name.upper()}": str(value) for name, value in {**counted, "config": config}.items()}
    return CliRunner().invoke(alerts, ["backtest", *words], env={**settings, **environment})


def test_an_expression_that_prometheus_cannot_answer_is_named(
    counted: dict[str, Any], config: Path, day: date, program: Callable[[str], Path]
) -> None:
    program("prometheus")
    rules = config.with_name("own.yaml")
    rules.write_text("groups: [{name: own, rules: [{alert: Torn, expr: kpi_value + on () kpi_value}]}]")
    result = asked(counted, config, "--rules", str(rules), "--from", at(day, "10:00"), "--to", at(day, "10:30"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: Torn: " in result.stderr


def test_what_lies_before_the_range_is_looked_at_and_what_lies_between_quarters_is_not_known(
    counted: dict[str, Any], config: Path, day: date, program: Callable[[str], Path]
) -> None:
    program("prometheus")
    calls = 'kpi_value{kpi="calls_answered", scope="floor", window="1h"}'
    exprs = {
        "Now": calls,
        "Before": f"{calls} offset 10h",
        "Short": f"rate({calls}[10m])",
        "Long": f"rate({calls}[10h])",
    }
    rules = config.with_name("own.yaml")
    rules.write_text(
        json.dumps({"groups": [{"rules": [{"alert": n, "expr": f"{e} > 0"} for n, e in exprs.items()], "name": "own"}]})
    )
    words = ("--rules", str(rules), "--from", at(day, "20:00"), "--to", at(day, "20:30"))
    result = asked(counted, config, *words, "--json")
    told = {one["alert"]: (one["fired"], one["note"]) for one in json.loads(result.stdout)["alerts"]}
    assert told == {
        "Now": (0, ""),
        "Before": (1, ""),
        "Short": (None, "not in history, which is by quarters of an hour: [10m]"),
        "Long": (1, ""),
    }


@pytest.mark.parametrize(
    ("rules", "words", "settings", "error"),
    [
        ("groups: 3", [], {}, "rules.yaml: no rule file of Prometheus"),
        ("groups: [", [], {}, "rules.yaml: no rule file of Prometheus"),
        ("[" * 5000, [], {}, "rules.yaml: no rule file of Prometheus: it is nested too deeply"),
        ("", [], {}, "rules.yaml: no rule file of Prometheus: Expected `object`, got `null`"),
        ("rules: []", [], {}, "rules.yaml: no rule file of Prometheus: Object missing required field `groups`"),
        ("groups: [{rules: [{alert: [A]}]}]", [], {}, "Expected `str | null`, got `array` - at `$.groups[0].rules[0].alert`"),
        ("groups: []", [], {}, "--rules: there is no alert in the files"),
        ("groups: [{name: a, rules: [{alert: A, expr: a, for: soon}]}]", [], {}, "`for: soon` of A is no duration like 15m"),
        ("groups: [{name: a, rules: [{alert: A, expr: 'a +'}]}]", [], {}, "parse error"),
        ("", ["--rules", "missing.yaml"], {}, "missing.yaml: No such file or directory"),
        ("GOOD", ["--from", "2020-01-01"], {}, "--from 2020-01-01: figures are kept for 35 days"),
        ("GOOD", ["--from", "{day}T10:01:00Z", "--to", "{day}T10:09:00Z"], {}, "have no whole quarter of an hour between them"),
        ("GOOD", [], {"FLOORCAST_GROUP": "nobody"}, "nothing has been counted yet for FLOORCAST_GROUP=nobody"),
        ("GOOD", [], {"FLOORCAST_REDIS": "unix:///nowhere.sock"}, "the Redis of FLOORCAST_REDIS does not answer"),
        ("GOOD", [], {"PATH": "/nowhere"}, "promtool and prometheus must be on the PATH: install Prometheus"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_words(
    counted: dict[str, Any], config: Path, rules: str, words: list[str], settings: dict[str, str], error: str,
    day: date, program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    program("promtool")
    monkeypatch.chdir(config.parent)
    good = "groups: [{name: a, rules: [{alert: A, expr: kpi_value > 0}]}]"
    config.with_name("rules.yaml").write_text(rules.replace("GOOD", good))
    words = [word.format(day=day) for word in words]
    chosen = words if "--rules" in words else ["--rules", "rules.yaml", *words]
    result = asked(counted, config, *chosen, **settings)
    assert (result.exit_code, result.stdout) == (1, "")
    assert error in result.stderr
