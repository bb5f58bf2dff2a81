"""The stream of updates: a board's content whenever it changes, at most four times a second."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from streams.export.answers import Answers, encode
from streams.export.query import Filters
from streams.view.present import Present
from streams.view.view import Snapshot, View

EVERY_S = 0.25
LOOK_S = 1 / 32
"""How soon a board that has nothing to be told is looked at again."""
ALIVE_S = 1.0
"""After so long the content is sent again although only its time has changed."""
REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Message:
    """What a board needs; texts are JSON."""

    at: bytes
    stale: bytes
    stale_since: bytes
    kpis: bytes
    """Rows without the brackets around them."""
    now: bytes
    present: Present

    @property
    def event(self) -> bytes:
        """The message as a server-sent event."""
        parts = (self.at, self.stale, self.stale_since, self.kpis, self.now)
        return b'data: {"at":%b,"stale":%b,"stale_since":%b,"kpis":[%b],"now":%b}\n\n' % parts

    @property
    def content(self) -> tuple[bytes, bytes, Present]:
        """All but the time."""
        return self.stale, self.kpis, self.present


@dataclass(frozen=True, slots=True)
class _Made:
    snapshot: Snapshot
    stale: tuple[str, ...]
    message: asyncio.Task[Message]


class Boards:
    """Makes the messages of a view, once for all boards with the same filters."""

    def __init__(self, view: View, answers: Answers) -> None:
        self._view, self._answers = view, answers
        self._made: OrderedDict[Filters, _Made] = OrderedDict()

    async def message(self, filters: Filters) -> Message:
        """Return the present content of a board. Raises Loading."""
        snapshot, stale = self._answers.snapshot, self._view.stale()
        made = self._made.get(filters)
        if made is None or made.snapshot is not snapshot or made.stale != stale:
            made = _Made(snapshot, stale, asyncio.create_task(self._make(filters)))
            self._made[filters] = made
            if len(self._made) > REMEMBERED:
                self._made.popitem(last=False)
        self._made.move_to_end(filters)
        return await asyncio.shield(made.message)

    async def _make(self, filters: Filters) -> Message:
        async with self._view.still() as figures:
            at_ms, snapshot, stale = figures.t_ms, self._answers.snapshot, self._view.stale()
            since = self._answers.last_fresh(stale)
            tables = await self._answers.tables(figures, filters)
        kpis = await self._answers.rows(tables, at_ms)
        now = encode(self._answers.present(snapshot))
        return Message(self._answers.time(at_ms), encode(stale), since, kpis, now, snapshot.present)


async def updates(
    boards: Callable[[], Boards], filters: Filters, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> AsyncIterator[bytes]:
    """Yield events until nobody asks for more; between two of them lies at least a pause of EVERY_S.

    `boards` are those of the configuration that is shown at the time.
    """
    sent: Message | None = None
    idle_s = 0.0
    while True:
        message = await boards().message(filters)
        if sent is None or idle_s >= ALIVE_S or message.content != sent.content:
            yield message.event
            sent, idle_s = message, 0.0
            wait_s = EVERY_S
        else:
            wait_s = LOOK_S
        await pause(wait_s)
        idle_s += wait_s
