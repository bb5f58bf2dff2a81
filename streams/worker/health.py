"""What the worker says of itself over HTTP: alive, ready and if not why, its own metrics."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.floor.followed import Configuration
from streams.worker.metrics import WorkerMetrics

Reasons = Callable[[], list[str]]
"""What keeps the worker from being ready; empty when it is."""


def application(
    reasons: Reasons, metrics: WorkerMetrics, configuration: Callable[[], Configuration]
) -> web.Application:
    """Return `/livez`, `/readyz` and `/metrics`."""

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        missing = reasons()
        status = {"status": "not ready" if missing else "ready", "reasons": missing, "config": configuration().answer()}
        return web.json_response(status, status=503 if missing else 200)

    async def exposition(_: web.Request) -> web.Response:
        metrics.ready.set(0 if reasons() else 1)
        metrics.configured(configuration())
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", exposition)])
    return app
