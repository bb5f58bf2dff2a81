"""`floorcast simulate`: into a file, and what it says when it is asked for the impossible."""

import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli.simulate import simulate
from streams.simulate import jsonl
from streams.simulate.engine import Arrival
from tests.simulate.runs import read

FROM, TO = "2026-11-24T09:00:00+09:00", "2026-11-24T09:10:00+09:00"
FROM_MS = 1_795_478_400_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working folder, without settings from outside."""
    for name in ("FLOORCAST_CONFIG", "FLOORCAST_KAFKA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def called(*words: str) -> Result:
    """Return what the command did."""
    return CliRunner().invoke(simulate, words)


def written(*words: str) -> list[Arrival]:
    """Return what the command wrote."""
    result = called(*words, "--out", "floor.jsonl")
    assert result.exit_code == 0, result.output
    with Path("floor.jsonl").open("rb") as file:
        return list(jsonl.read(file))


def test_a_backfill_into_a_file_has_the_rate_and_the_times_that_were_asked_for(folder: Path) -> None:
    arrivals = written("--from", FROM, "--to", TO, "--profile", "busy", "--rate", "20")
    assert len(arrivals) == pytest.approx(20 * 600, rel=0.1)
    assert FROM_MS <= arrivals[0].at_ms < FROM_MS + 1000
    assert arrivals[-1].at_ms == FROM_MS + 600_000
    assert not any(arrival.dirt for arrival in arrivals)


def test_the_same_words_write_the_same_bytes_and_another_seed_others(folder: Path) -> None:
    words = ("--from", FROM, "--minutes", "2", "--dirt", "0.1")
    first = written(*words)
    assert written(*words) == first
    assert written(*words, "--seed", "2") != first
    assert any(arrival.dirt for arrival in first)


def test_a_backfill_is_real_unless_it_is_told_to_be_busy(folder: Path) -> None:
    (folder / "floor.yaml").write_text("floor: {timezone: Asia/Tokyo}")
    sunday = ("--from", "2026-11-22T03:00:00+09:00", "--minutes", "10", "--rate", "20")
    assert len(written(*sunday)) < 20 * 600 / 4
    assert len(written(*sunday, "--profile", "busy")) > 20 * 600 * 0.9


def test_a_date_is_the_midnight_of_the_floor(folder: Path) -> None:
    (folder / "floor.yaml").write_text("floor: {timezone: Asia/Tokyo}")
    arrivals = written("--from", "2026-11-24", "--to", "2026-11-24T00:10:00+09:00", "--rate", "20")
    midnight = FROM_MS - 9 * 3_600_000
    assert midnight <= arrivals[0].at_ms < midnight + 60_000


def test_names_and_currency_are_those_of_the_floor(folder: Path) -> None:
    (folder / "floor.yaml").write_text(
        "floor: {timezone: Europe/Berlin, currency: EUR}\n"
        "queues: {hotline: {threshold_seconds: 10}}\n"
        "teams: {ost: {calendar: c}}\n"
        'calendars: {c: {shifts: {s: {days: [tue], start: "01:00", end: "09:00"}}}}\n'
        "targets: [{kpi: dials, scope: campaign, name: messe, window: today, at_least: 9}]\n"
    )
    told = [read(arrival) for arrival in written("--from", FROM, "--to", TO, "--profile", "busy")]
    data = [event.data for event in told]
    assert {"ost", "hotline", "messe"} <= {d.get(name) for d in data for name in ("team", "queue", "campaign")}
    assert "EUR" in {d.get("currency") for d in data}
    assert any(b"+01:00" in event.arrival.value for event in told)


def test_sizes_are_those_that_were_asked_for(folder: Path) -> None:
    sizes = ("--teams", "2", "--reps", "30", "--queues", "3", "--campaigns", "4")
    data = [read(arrival).data for arrival in written("--from", FROM, "--to", TO, "--profile", "busy", *sizes)]
    numbers = {name: len({d[name] for d in data if name in d}) for name in ("team", "rep", "queue", "campaign")}
    assert 24 < numbers.pop("rep") <= 30, "an eighth is away"
    assert numbers == {"team": 2, "queue": 3, "campaign": 4}


def test_live_it_ends_after_the_minutes_and_is_never_ahead_of_the_clock(folder: Path) -> None:
    before_ms = time.time_ns() // 1_000_000
    arrivals = written("--minutes", "0.01")
    after_ms = time.time_ns() // 1_000_000
    assert after_ms - before_ms >= 600
    assert before_ms - 16 * 60_000 < arrivals[0].at_ms
    assert arrivals[-1].at_ms <= after_ms


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "24.11.2026"), "neither a date like 2026-11-24 nor an RFC 3339 time"),
        (("--from", "2026-02-30"), "neither a date"),
        (("--from", "2026-11-24T09:00:00"), "with an offset"),
        (("--from", "2999-01-01"), "--from must be in the past"),
        (("--from", FROM, "--to", "2999-01-01"), "in the future"),
        (("--from", FROM, "--to", FROM), "--to must be after --from"),
        (("--from", FROM, "--minutes", "99999999"), "in the future"),
        (("--to", TO), "need --from"),
        (("--follow",), "need --from"),
        (("--from", FROM, "--to", TO, "--minutes", "1"), "only one of"),
        (("--from", FROM, "--to", TO, "--follow"), "only one of"),
        (("--rate", "0"), "--rate"),
        (("--dirt", "2"), "--dirt"),
        (("--reps", "0"), "--reps"),
        (("--teams", "5", "--reps", "4"), "5 teams need at least 5 reps"),
        (("--profile", "calm"), "--profile"),
    ],
)
def test_the_impossible_is_refused_in_words(folder: Path, words: tuple[str, ...], said: str) -> None:
    result = called(*words, "--out", "floor.jsonl")
    assert result.exit_code == 2
    assert said in result.output
    assert not (folder / "floor.jsonl").exists()


def test_a_wrong_floor_file_is_named_with_its_line(folder: Path) -> None:
    (folder / "floor.yaml").write_text("floor: {timezone: Asia/Tokio}")
    result = called("--from", FROM, "--to", TO, "--out", "floor.jsonl")
    assert result.exit_code == 1
    assert "floor.yaml:1" in result.output


def test_a_file_that_cannot_be_written_is_named(folder: Path) -> None:
    result = called("--from", FROM, "--to", TO, "--out", "no/such/folder.jsonl")
    assert result.exit_code == 1
    assert "no/such/folder.jsonl" in result.output


def test_kafka_that_does_not_answer_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORCAST_KAFKA", "127.0.0.1:1")
    result = called("--minutes", "1")
    assert result.exit_code == 1
    assert "Kafka at 127.0.0.1:1 does not answer (FLOORCAST_KAFKA)" in result.output
