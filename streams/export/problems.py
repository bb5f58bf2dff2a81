"""What is answered when there is no answer: problem+json (RFC 9457)."""

import json
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from streams.store.protocol import StoreUnavailable
from streams.view.view import Loading

RETRY_AFTER_S = 1


class BadQuery(Exception):
    """The request cannot be answered as it is: the words say what to change."""


def problem(status: int, detail: str, **headers: str) -> web.Response:
    """Return a problem."""
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(
        body=json.dumps(content).encode(), status=status, content_type="application/problem+json", headers=headers
    )


def later(detail: str) -> web.Response:
    """Return the problem of having nothing to show yet."""
    return problem(503, detail, **{"Retry-After": str(RETRY_AFTER_S)})


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into problems."""
    try:
        return await handler(request)
    except BadQuery as error:
        return problem(400, str(error))
    except Loading as error:
        return later(str(error))
    except StoreUnavailable as error:
        return later(f"the store does not answer: {error}")
    except web.HTTPException as error:
        if error.status < 400:
            raise
        allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return problem(error.status, error.reason, **allowed)
