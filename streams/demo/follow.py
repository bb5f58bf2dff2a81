"""Makes a board of what the exporter answers, again and again."""

from collections.abc import Callable
from datetime import datetime

from streams.demo.board import Addresses, Board, Silence
from streams.demo.course import Course
from streams.demo.feed import Feed, NoAnswer
from streams.demo.reading import Reading


class Follower:
    """Follows one exporter."""

    def __init__(
        self, floor: str, feed: Feed, addresses: Callable[[], Addresses], notices: Callable[[], tuple[str, ...]]
    ) -> None:
        self._floor, self._feed = floor, feed
        self._addresses, self._notices = addresses, notices
        self._course = Course()
        self._silent_since: datetime | None = None

    async def look(self) -> Board:
        """Ask, and return what there is to show. No figure outlives the exporter's silence."""
        found = await self._ask()
        course = self._course
        if isinstance(found, Reading):
            course.see(found)
        return Board(
            floor=self._floor,
            addresses=self._addresses(),
            now=datetime.now().astimezone(),
            reading=found,
            per_second=course.per_second,
            stale_since=course.stale_since,
            notices=self._notices(),
        )

    async def _ask(self) -> Reading | Silence:
        try:
            found = await self._feed.read(self._addresses().exporter)
        except NoAnswer as error:
            self._silent_since = self._silent_since or datetime.now().astimezone()
            return Silence(str(error), self._silent_since)
        self._silent_since = None
        return found
