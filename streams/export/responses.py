"""What is sent in answer: whole, packed where the client takes that, and not for longer than a client may need."""

import asyncio

from aiohttp import ETag, web

from streams.export.assets import HEADERS, Asset

LARGE = 16_384
"""Bytes above which compressing is left to another thread."""
TAKEN_S = 120.0
"""How long a client may take for an answer: all KPIs are tens of megabytes, which must not wait for one who never reads."""


class Timely(web.Response):
    """A response that gives up a client who does not take it in time."""

    def __init__(self, request: web.BaseRequest, content_type: str, body: bytes) -> None:
        headers = {"Content-Type": content_type, "Cache-Control": "no-store", "Vary": "Accept-Encoding"}
        super().__init__(body=body, headers=headers, zlib_executor_size=LARGE)
        self._transport = request.transport

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the body. Raises ConnectionAbortedError."""
        try:
            async with asyncio.timeout(TAKEN_S):
                await super().write_eof(data)
        except TimeoutError:
            if self._transport:
                self._transport.abort()
            raise ConnectionAbortedError("the client does not take the answer") from None


def asset_response(request: web.Request, asset: Asset) -> web.Response:
    """Return a file of the board, or that the client has it already."""
    if request.if_none_match and any(tag.value in {asset.tag, "*"} for tag in request.if_none_match):
        response: web.Response = web.Response(status=304, headers=HEADERS)
    else:
        response = response_of(request, asset.body, asset.content_type)
        response.headers.update(HEADERS)
    response.etag = ETag(asset.tag, is_weak=True)
    return response


def json_response(request: web.Request, body: bytes) -> web.Response:
    """Return JSON."""
    return response_of(request, body, "application/json")


def response_of(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """Return a body, packed for a client who wants it so."""
    response = Timely(request, content_type, body)
    if accepts_gzip(request.headers.get("Accept-Encoding", "")):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def accepts_gzip(header: str) -> bool:
    """Say whether a client wants gzip; one that says nothing of it, or gives it a weight of 0, does not."""
    for coding in header.lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or not weight
    return False
