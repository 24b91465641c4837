"""Photos of a wish: add, approve, remove, and look at."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.identity.guards import optional_person
from microwish.identity.people import Person
from wish_service.domain.access import owns
from wish_service.domain.errors import PhotoNotFound
from wish_service.domain.photos import Photo, PhotoState
from wish_service.domain.picturing import photo_of
from wish_service.domain.states import PUBLIC
from wish_service.domain.wish import Wish
from wish_service.store.photos.images import MEDIA_TYPE
from wish_service.use_cases.judge_photo import approve_photo, remove_photo
from wish_service.web.answers.base import answers
from wish_service.web.answers.wishes import KnownPhoto, KnownWish, PhotoLinks
from wish_service.web.api.wishes import seen_by
from wish_service.web.caching import Ready
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.present_photos import known_photos, photo_links
from wish_service.web.uploads import DOCUMENTED, UploadHere, form_closed

router = APIRouter(tags=["photos"], dependencies=[Depends(form_closed)])

Visitor = Annotated[Person | None, Depends(optional_person)]

FOR_EVERYBODY = "public, max-age=3600, immutable"
"""The pixels of an id never change; an hour, because a photo that is taken down should leave caches soon (ADR 0015)."""
FOR_FEW = "private, no-store"


@router.post("/api/wishes/{wish_id}/photos", openapi_extra=DOCUMENTED, **answers(KnownPhoto | PhotoLinks, 201))
async def add(wish_id: str, upload: UploadHere) -> JSONResponse:
    """Its resident, or staff of its community, add a photo; it waits for staff before anybody else sees it."""
    wish, photo_id = await upload.keep(wish_id)
    known = {photo["id"]: photo for photo in known_photos(wish)}
    # A retry may come after the photo was removed again: it is answered as the first try was.
    answer = known.get(photo_id, photo_links(photo_id))
    return JSONResponse(answer, 201, {"Location": f"/photos/{photo_id}"})


@router.delete("/api/wishes/{wish_id}/photos/{photo_id}", status_code=204)
async def remove(wish_id: str, photo_id: str, order: OrderHere) -> Response:
    """Its resident, or staff, remove a photo for good."""
    await remove_photo(wish_id, photo_id, order.asked, files=order.parts.photos.files)
    return Response(status_code=204)


@router.post("/api/wishes/{wish_id}/photos/{photo_id}/approval", **answers(KnownWish))
async def approve(wish_id: str, photo_id: str, order: OrderHere) -> dict[str, Any]:
    """Staff let everybody see it while the wish is on the wall."""
    wish = await approve_photo(wish_id, photo_id, order.asked)
    return seen_by(order.person, wish, order.parts)


@router.get("/photos/{photo_id}", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
async def full(request: Request, photo_id: str, parts: PartsHere, visitor: Visitor) -> Response:
    """A photo, at most 2000 pixels long: for everybody once approved and posted, before that for those concerned."""
    return await _shown(request, photo_id, parts, visitor, thumbnail=False)


@router.get("/photos/{photo_id}/thumbnail", response_class=Response, responses={200: {"content": {MEDIA_TYPE: {}}}})
async def thumbnail(request: Request, photo_id: str, parts: PartsHere, visitor: Visitor) -> Response:
    """The same, at most 480 pixels long."""
    return await _shown(request, photo_id, parts, visitor, thumbnail=True)


async def _shown(request: Request, photo_id: str, parts: Parts, visitor: Person | None, *, thumbnail: bool) -> Response:
    wish = await parts.photos.named.wish_with(photo_id)
    if wish is None:
        raise PhotoNotFound(photo_id)
    photo = photo_of(wish, photo_id)
    public = _is_public(wish, photo)
    if not public and not _concerns(visitor, wish):
        raise PhotoNotFound(photo_id)
    ready = Ready(b"", f'"{photo_id}{".s" if thumbnail else ""}"')
    headers = {"ETag": ready.etag, "Cache-Control": FOR_EVERYBODY if public else FOR_FEW}
    if ready.held_by(",".join(request.headers.getlist("if-none-match"))):
        return Response(status_code=304, headers=headers)
    content = await parts.photos.files.read(photo.file, thumbnail=thumbnail)
    if content is None:
        raise PhotoNotFound(photo_id)  # it was removed a moment ago
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


def _is_public(wish: Wish, photo: Photo) -> bool:
    return wish.status in PUBLIC and photo.state is PhotoState.APPROVED


def _concerns(visitor: Person | None, wish: Wish) -> bool:
    return visitor is not None and (owns(visitor, wish) or visitor.serves(wish.community.code))
