"""`floorcast explain`: from the settings and a question to an answer, out of the store."""

from contextlib import aclosing

from streams.explain.explainer import Explainer
from streams.explain.explanation import Explanation
from streams.explain.question import Question, known
from streams.export.query import instant
from streams.floor import Floor
from streams.review.opened import NothingCounted, counted_partitions, opened
from streams.settings import Settings
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader


async def answer(settings: Settings, floor: Floor, question: Question, at: str | None) -> Explanation:
    """Explain a figure, now or at an RFC 3339 time. Raises Unanswerable, BadQuery, NothingCounted, StoreUnavailable."""
    known(question, floor.catalogue().kpis.values())
    async with aclosing(connect(settings.redis, **settings.redis_arguments)) as client:
        reader = RedisReader(client, settings.group)
        partitions = await counted_partitions(reader)
        if not partitions:
            raise NothingCounted(f"nothing has been counted yet for FLOORCAST_GROUP={settings.group}")
        view = await opened(reader, floor, partitions)
        await view.refresh()  # all of history takes a while to read: what is said of now is to be of now
        at_ms = instant(at, view.now_ms()) if at else None
        return await Explainer(view, floor, str(settings.config)).explain(question, at_ms)
