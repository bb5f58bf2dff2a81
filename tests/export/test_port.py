"""A port that somebody else has is told with the setting that chooses it."""

import socket

import pytest

from streams.export.service import ExporterError, serve
from streams.settings import Settings


async def test_a_taken_port_is_named_by_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ExporterError, match=f"FLOORCAST_EXPORTER_PORT={port}: .*in use"):
            await serve(Settings(exporter_port=port))
