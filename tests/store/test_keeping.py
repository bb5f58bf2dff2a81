"""How long things are kept: panes by their end, ids by arrival."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.keeping import expiry_s, forgotten_hour
from streams.store.protocol import HOUR_MS, MINUTE_MS, QUARTER_MS

NOON_S = 1_700_000_000 // 3600 * 3600


def test_a_minute_is_kept_for_5_hours_after_its_end() -> None:
    assert expiry_s(f"m:{NOON_S // 60}") == NOON_S + 60 + 5 * 3600


def test_a_quarter_is_kept_for_35_days_and_an_hour_after_its_end() -> None:
    assert expiry_s(f"q:{NOON_S // 900}") == NOON_S + 900 + 35 * 86_400 + 3600


@given(st.integers(0, 2**42), st.sampled_from([("m", MINUTE_MS, 5 * 3600), ("q", QUARTER_MS, 35 * 86_400 + 3600)]))
def test_no_instant_s_pane_goes_before_its_time(ms: int, kind: tuple[str, int, int]) -> None:
    letter, length_ms, kept_s = kind
    left_ms = expiry_s(f"{letter}:{ms // length_ms}") * 1000 - ms
    assert kept_s * 1000 < left_ms <= kept_s * 1000 + length_ms


@pytest.mark.parametrize("back_ms", [0, 15 * MINUTE_MS])
@given(arrival=st.integers(HOUR_MS, 2**42), horizon=st.integers(1, 336))
def test_an_id_within_the_horizon_is_never_forgotten_even_when_arrivals_go_back(
    arrival: int, horizon: int, back_ms: int
) -> None:
    oldest_asked = arrival - back_ms - horizon * HOUR_MS
    assert forgotten_hour(arrival, horizon) < oldest_asked // HOUR_MS


@given(st.integers(HOUR_MS, 2**42), st.integers(1, 336))
def test_no_more_than_two_hours_beyond_the_horizon_are_kept(arrival: int, horizon: int) -> None:
    first_kept = (forgotten_hour(arrival, horizon) + 1) * HOUR_MS
    assert arrival - first_kept < (horizon + 2) * HOUR_MS
