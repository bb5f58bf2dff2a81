"""Over the limit the smallest names share one row; what is on the page still adds up."""

from hypothesis import given
from hypothesis import strategies as st

from streams.export.edition import Edition
from streams.export.floor_targets import FloorTargets
from streams.export.folding import NOTHING_FOLDED, Weight, fold
from streams.export.judgement import Judge, no_targets
from streams.floor import parse
from streams.view.figures import OTHER
from tests.export.floor_page import CALLS, Exporter, call
from tests.view.floor_of_two import NOON

OTHER_TAKES = {"team": 5, "queue": 7}
weights = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(("team", "queue")), st.integers(0, 30), st.integers(1, 7)),
    unique_by=lambda weight: weight[1:3],
    max_size=40,
).map(lambda found: [Weight(*one) for one in found])


@given(weights, st.integers(0, 150))
def test_what_is_left_fits_and_nothing_larger_is_folded_than_what_is_kept(found: list[Weight], budget: int) -> None:
    folding = fold(found, OTHER_TAKES, budget)
    folded = [weight for weight in found if weight.name in folding.names.get(weight.scope, ())]
    kept = [weight for weight in found if weight not in folded]
    rows = sum(OTHER_TAKES[scope] for scope in folding.names if scope not in folding.dropped)
    assert sum(weight.series for weight in kept) + rows <= budget
    assert all(small <= large for small in folded for large in kept)
    assert folding.series == sum(weight.series for weight in folded)
    assert not folding.dropped or not kept


@given(weights)
def test_nothing_is_folded_that_fits(found: list[Weight]) -> None:
    assert fold(found, OTHER_TAKES, sum(weight.series for weight in found)) == NOTHING_FOLDED


def test_no_more_is_folded_than_must_be() -> None:
    found = [Weight(n, "team", n, 5) for n in range(10)]
    folding = fold(found, OTHER_TAKES, 40)
    assert folding.names == {"team": frozenset({0, 1, 2})}


TARGETS = parse(
    b"""
targets:
  - {kpi: calls_inbound, scope: team, name: "*", window: today, at_least: 40}
  - {kpi: answer_rate, scope: team, name: "*", window: today, at_least: 0.8}
  - {kpi: calls_inbound, scope: floor, window: today, at_least: 400}
"""
)
JUDGED = ("kpi_target", "kpi_attainment_ratio", "kpi_pace_ratio", "kpi_forecast", "kpi_required_per_hour")
OF_A_NAME = ("kpi_value", "kpi_numerator", "kpi_denominator", *JUDGED, "floor_working_seconds")


async def crowded(limit: int, teams: int = 40, judge: Judge = no_targets) -> Exporter:
    """Return a floor whose team n has n + 1 calls, each of another customer save one that is everybody's."""
    exporter = Exporter(limit=limit, judge=judge)
    calls = []
    for n in range(teams):
        for m in range(n + 1):
            one = call(team=f"t{n:02}")
            one.ids["customers"] = 1 if m == 0 else 1000 * n + m
            calls.append(one)
    return await exporter.with_calls(*calls)


def answered(exporter: Exporter, kpi: str = "calls_answered") -> dict[str, float]:
    """Return the teams' figures of today by name."""
    found = {}
    for (name, pairs), number in exporter.samples().items():
        labels = dict(pairs)
        if name == "kpi_value" and (labels["kpi"], labels["scope"], labels["window"]) == (kpi, "team", "today"):
            found[labels["name"]] = number
    return found


async def test_the_smallest_names_fold_and_the_rest_adds_up() -> None:
    exporter = await crowded(8000)
    teams = answered(exporter)
    samples = exporter.samples()
    assert len(samples) <= 8000
    assert len(samples) > 7000, "more was folded than must be"
    kept = sorted(name for name in teams if name != OTHER)
    assert kept == [f"t{n:02}" for n in range(40 - len(kept), 40)]
    assert sum(teams.values()) == sum(range(1, 41))
    assert exporter.sample("floorcast_series") == len(samples)


async def test_ids_of_folded_names_are_united_and_not_added_up() -> None:
    exporter = await crowded(8000)
    kept = {name for name in answered(exporter) if name != OTHER}
    small = 40 - len(kept)
    customers = 1 + sum(range(small))
    assert answered(exporter, "customers_covered")[OTHER] == customers


async def test_folded_series_counts_what_single_names_would_have_had() -> None:
    judge = FloorTargets(TARGETS)
    exporter, whole = await crowded(8000, judge=judge), await crowded(100_000, judge=judge)
    kept = set(answered(exporter))

    def single(of: Exporter) -> int:
        pairs = [dict(pairs) for name, pairs in of.samples() if name in OF_A_NAME]
        return sum(labels["scope"] == "team" and labels["name"] not in kept for labels in pairs)

    assert exporter.sample("floorcast_folded_series") == single(whole)
    assert whole.sample("floorcast_folded_series") == 0


async def test_nothing_folds_at_the_limit() -> None:
    series = len((await crowded(100_000)).samples())
    assert OTHER not in answered(await crowded(series))
    assert OTHER in answered(await crowded(series - 1))


async def test_a_name_that_was_folded_by_the_worker_shares_the_row() -> None:
    exporter = await crowded(8000)
    exporter.reader.add(CALLS, [call(team=OTHER) for _ in range(500)])
    await exporter.refresh()
    assert sum(answered(exporter).values()) == sum(range(1, 41)) + 500


async def test_the_json_has_every_name_by_itself() -> None:
    exporter = await crowded(8000)
    async with exporter.http() as client:
        answer = await (await client.get("/api/kpis?scope=team&window=5m&kpi=dials")).json()
    assert [row["name"] for row in answer["kpis"]] == [f"t{n:02}" for n in range(40)]


async def test_a_name_that_grows_takes_its_place_within_a_quarter_of_an_hour() -> None:
    exporter = await crowded(8000)
    assert "t00" not in answered(exporter)
    exporter.reader.add(CALLS, [call(team="t00") for _ in range(100)])
    exporter.reader.clock_ms += 900_000
    await exporter.refresh()
    assert answered(exporter)["t00"] == 101


async def test_series_that_appear_later_keep_within_the_limit() -> None:
    quiet = [call(NOON - 3_600_000, team=f"t{n}") for n in range(40)]
    whole = await Exporter().with_calls(*quiet)
    exporter = await Exporter(limit=len(whole.samples())).with_calls(*quiet)
    assert OTHER not in answered(exporter)
    exporter.reader.add(CALLS, [call(team=f"t{n}", outbound_answered=1) for n in range(40)])
    await exporter.refresh()
    await exporter.refresh()
    assert len(exporter.samples()) <= len(whole.samples())


async def test_scopes_go_as_a_whole_where_nothing_else_helps_and_the_floor_stays() -> None:
    exporter = await crowded(900)
    scopes = {dict(pairs)["scope"] for name, pairs in exporter.samples() if name == "kpi_value"}
    assert scopes == {"floor"}
    assert len(exporter.samples()) <= 900


async def test_what_is_said_of_targets_keeps_within_the_limit_too() -> None:
    whole = await crowded(100_000, teams=9, judge=FloorTargets(TARGETS))
    series = len(whole.samples())
    assert sum(name in JUDGED for name, _ in whole.samples()) == 9 * (5 + 2) + 5
    for limit in (series, series - 1, series - 100):
        exporter = await crowded(limit, teams=9, judge=FloorTargets(TARGETS))
        assert len(exporter.samples()) == exporter.sample("floorcast_series")
        assert series * 0.75 < len(exporter.samples()) <= limit
        assert (OTHER in answered(exporter)) is (limit < series)


async def test_targets_that_come_with_a_new_configuration_keep_within_the_limit() -> None:
    series = len((await crowded(100_000, teams=9)).samples())
    exporter = await crowded(series, teams=9)
    assert OTHER not in answered(exporter)
    exporter.edition = Edition.of(exporter.view, exporter.page, FloorTargets(TARGETS), exporter.configuration)
    await exporter.refresh()
    assert OTHER in answered(exporter)
    assert len(exporter.samples()) <= series
    exporter.edition = Edition.of(exporter.view, exporter.page, no_targets, exporter.configuration)
    await exporter.refresh()
    assert OTHER not in answered(exporter)
