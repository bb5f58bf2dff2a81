"""Free ports on loopback, and who listens there."""

import socket
import urllib.request
from http.client import HTTPException

LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def listens(port: int) -> bool:
    """Say whether somebody accepts connections on a port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=0.5):
            return True
    except OSError:
        return False


def answers(url: str) -> bool:
    """Say whether a GET of an http URL is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # the URLs are of our making
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
