"""What keeps a demo from its folder or port is told before anything is started."""

import socket
from pathlib import Path

from click.testing import CliRunner

from streams.cli import main


def refused(data: Path, **environment: str) -> str:
    done = CliRunner().invoke(main, ["demo", "--headless", "--data", str(data)], env=environment)
    assert (done.exit_code, done.stdout) == (1, "")
    return done.stderr


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    data = tmp_path / "file" / "data"
    assert refused(data) == f"Error: {data} cannot be written to: Not a directory\n"


def test_a_port_that_was_asked_for_and_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = refused(tmp_path / "data", FLOORCAST_EXPORTER_PORT=port)
    assert words == f"Error: FLOORCAST_EXPORTER_PORT={port}: Address already in use\n"
