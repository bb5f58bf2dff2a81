"""The exporter's HTTP: every answer comes from what is held in memory, save instants of long ago."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakSet

from aiohttp import web

from streams.explain.outlook import viewed
from streams.explain.question import Question, Unanswerable
from streams.export.answers import encode
from streams.export.assets import PAGE, Assets
from streams.export.config_lines import config_lines
from streams.export.described import described
from streams.export.edition import Edition
from streams.export.packed import Packing
from streams.export.page import CONTENT_TYPE
from streams.export.problems import BadQuery, in_words
from streams.export.query import Filters, instant_of, one_of_each, version_of
from streams.export.responses import accepts_gzip, asset_response, json_response, response_of
from streams.export.updates import updates
from streams.floor.followed import Configuration
from streams.view.view import UNREAD_S

STREAM = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
    "X-Accel-Buffering": "no",
}


def application(shown: Callable[[], Edition], configuration: Callable[[], Configuration]) -> web.Application:
    """Return the exporter's routes over editions that somebody else keeps up to date.

    `shown` returns the edition that is served, `configuration` what is to be said of its file.
    """
    server = Server(shown, configuration)
    app = web.Application(middlewares=[in_words])
    app.add_routes(
        [
            web.get("/", server.index),
            web.get("/board/{name}", server.asset),
            web.get("/metrics", server.metrics),
            web.get("/api/kpis", server.kpis),
            web.get("/api/explain", server.explain),
            web.get("/api/now", server.now),
            web.get("/api/catalogue", server.catalogue),
            web.get("/api/history", server.history),
            web.get("/api/stream", server.stream, allow_head=False),
            web.get("/api/config", server.config),
            web.get("/livez", server.livez),
            web.get("/readyz", server.readyz),
        ]
    )
    app.on_shutdown.append(server.end_streams)
    return app


class Server:
    """Answers requests."""

    def __init__(self, shown: Callable[[], Edition], configuration: Callable[[], Configuration]) -> None:
        self._shown, self._configuration = shown, configuration
        self._streams: WeakSet[asyncio.Task[None]] = WeakSet()
        self._assets = Assets()

    async def index(self, request: web.Request) -> web.Response:
        """Serve the board."""
        return asset_response(request, self._assets.files[PAGE])

    async def asset(self, request: web.Request) -> web.Response:
        """Serve what belongs to the board."""
        found = self._assets.files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return asset_response(request, found)

    async def livez(self, _: web.Request) -> web.Response:
        """Say that the process answers."""
        return web.json_response({"status": "alive"})

    async def readyz(self, _: web.Request) -> web.Response:
        """Say whether what is served is of now, and if not, why."""
        reasons = self.reasons()
        status = {"status": "not ready" if reasons else "ready", "reasons": reasons, "config": self._config()}
        return web.json_response(status, status=503 if reasons else 200)

    def reasons(self) -> list[str]:
        """Return what keeps the exporter from being ready."""
        shown = self._shown()
        if shown.view.snapshot is None:
            return ["the store has not been read yet"]
        if shown.view.age_s >= UNREAD_S:
            return [f"the store has not answered for {shown.view.age_s:.0f} s: everything is stale"]
        if shown.page.age_s >= UNREAD_S:
            return ["the metrics are not written yet"]
        return []

    async def metrics(self, request: web.Request) -> web.Response:
        """Serve the rendered page."""
        shown = self._shown()
        configuration = config_lines(self._configuration(), shown.loaded_ms)
        return response_of(request, shown.page.text(configuration), CONTENT_TYPE)

    async def kpis(self, request: web.Request) -> web.Response:
        """Serve KPIs, now or at an instant."""
        shown = self._shown()
        at_ms = instant_of(request.query, shown.view.now_ms())
        return json_response(request, await shown.answers.kpis(Filters.of(request.query), at_ms))

    async def explain(self, request: web.Request) -> web.Response:
        """Serve one figure taken apart."""
        shown = self._shown()
        at_ms = instant_of(request.query, shown.view.now_ms())
        try:
            question = Question.of(one_of_each(request.query), version_of(request.query))
            outlook = viewed(shown.view, at_ms, question.version)
            return json_response(request, encode(await shown.explainer.explain(outlook, question)))
        except Unanswerable as error:
            raise BadQuery(str(error)) from None

    async def now(self, request: web.Request) -> web.Response:
        """Serve what happens now."""
        return json_response(request, self._shown().answers.now())

    async def catalogue(self, request: web.Request) -> web.Response:
        """Say what each KPI is."""
        shown = self._shown()
        return json_response(request, described(shown.floor, shown.view, shown.page.scopes, self._assets.edition))

    async def history(self, request: web.Request) -> web.Response:
        """Serve what KPIs were at the ends of the last quarters."""
        return json_response(request, await self._shown().history.answer(Filters.of(request.query)))

    async def config(self, request: web.Request) -> web.Response:
        """Say which configuration is served, and what is wrong with the file as it is now."""
        return json_response(request, json.dumps(self._config(), ensure_ascii=False).encode())

    def _config(self) -> dict[str, Any]:
        shown = self._shown()
        return replace(self._configuration(), loaded_ms=shown.loaded_ms).answer(shown.view.days.zone)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send updates until the board goes away or the exporter stops."""
        filters = Filters.of(request.query)
        await self._shown().boards.message(filters)
        packed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        response = web.StreamResponse(headers={**STREAM, "Content-Encoding": "gzip"} if packed else STREAM)
        try:
            await response.prepare(request)
        except ConnectionError:  # the board has left already
            return response
        sending = asyncio.create_task(self._send(response, filters, Packing() if packed else bytes))
        self._streams.add(sending)
        try:
            await asyncio.wait([sending])
        finally:
            sending.cancel()
        return response

    async def _send(self, response: web.StreamResponse, filters: Filters, pack: Callable[[bytes], bytes]) -> None:
        async for event in updates(lambda: self._shown().boards, filters):
            try:
                await response.write(pack(event))
            except ConnectionError:
                return

    async def end_streams(self, _: web.Application) -> None:
        """Let the streams end: they would never by themselves."""
        for sending in set(self._streams):
            sending.cancel()
