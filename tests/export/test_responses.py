"""A large answer waits for its client, and not for one who never takes it."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from streams.export import responses
from streams.export.responses import response_of
from tests.programs import becomes

BODY = bytes(32 << 20)
"""More than the buffers of a connection on the way."""


class Served:
    """A server of one large answer, and the connections on which it was asked for."""

    def __init__(self) -> None:
        self.transports: asyncio.Queue[asyncio.Transport] = asyncio.Queue()

    async def answer(self, request: web.Request) -> web.Response:
        assert isinstance(request.transport, asyncio.Transport)
        self.transports.put_nowait(request.transport)
        return response_of(request, BODY, "application/json")


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
async def client(served: Served) -> AsyncIterator[socket.socket]:
    """Return a connection on which the answer was asked for."""
    app = web.Application()
    app.add_routes([web.get("/", served.answer)])
    async with TestServer(app) as server:
        with socket.socket() as asking:
            asking.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(asking, ("127.0.0.1", server.port))
            await loop.sock_sendall(asking, b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            yield asking


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "TAKEN_S", 0.0)


@pytest.mark.usefixtures("_impatient", "client")
async def test_a_client_that_reads_nothing_is_given_up(served: Served) -> None:
    transport = await served.transports.get()

    async def gone() -> bool:
        return transport.is_closing() and not transport.get_write_buffer_size()

    await becomes(gone, bool)


async def test_a_client_that_reads_slowly_gets_all(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    got = b""
    while len(got) < len(BODY):
        got += await loop.sock_recv(client, 1 << 20)
    head, _, body = got.partition(b"\r\n\r\n")
    while len(body) < len(BODY):
        body += await loop.sock_recv(client, 1 << 20)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == BODY
