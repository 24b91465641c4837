"""Public answers that need not travel twice: strong ETags and 304 (RFC 9110, 8.8.3 and 13.1.2)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import Response

PUBLIC = "public, no-cache"
"""Anyone may keep it, but must ask whether it still holds: a wish taken down has to go at once."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer in JSON, ready to be sent, with the ETag of its very bytes."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, content: Any) -> Self:
        """Write the content out once."""
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def held_by(self, if_none_match: str) -> bool:
        """Whether a caller who sends this If-None-Match has these bytes; lists, `*` and weak tags count."""
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return self.etag in tags or "*" in tags

    def answer(self, request: Request) -> Response:
        """The answer to GET or HEAD, or 304 when the caller has it."""
        headers = {"ETag": self.etag, "Cache-Control": PUBLIC}
        if self.held_by(",".join(request.headers.getlist("if-none-match"))):
            return Response(status_code=304, headers=headers)
        answer = Response(self.body, headers=headers, media_type="application/json")
        if request.method == "HEAD":
            answer.body = b""  # Content-Length stays that of the GET
        return answer


def cached_json(request: Request, content: Any) -> Response:
    """The JSON with its ETag, or 304 when the caller has these very bytes."""
    return Ready.of(content).answer(request)
