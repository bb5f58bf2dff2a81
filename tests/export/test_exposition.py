"""The page of metrics says what the view holds, in a form that Prometheus reads."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from schemas.refusals import Reason
from streams.export.judgement import Judgement, Judgements, NoTargets, no_targets
from streams.export.labels import escaped, public
from streams.export.lines import written
from streams.export.names import FAMILIES, KPI_LABELS, Family
from streams.export.present_lines import largest, present_lines
from streams.kpis.buckets import bucket_of, representative
from streams.store.protocol import Partition
from streams.view.open_calls import Waiting
from streams.view.present import Present
from streams.view.tables import Table
from tests.export.floor_page import CALLS, CATALOGUE, CRM, REPS, Exporter, call
from tests.view.floor_of_two import NOON
from tests.view.stored import Happening

NASTY = (
    '"',
    "\\",
    "\n",
    'a"} 1\nfake{x="',
    "\\n",
    "%",
    "%r %s",
    "a\tb",
    "\r",
    "営業\u2028",
    "\x85",
    "{}",
    "𝒳",
    " x ",
    ",=",
    "\0",
)


async def test_a_value_stands_under_its_labels() -> None:
    exporter = await Exporter().with_calls(call(), call(team="b"))
    assert exporter.sample("kpi_value", kpi="calls_answered", scope="floor", name="all", window="5m") == 2
    assert exporter.sample("kpi_value", kpi="talk_time", scope="team", name="b", window="today") == 90.5
    assert (
        exporter.sample("kpi_value", kpi="wait_p50", scope="queue", name="q", window="1h")
        == representative(bucket_of(10_000)) / 1000
    )


async def test_ratios_have_their_parts_in_shown_units_and_counts_have_none() -> None:
    exporter = await Exporter().with_calls(call(), call())
    labels = {"kpi": "average_speed_of_answer", "scope": "team", "name": "a", "window": "5m"}
    assert exporter.sample("kpi_value", **labels) == 10
    assert exporter.sample("kpi_numerator", **labels) == 20
    assert exporter.sample("kpi_denominator", **labels) == 2
    assert exporter.sample("kpi_numerator", **{**labels, "kpi": "calls_answered"}) is None


async def test_zero_has_a_series_and_no_value_has_none() -> None:
    exporter = await Exporter().with_calls(call())
    of_team = {"scope": "team", "name": "a", "window": "5m"}
    assert exporter.sample("kpi_value", kpi="dials", **of_team) == 0
    assert exporter.sample("kpi_value", kpi="connect_rate", **of_team) is None
    assert exporter.sample("kpi_value", kpi="calls_answered", **{**of_team, "window": "shift"}) is None


async def test_a_series_that_loses_its_value_goes_and_comes_again() -> None:
    exporter = await Exporter().with_calls(call())
    labels = {"kpi": "wait_p90", "scope": "floor", "name": "all", "window": "5m"}
    assert exporter.sample("kpi_value", **labels) is not None
    exporter.reader.clock_ms += 600_000
    await exporter.refresh()
    assert exporter.sample("kpi_value", **labels) is None
    exporter.reader.add(CALLS, [call(exporter.reader.clock_ms)])
    await exporter.refresh()
    assert exporter.sample("kpi_value", **labels) is not None


async def test_what_changed_in_between_is_on_the_next_page() -> None:
    exporter = await Exporter().with_calls(call())
    exporter.reader.add(CALLS, [call(team="new", queue="new")])
    await exporter.refresh()
    assert exporter.sample("kpi_value", kpi="calls_answered", scope="floor", name="all", window="5m") == 2
    assert exporter.sample("kpi_value", kpi="calls_answered", scope="queue", name="new", window="5m") == 1


@pytest.mark.parametrize("name", NASTY)
async def test_any_name_comes_back_as_it_was(name: str) -> None:
    exporter = await Exporter().with_calls(call(team=name))
    assert exporter.sample("kpi_value", kpi="calls_answered", scope="team", name=public(name), window="5m") == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64))
def test_a_label_is_read_as_it_was_written(value: str) -> None:
    (family,) = text_string_to_metric_families(written(Family("m", "h", ("label",)), [((value,), 1.0)]).text)
    assert [sample.labels["label"] for sample in family.samples] == [public(value)]


@pytest.mark.parametrize(
    "private",
    [
        "ann@example.com",
        "Ann <ann.b@mail.example.org>",
        "https://x.example/y",
        "www.example.com/a",
        "mailto:ann@home",
        "sip:100@pbx",
        "//x.example/y",
        "ann＠example.com",
        "+81 6 1234 5678",
        "+4930123456",
        "090-1234-5678",
        "(03) 1234-5678",
        "0120.444.444",
        "０９０１２３４５６７８",
        "0800 123 4567",
        "1-800-555-0199",
        "(212) 555-0199",
        "call 81901234567 now",
    ],
)
def test_a_label_never_holds_what_is_private(private: str) -> None:
    shown = escaped(private)
    assert shown.startswith("hidden-")
    assert shown == escaped(private) != escaped(private + "1")


@pytest.mark.parametrize(
    "plain",
    [
        "Sales @ Osaka",
        "+1",
        "4711001",
        "a+b",
        "/telephony/osaka-1",
        "R&D: x//y",
        "Spring 01.02.2026 10:30",
        "2026-11-29 08:00",
        "202611291030",
        "Shift 0900-1800",
        "360001234567890",
        "10-20-30",
    ],
)
def test_ordinary_names_are_left_alone(plain: str) -> None:
    assert escaped(plain) == plain


def test_names_that_differ_in_a_nul_alone_are_two_series() -> None:
    assert len({escaped(name) for name in ("a\0", "a␀", "a", "\0a", "a\0\0")}) == 5
    assert escaped("a\0").startswith("a␀-")


async def test_every_family_is_declared_once_with_its_type_and_stands_in_one_piece() -> None:
    exporter = await busy()
    lines = exporter.text().split("\n")
    types = [tuple(line.split()[2:4]) for line in lines if line.startswith("# TYPE")]
    declared = {family.name: family.kind for family in FAMILIES}
    assert len(types) == len({name for name, _ in types})
    assert set(types) <= set(declared.items())
    owner = [line.split("{")[0].split(" ")[0] for line in lines if line and not line.startswith("#")]
    runs = [name for place, name in enumerate(owner) if place == 0 or owner[place - 1] != name]
    assert len(runs) == len(set(runs))
    assert (
        set(runs)
        == {name for name, _ in types}
        == set(declared)
        - {"kpi_target", "kpi_attainment_ratio", "kpi_pace_ratio", "kpi_forecast", "kpi_required_per_hour"}
    )


async def test_every_series_has_the_labels_of_its_family() -> None:
    exporter = await busy()
    labels = {family.name: set(family.labels) for family in FAMILIES}
    for name, pairs in exporter.samples():
        assert {label for label, _ in pairs} == labels[name], name


async def busy() -> Exporter:
    exporter = Exporter()
    exporter.reader.latest[CALLS] = {"/telephony/osaka-1": NOON - 1500}
    await exporter.with_calls(call())
    snapshot = replace(
        await exporter.view.refresh(),
        lags={CALLS: 7},
        present=Present(
            {("a", "on_call"): 2}, {"q": Waiting(3, 61_500)}, {("a", "inbound"): 4}, stale_calls=5, stale_reps=6
        ),
    )
    row = snapshot.ledgers[CALLS]
    assert row
    counters = {"applied": 20, "late": 3, "duplicate": 2, "parked:invalid": 4, "parked:future": 1}
    ledgers = {
        CALLS: replace(row, gap=9, applied=NOON - 250, watermark=NOON - 500, counters=counters),
        Partition("calls", 1): replace(row, counters={"applied": 1, "parked:future": 1}),
        REPS: None,
        CRM: replace(row, counters={"other_currency": 8}),
    }
    await exporter.page.render(replace(snapshot, ledgers=ledgers), no_targets)
    return exporter


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("floor_reps", {"team": "a", "state": "on_call"}, 2),
        ("floor_calls_waiting", {"queue": "q"}, 3),
        ("floor_longest_wait_seconds", {"queue": "q"}, 61.5),
        ("floor_calls_active", {"team": "a", "direction": "inbound"}, 4),
        ("floor_stale", {"kind": "call"}, 5),
        ("floor_stale", {"kind": "rep"}, 6),
        ("floorcast_events_total", {"topic": "calls", "result": "applied"}, 21),
        ("floorcast_events_total", {"topic": "calls", "result": "late"}, 3),
        ("floorcast_events_total", {"topic": "calls", "result": "duplicate"}, 2),
        ("floorcast_events_total", {"topic": "calls", "result": "parked"}, 6),
        ("floorcast_events_total", {"topic": "reps", "result": "applied"}, 0),
        ("floorcast_parked_total", {"topic": "calls", "reason": "future"}, 2),
        ("floorcast_lag_records", {"topic": "calls", "partition": "0"}, 7),
        ("floorcast_applied_timestamp_seconds", {"topic": "calls", "partition": "0"}, NOON / 1000 - 0.25),
        ("floorcast_watermark_timestamp_seconds", {"topic": "calls", "partition": "0"}, NOON / 1000 - 0.5),
        ("floorcast_gap_records_total", {"topic": "calls", "partition": "0"}, 9),
        ("floorcast_excluded_total", {"reason": "other_currency"}, 8),
        ("floorcast_source_last_event_timestamp_seconds", {"source": "/telephony/osaka-1"}, NOON / 1000 - 1.5),
        ("floorcast_snapshot_timestamp_seconds", {}, NOON / 1000),
        ("floorcast_series_limit", {}, 100_000),
        ("floorcast_folded_series", {}, 0),
        ("floorcast_stale", {"topic": "calls"}, 0),
    ],
)
async def test_what_is_known_of_floor_and_processing_is_shown(name: str, labels: dict[str, str], value: float) -> None:
    assert (await busy()).sample(name, **labels) == value


async def test_every_reason_and_result_is_there_from_the_start() -> None:
    exporter = Exporter()
    await exporter.refresh()
    for topic in ("calls", "reps", "crm"):
        for reason in Reason:
            assert exporter.sample("floorcast_parked_total", topic=topic, reason=reason.value) == 0
        for result in ("applied", "duplicate", "late", "parked"):
            assert exporter.sample("floorcast_events_total", topic=topic, result=result) == 0
        assert exporter.sample("floorcast_stale", topic=topic) == 1
    assert exporter.sample("floorcast_excluded_total", reason="other_currency") == 0


async def test_a_kpi_is_described() -> None:
    exporter = await Exporter().with_calls(call())
    labels = {
        "group": "phone",
        "unit": "ratio",
        "better": "higher",
        "title": CATALOGUE.kpis["service_level"].title["en"],
    }
    assert exporter.sample("kpi_info", kpi="service_level", **labels) == 1
    described = {dict(pairs)["kpi"] for name, pairs in exporter.samples() if name == "kpi_info"}
    assert described == {kpi.id for kpi in exporter.view.kpis}


@pytest.mark.parametrize(("rep_series", "shown"), [(False, None), (True, 1)])
async def test_reps_have_series_only_where_they_are_asked_for(rep_series: bool, shown: float | None) -> None:
    exporter = await Exporter(rep_series=rep_series).with_calls(call())
    assert exporter.sample("kpi_value", kpi="calls_answered", scope="rep", name="r", window="5m") == shown


async def test_only_the_fifty_sources_that_were_heard_last_are_shown() -> None:
    exporter = Exporter()
    exporter.reader.latest[CALLS] = {f"/pbx/{n:02}": NOON - n * 1000 for n in range(60)}
    await exporter.with_calls(call())
    shown = {dict(pairs)["source"] for name, pairs in exporter.samples() if name.startswith("floorcast_source")}
    assert shown == {f"/pbx/{n:02}" for n in range(50)}


async def test_the_page_counts_its_own_series() -> None:
    exporter = await busy()
    assert exporter.sample("floorcast_series") == len(exporter.samples())


async def test_amounts_beyond_exact_floats_are_shown_as_near_as_a_float_comes() -> None:
    exporter = Exporter()
    won = {"deals_won": 1, "won_amount": 1, "won_amount.high": 2**50}
    exporter.reader.add(CRM, [Happening("crm", NOON, "a", "unassigned", "c", "r", won)])
    await exporter.refresh()
    wanted = ((2**50 << 24) + 1) / 100
    assert exporter.sample("kpi_value", kpi="won_amount", scope="team", name="a", window="today") == wanted


async def test_judgements_have_series_where_there_are_some() -> None:
    class OneTarget(NoTargets):
        def __call__(self, table: Table, t_ms: int) -> Judgements:
            if (table.scope, table.window, t_ms) != ("team", "today", NOON):
                return {}
            place = [kpi.id for kpi in table.kpis].index("calls_answered")
            return {(0, place): Judgement(40.0, "min", 0.5, 0.75, None, 3.0)}

    exporter = await Exporter(judge=OneTarget()).with_calls(call())
    labels = dict(zip(KPI_LABELS, ("calls_answered", "team", "a", "today"), strict=True))
    assert exporter.sample("kpi_target", **labels, bound="min") == 40
    assert exporter.sample("kpi_attainment_ratio", **labels) == 0.5
    assert exporter.sample("kpi_pace_ratio", **labels) == 0.75
    assert exporter.sample("kpi_required_per_hour", **labels) == 3
    assert "kpi_forecast" not in {name for name, _ in exporter.samples()}
    assert exporter.sample("floorcast_series") == len(exporter.samples())


def test_names_of_the_present_are_bounded_and_nothing_is_lost() -> None:
    waiting = {"__other__": Waiting(100, 9000)} | {f"q{n}": Waiting(n, n * 1000) for n in range(1, 6)}
    reps = {(f"t{n}", state): n for n in range(1, 6) for state in ("on_call", "meal")}
    text = present_lines(Present(reps, waiting), 3).text
    found = {
        s.name + str(sorted(s.labels.values())): s.value
        for f in text_string_to_metric_families(text)
        for s in f.samples
    }
    assert found["floor_calls_waiting['q5']"] == 5
    assert found["floor_calls_waiting['q4']"] == 4
    assert found["floor_calls_waiting['__other__']"] == 1 + 2 + 3 + 100
    assert found["floor_longest_wait_seconds['__other__']"] == 9
    assert found["floor_reps['__other__', 'meal']"] == 1 + 2 + 3
    assert len(found) == 3 + 3 + 6 + 2


def test_all_names_are_kept_while_there_is_room() -> None:
    assert largest({"a": 1, "b": 2}, 2) == {"a", "b"}
    assert largest({"a": 1, "b": 2, "c": 3}, 2) == {"c"}
