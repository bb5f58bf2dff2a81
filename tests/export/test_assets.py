"""The board's files are served as browsers want them."""

import pytest

from streams.export.assets import TYPES, Assets
from tests.export.floor_page import Exporter


@pytest.mark.parametrize("path", ["/", "/board/main.js", "/board/board.css", "/board/icon.svg"])
async def test_a_file_is_sent_once_and_then_only_asked_about(path: str) -> None:
    async with Exporter().http() as client:
        first = await client.get(path)
        assert first.status == 200
        assert first.headers["Content-Type"] == TYPES[path[path.rfind(".") :] if "." in path else ".html"]
        assert first.headers["Cache-Control"] == "no-cache"
        assert first.headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in first.headers["Content-Security-Policy"]
        again = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status, await again.read()) == (304, b"")
        assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
        other = await client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status, await other.read()) == (200, await first.read())


@pytest.mark.parametrize("path", ["/board/nothing.js", "/board/../assets.py", "/board/..%2Fassets.py", "/board/"])
async def test_nothing_but_the_board_s_files_is_served(path: str) -> None:
    async with Exporter().http() as client:
        response = await client.get(path)
        assert (response.status, response.content_type) == (404, "application/problem+json")


def test_another_content_is_another_make_of_the_page() -> None:
    assets = Assets()
    assert len({one.tag for one in assets.files.values()}) == len(assets.files)
    assert assets.edition == Assets().edition
