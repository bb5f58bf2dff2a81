"""The board's page and what belongs to it, as they are served: from memory, without a build step."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE = "index.html"
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; object-src 'none'"
"""Nothing from elsewhere, and nothing inline: a name from an event can never become a script."""
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page."""

    body: bytes
    content_type: str
    tag: str
    """Another one whenever the content is."""


class Assets:
    """All files of the page, by name."""

    def __init__(self) -> None:
        folder = resources.files("streams.export").joinpath("board")
        self.files = dict(_read(folder))
        self.edition = _tag("".join(f"{name} {one.tag}" for name, one in sorted(self.files.items())).encode())
        """Which make of the page this is."""


def _read(folder: Traversable) -> Iterator[tuple[str, Asset]]:
    for file in folder.iterdir():
        ending = file.name[file.name.rfind(".") :]
        if ending in TYPES:
            body = file.read_bytes()
            yield file.name, Asset(body, TYPES[ending], _tag(body))


def _tag(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]
