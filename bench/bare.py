"""The least that Starlette can do: a route that returns bytes, and 304 to whoever has them. `python -m bench.bare`.

PORT, BODY (a file) and ETAG come from the environment; served as `microwish.web.process` serves.
"""

import os
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = Path(os.environ["BODY"]).read_bytes()
ETAG = os.environ["ETAG"]


async def page(_: Request) -> Response:
    """The bytes."""
    return Response(BODY, media_type="application/json")


async def held(request: Request) -> Response:
    """304 to whoever has the bytes."""
    if request.headers.get("if-none-match") == ETAG:
        return Response(status_code=304, headers={"ETag": ETAG})
    return Response(BODY, media_type="application/json", headers={"ETag": ETAG})


app = Starlette(routes=[Route("/page", page), Route("/held", held)])


def main() -> None:
    """Serve until SIGTERM."""
    uvicorn.run(
        app,
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        proxy_headers=False,
        access_log=False,
        server_header=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
