"""When the page takes what it shows for old: its own rules, asked in the browser with a stopwatch of the test's."""

from typing import Any

import pytest

from tests.board.screen import Screen

RULES = """async ([messages, now, topics]) => {
  const { age, Freshness } = await import("/board/freshness.js");
  const { LANGUAGES } = await import("/board/words.js");
  const freshness = new Freshness();
  freshness.began = 0;
  for (const [ms, message] of messages) freshness.heard(message, ms);
  const state = freshness.state(now);
  return [state.kind, age(state, topics, LANGUAGES.en)];
}"""


def message(second: int, **stale: str | None) -> dict[str, Any]:
    return {"at": f"2026-11-24T12:00:{second:02}+09:00", "stale": [*stale], "stale_since": stale}


FIRST, SINCE = message(0), "2026-11-24T11:59:50+09:00"
STILL = [(ms, FIRST) for ms in range(0, 6000, 1000)]
RULED: dict[str, tuple[list[tuple[int, Any]], int, list[str], list[str | None]]] = {
    "nothing yet": ([], 3000, ["calls"], ["connecting", "Connecting …"]),
    "never anything": ([], 3001, ["calls"], ["never", "Connecting …"]),
    "just now": ([(0, FIRST)], 3000, ["calls"], ["live", None]),
    "silent for more than 3 s": ([(0, FIRST)], 3001, ["calls"], ["lost", "stale since 12:00:00"]),
    "messages without news for 5 s": (STILL, 5000, ["calls"], ["live", None]),
    "and for longer": (STILL, 5001, ["calls"], ["old", "stale since 12:00:00"]),
    "news again": ([*STILL, (6000, message(6))], 6000, ["calls"], ["live", None]),
    "a stale topic that makes the figure": ([(0, message(0, crm=SINCE))], 0, ["crm"], ["stale", "stale since 11:59:50"]),
    "a stale topic that does not": ([(0, message(0, crm=SINCE))], 0, ["calls", "reps"], ["stale", None]),
    "never seen fresh": ([(0, message(0, crm=None))], 0, ["calls", "crm"], ["stale", "stale, never seen fresh"]),
    "the longest of two": (
        [(0, message(0, crm="2026-11-24T11:59:55+09:00", calls=SINCE))], 0, ["calls", "crm"], ["stale", "stale since 11:59:50"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RULED)
async def test_what_is_old_is_said_to_be_old(desk: Screen, case: str) -> None:
    messages, now, topics, wanted = RULED[case]
    assert await desk.page.evaluate(RULES, [messages, now, topics]) == wanted
