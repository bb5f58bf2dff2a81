"""What is served by one configuration, and how the next one takes its place: whole, between two pages."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from streams.explain.explainer import Explainer
from streams.export.answers import Answers
from streams.export.floor_targets import FloorTargets
from streams.export.history import History
from streams.export.judgement import Judge
from streams.export.page import MetricsPage
from streams.export.updates import Boards
from streams.floor.changes import read_alike
from streams.floor.followed import Configuration
from streams.floor.model import Floor
from streams.store.protocol import StoreUnavailable
from streams.view.view import View

log = structlog.get_logger(__name__)

RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that answers by one configuration. A request keeps to the edition that it began with."""

    view: View
    page: MetricsPage
    judge: Judge
    answers: Answers
    boards: Boards
    history: History
    explainer: Explainer
    floor: Floor
    loaded_ms: int
    """When its configuration was read, epoch ms."""

    @classmethod
    def of(cls, view: View, page: MetricsPage, judge: Judge, configuration: Configuration) -> "Edition":
        """Put an edition together."""
        answers, floor = Answers(view, judge), configuration.floor
        explainer = Explainer(view.reader, floor, configuration.file)
        boards, history = Boards(view, answers), History(view)
        return cls(view, page, judge, answers, boards, history, explainer, floor, configuration.loaded_ms)

    async def render(self) -> None:
        """Read what is new and write the page. Raises StoreUnavailable."""
        await self.page.render(await self.view.refresh(), self.judge)


Open = Callable[[Floor], tuple[View, MetricsPage]]
"""Makes what reads the store by a floor, and its page; nothing is read yet."""


class Editions:
    """The edition that is shown, and the one to be shown next."""

    def __init__(self, open_: Open, configuration: Configuration) -> None:
        self._open = open_
        self._floor = configuration.floor
        self.shown = self.wanted = self._anew(configuration)
        self._wishes: asyncio.Queue[Configuration] = asyncio.Queue()

    def take(self, configuration: Configuration) -> None:
        """Have a configuration shown as soon as it can be."""
        self._wishes.put_nowait(configuration)

    async def prepare(self) -> None:
        """Make an edition of the latest configuration that is taken, until cancelled; what is shown goes on meanwhile."""
        while True:
            configuration = await self._wishes.get()
            if not self._wishes.empty():
                continue
            if read_alike(self._floor, configuration.floor):
                self.wanted = self._judged(configuration)
            else:
                edition = self._anew(configuration)
                await _filled(edition.view)
                if not self._wishes.empty():  # it was replaced while the store was read
                    continue
                self.wanted = edition
            self._floor = configuration.floor

    async def follow(self) -> None:
        """Bring the wanted edition up to date, and show it once its page is written. Raises StoreUnavailable."""
        edition = self.wanted
        await edition.render()
        self.shown = edition

    def _judged(self, configuration: Configuration) -> Edition:
        return Edition.of(self.wanted.view, self.wanted.page, FloorTargets(configuration.floor), configuration)

    def _anew(self, configuration: Configuration) -> Edition:
        return Edition.of(*self._open(configuration.floor), FloorTargets(configuration.floor), configuration)


async def _filled(view: View) -> None:
    """Let a view read the store for the first time, however long that takes."""
    while True:
        try:
            await view.refresh()
        except StoreUnavailable:
            await asyncio.sleep(RETRY_S)
        else:
            return
