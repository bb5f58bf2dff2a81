"""Following an exporter that comes and goes."""

from collections.abc import Sequence

import aiohttp
import pytest

from streams.demo.board import Silence
from streams.demo.feed import Feed, NoAnswer
from streams.demo.follow import Follower
from streams.demo.reading import Reading
from tests.demo.answers import ADDRESSES, a_reading


class Recorded(Feed):
    """A feed that gives these answers."""

    def __init__(self, *answers: Reading | NoAnswer) -> None:
        self._answers = iter(answers)

    async def read(self, url: str) -> Reading:
        answer = next(self._answers)
        if isinstance(answer, NoAnswer):
            raise answer
        return answer


async def looks(*answers: Reading | NoAnswer) -> Sequence[Reading | Silence | None]:
    """Return what is shown after each answer."""
    follower = Follower("The floor", Recorded(*answers), lambda: ADDRESSES, tuple)
    return [(await follower.look()).reading for _ in answers]


async def test_no_figure_outlives_the_exporters_silence() -> None:
    before, after = a_reading(), a_reading(at_s=9)
    shown = await looks(before, NoAnswer("refused"), NoAnswer("no answer within 3 s"), after)
    assert (shown[0], shown[3]) == (before, after)
    first, second = shown[1], shown[2]
    assert isinstance(first, Silence)
    assert isinstance(second, Silence)
    assert (first.reason, second.reason) == ("refused", "no answer within 3 s")
    assert first.since == second.since


async def test_a_new_silence_begins_anew() -> None:
    shown = await looks(NoAnswer("a"), a_reading(), NoAnswer("b"))
    assert isinstance(shown[0], Silence)
    assert isinstance(shown[2], Silence)
    assert shown[2].since > shown[0].since


async def test_where_nobody_listens_there_is_no_answer() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(NoAnswer, match=r"127\.0\.0\.1:9 "):
            await Feed(session).read("http://127.0.0.1:9")
