"""Asks the exporter about the floor."""

import aiohttp

from streams.demo.columns import KPIS, WINDOWS
from streams.demo.reading import Reading, reading

WAIT_S = 3.0
TIMEOUT = aiohttp.ClientTimeout(total=WAIT_S)


class NoAnswer(Exception):
    """The exporter says nothing that can be shown; the message says why."""


class Feed:
    """Reads over a session that somebody else opens and closes."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def read(self, url: str) -> Reading:
        """Return how the floor is by the exporter at `url`. Raises NoAnswer."""
        query = [("scope", "floor"), ("scope", "team"), *(("window", window) for window in WINDOWS)]
        query += [("kpi", kpi) for kpi in KPIS]
        try:
            async with (
                self._session.get(f"{url}/api/kpis", params=query, timeout=TIMEOUT, raise_for_status=True) as kpis,
                self._session.get(f"{url}/api/now", timeout=TIMEOUT, raise_for_status=True) as now,
                self._session.get(f"{url}/metrics", timeout=TIMEOUT, raise_for_status=True) as metrics,
            ):
                return reading(await kpis.json(), await now.json(), await metrics.text())
        except TimeoutError:
            raise NoAnswer(f"no answer within {WAIT_S:.0f} s") from None
        except aiohttp.ClientResponseError as error:
            raise NoAnswer(f"it answers {error.status} {error.message}") from None
        except aiohttp.ClientError as error:
            raise NoAnswer(str(error)) from None
