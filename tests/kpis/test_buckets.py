"""Log buckets stay within 1 % of the exact nearest rank, and merge by adding counts."""

from collections import Counter
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kpis.buckets import bounds, bucket_of, quantile, representative

DURATIONS = st.one_of(st.integers(0, 200), st.integers(0, 3 * 86_400_000))
QUANTILES = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.01, 1.0, 0.1])


def counts(values: list[int]) -> list[tuple[int, int]]:
    return list(Counter(map(bucket_of, values)).items())


@given(st.lists(DURATIONS, min_size=1), QUANTILES)
def test_a_quantile_is_within_1_percent_of_the_exact_nearest_rank(values: list[int], q: float) -> None:
    exact = sorted(values)[ceil(Fraction(str(q)) * len(values)) - 1]
    found = quantile(counts(values), q)
    assert found is not None and abs(found - exact) <= exact / 100


@given(st.lists(DURATIONS), st.lists(DURATIONS), QUANTILES)
def test_merged_counts_are_the_counts_of_all_values(left: list[int], right: list[int], q: float) -> None:
    assert quantile(counts(left) + counts(right), q) == quantile(counts(left + right), q)


@given(DURATIONS, DURATIONS)
def test_greater_values_have_no_smaller_buckets(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert bucket_of(low) <= bucket_of(high)


@given(DURATIONS)
def test_a_value_lies_within_its_bucket_and_near_its_representative(value: int) -> None:
    bucket = bucket_of(value)
    least, greatest = bounds(bucket)
    assert least <= value <= greatest
    assert bucket_of(least) == bucket_of(greatest) == bucket
    assert bucket_of(representative(bucket)) == bucket
    assert abs(representative(bucket) - value) <= value / 128


@given(st.integers(0, 3000))
def test_buckets_follow_each_other_without_a_gap(bucket: int) -> None:
    assert bounds(bucket)[1] + 1 == bounds(bucket + 1)[0]


@pytest.mark.parametrize(
    ("value", "bucket"), [(0, 0), (1, 1), (63, 63), (64, 64), (127, 127), (128, 128), (129, 128), (256, 192)]
)
def test_small_values_have_buckets_of_their_own(value: int, bucket: int) -> None:
    assert bucket_of(value) == bucket


def test_nothing_has_no_quantile() -> None:
    assert quantile([], 0.5) is None
    assert quantile([(7, 0)], 0.5) is None


def test_the_rank_is_exact_where_floats_would_round_up() -> None:
    """0.9 · 10 is 9 and 0.55 · 100 is 55, though 0.55 · 100 is above 55 in floating point."""
    assert quantile([(value, 1) for value in range(1, 11)], 0.9) == 9
    assert quantile([(value, 1) for value in range(1, 101)], 0.55) == 55
