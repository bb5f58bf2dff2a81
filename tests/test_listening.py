"""An address that is none, and a port that somebody else has, are told with the setting that chooses them."""

import socket
from collections.abc import AsyncIterator
from unittest.mock import patch

import pytest
from aiohttp import ClientSession, web

from streams.listening import ListenError, listen

SETTING = "FLOORCAST_EXPORTER_PORT"


@pytest.fixture
async def runner() -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    yield runner
    await runner.cleanup()


async def test_what_is_free_is_served(runner: web.AppRunner) -> None:
    await listen(runner, "127.0.0.1", 0, port_setting=SETTING)
    host, port = runner.addresses[0]
    async with ClientSession() as session, session.get(f"http://{host}:{port}/") as answer:
        assert answer.status == 404


async def test_a_taken_port_is_named_by_its_setting(runner: web.AppRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"^{SETTING}={port}: Address already in use$"):
            await listen(runner, "127.0.0.1", port, port_setting=SETTING)


@pytest.mark.parametrize("host", ["192.0.2.1", "a" * 64], ids=["elsewhere", "no name"])
async def test_a_host_that_is_not_here_is_named_by_its_setting(runner: web.AppRunner, host: str) -> None:
    with pytest.raises(ListenError, match=f"^FLOORCAST_HOST={host}: .*[a-z]"):
        await listen(runner, host, 0, port_setting=SETTING)


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(socket.EAI_NONAME, "Name or service not known"), OSError("could not bind on any address")],
    ids=["unknown", "elsewhere, since Python 3.12"],
)
async def test_what_the_system_says_of_a_host_is_told(runner: web.AppRunner, error: OSError) -> None:
    words = error.strerror or str(error)
    with (
        patch.object(web.TCPSite, "start", side_effect=error),
        pytest.raises(ListenError, match=f"^FLOORCAST_HOST=pbx: {words}$"),
    ):
        await listen(runner, "pbx", 0, port_setting=SETTING)
