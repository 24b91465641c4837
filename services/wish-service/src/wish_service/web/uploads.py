"""A photo as a request brings it: one file of a multipart form, never whole in memory, as a command of its sender."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.requests import Request

from microwish.identity.guards import commanded_at, idempotency_key
from microwish.ids import uuid7
from microwish.store.aggregate import Idempotency
from microwish.web.problems import Problem
from microwish.when import When
from wish_service.domain.wish import Wish
from wish_service.store.photos.images import refused
from wish_service.use_cases.add_photo import add_photo
from wish_service.web.parts import Order, PartsHere, PersonHere, fingerprint

FIELD = "photo"
KEY_FIELD = "key"
PATHS = re.compile(r"/(?:api/wishes|mine|desk)/[^/]+/photos")
"""Where photos are posted to; their bodies may be larger than others."""
_FORM_KEY = re.compile(r"[0-9a-f-]{36}")
FORM_BYTES = 16_000
"""Room for what surrounds the file in the form."""

DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP"}},
                }
            }
        },
    }
}
"""The form for the API's documentation: it is read by hand, after the sender is known."""


async def form_closed(request: Request) -> AsyncIterator[None]:
    """Lets go of what was sent, also when a guard has read the form and then refused its sender."""
    try:
        yield
    finally:
        await request.close()


class Upload:
    """Who sends a photo, when, and as a retry of what; the form is read when it is kept."""

    def __init__(
        self,
        request: Request,
        parts: PartsHere,
        person: PersonHere,
        when: Annotated[When, Depends(commanded_at)],
        key: Annotated[str | None, Depends(idempotency_key)],
    ) -> None:
        self.parts = parts
        self.person = person
        self._request = request
        self._when = when
        self._key = key

    async def keep(self, wish_id: str) -> tuple[Wish, str]:
        """The wish with the photo, and the photo's id.

        Raises: Problem 413; InvalidInput and what else add_photo raises.
        """
        sent, key = await self._file()
        order = await self._order(sent, key)
        photo_id, files = order.new_id(), self.parts.photos.files
        wish = await add_photo(wish_id, sent, order.asked, id=photo_id, file=uuid7(), files=files)
        return wish, photo_id

    async def _file(self) -> tuple[BinaryIO, str | None]:
        # A cookie's sender has proved by now that the form is ours, for which it was read already.
        form = await self._request.form(max_files=1, max_fields=8)
        sent, key = form.get(FIELD), form.get(KEY_FIELD)
        if not isinstance(sent, UploadFile) or not sent.size:
            raise refused("field.photo_missing")
        limit = self.parts.settings.photo_max_bytes
        if sent.size > limit:
            raise Problem(413, "too_large", values={"limit_kb": limit // 1000})
        return sent.file, key if isinstance(key, str) and _FORM_KEY.fullmatch(key) else None

    async def _order(self, sent: BinaryIO, key: str | None) -> Order:
        path, key = self._request.url.path, self._key or key
        idempotency = None
        if key:
            digest = await self.parts.photos.files.digest(sent)
            idempotency = Idempotency(f"{self.person.id}:{key}", fingerprint(self.person.id, path, digest.encode()))
        return Order(self.parts, self.person, self._when, idempotency, path)


UploadHere = Annotated[Upload, Depends()]
