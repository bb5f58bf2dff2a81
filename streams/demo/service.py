"""One floorcast command as a child process: how it is started, where it answers, whether it is ready."""

import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp

from streams.embedded.child import Child
from streams.embedded.ports import LOOPBACK, free_ports

PROGRAM = Path(sys.executable).with_name("floorcast")


class Service:
    """A worker, the exporter or the simulator. `port_setting` names the setting of the port, where it listens."""

    def __init__(self, name: str, command: Sequence[str], data: Path, port_setting: str = "", port: int = 0) -> None:
        self.name = name
        self.child = Child(name, data / f"{name.replace(' ', '-')}.log")
        self._command = command
        self._port_setting = port_setting
        self._port = port

    @property
    def url(self) -> str:
        """Where it answers; another address only after a start at which somebody else had taken the port."""
        return f"http://{LOOPBACK}:{self._port}"

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the process, on the port that it had where that is still free."""
        if self._port_setting:
            if not is_free(self._port):
                (self._port,) = free_ports(1)
            environment = {**environment, self._port_setting: str(self._port)}
        await self.child.start([str(PROGRAM), *self._command], environment)

    async def ready(self, session: aiohttp.ClientSession) -> bool:
        """Say whether it is ready; one that does not listen is ready when it runs."""
        if not self._port_setting:
            return self.child.running
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


def is_free(port: int) -> bool:
    """Say whether a server could listen on a port; 0 is none."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
    return port != 0
