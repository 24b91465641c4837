"""Public answers that need not travel twice: strong ETags and 304 (RFC 9110, 8.8.3 and 13.1.2)."""

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

PUBLIC = "public, no-cache"
"""Anyone may keep it, but must ask whether it still holds: a wish taken down has to go at once."""


def cached_json(request: Request, content: Any) -> Response:
    """The JSON with its ETag, or 304 when the caller has these very bytes."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": PUBLIC}
    if _has_it(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _has_it(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in tags or "*" in tags
