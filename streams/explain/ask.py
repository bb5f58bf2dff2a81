"""`floorcast explain`: from the settings and a question to an answer, out of the store."""

from contextlib import aclosing

from streams.explain.explainer import Explainer
from streams.explain.explanation import Explanation
from streams.explain.outlook import glimpsed
from streams.explain.question import Question, known
from streams.export.query import instant
from streams.floor import Floor
from streams.review.opened import some_partitions
from streams.settings import Settings
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader


async def answer(settings: Settings, floor: Floor, question: Question, at: str | None) -> Explanation:
    """Explain a figure, now or at an RFC 3339 time. Raises Unanswerable, BadQuery, NothingCounted, StoreUnavailable."""
    known(question, floor.catalogue().kpis.values())
    async with aclosing(connect(settings.redis, **settings.redis_arguments)) as client:
        reader = RedisReader(client, settings.group)
        partitions = await some_partitions(reader, settings.group)
        at_ms = instant(at, await reader.now_ms()) if at else None
        names = await reader.admitted(question.scope)
        outlook = await glimpsed(reader, floor, partitions, at_ms, question.version, lambda _: names)
        return await Explainer(reader, floor, str(settings.config)).explain(outlook, question)
