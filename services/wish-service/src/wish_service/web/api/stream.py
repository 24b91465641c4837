"""The wall as it changes: server-sent events (WHATWG HTML, "Server-sent events")."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from wish_service.views.read_wall import WallQuery
from wish_service.web.finding import wall_query
from wish_service.web.live import LiveWall
from wish_service.web.parts import PartsHere

router = APIRouter(tags=["wishes"])

LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=1000)]
Since = Annotated[str | None, Query(max_length=1000)]


class LiveResponse(StreamingResponse):
    """A stream that ends when its reader goes, when its reader is too slow, or when the service stops.

    FastAPI's own needs a generator as the route, which can't refuse before it has answered 200.
    """

    media_type = "text/event-stream"

    def __init__(self, live: LiveWall, query: WallQuery, last: str | None) -> None:
        self._live = live
        self._query = query
        self._last = last
        # Nginx in front must not collect what is to be seen at once.
        super().__init__(iter(()), headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI
        """Serve the stream. Raises: Problem 503 `busy`, before anything is sent."""
        listener = await self._live.join(self._query)
        self.body_iterator = self._live.events(listener, self._last)
        sending = asyncio.create_task(self.stream_response(send))
        ends = [asyncio.create_task(self.listen_for_disconnect(receive)), asyncio.create_task(listener.cut.wait())]
        try:
            await asyncio.wait([sending, *ends], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            self._live.leave(listener)
            for task in (sending, *ends):
                task.cancel()
            await asyncio.gather(sending, *ends, return_exceptions=True)


@router.get("/api/wishes/stream", status_code=200, response_class=LiveResponse)
async def stream(
    parts: PartsHere,
    query: Annotated[WallQuery, Depends(wall_query)],
    last_event_id: LastEvent = None,
    since: Since = None,
) -> LiveResponse:
    """Live changes of the list with these filters: `posted`, `changed`, `gone`, `reset`.

    `since` is `Last-Event-ID` for the first connection, for which browsers can't set the header: the position that a
    page was made at.
    """
    return LiveResponse(parts.finding.live, query, last_event_id or since)
