"""Photos on the pages of residents and of staff: forms that work without a script."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.errors import InvalidInput, TooManyPhotos
from wish_service.use_cases.judge_photo import approve_photo, remove_photo
from wish_service.web.api.desk import StaffHere
from wish_service.web.pages.desk import desk_again
from wish_service.web.pages.frame import told_faults
from wish_service.web.pages.mine import mine_again
from wish_service.web.parts import Order, OrderHere
from wish_service.web.uploads import Upload, UploadHere, form_closed

router = APIRouter(include_in_schema=False, dependencies=[Depends(form_closed)])


@router.post("/mine/{wish_id}/photos")
async def add_mine(request: Request, wish_id: str, upload: UploadHere) -> Response:
    """A resident adds a photo."""

    async def again(message: str, status: int) -> Response:
        return await mine_again(request, upload.parts, upload.person, wish_id, message, status)

    return await _added(request, wish_id, upload, again, f"/mine#wish-{wish_id}", "photo.added")


@router.post("/desk/{wish_id}/photos")
async def add_at_desk(request: Request, wish_id: str, staff: StaffHere, upload: UploadHere) -> Response:
    """Staff add a photo."""

    async def again(message: str, status: int) -> Response:
        return await desk_again(request, upload.parts, staff, wish_id, message, status)

    return await _added(request, wish_id, upload, again, _at_desk(wish_id), "photo.added_staff")


@router.post("/mine/{wish_id}/photos/{photo_id}/removal")
async def remove_mine(request: Request, wish_id: str, photo_id: str, order: OrderHere) -> Response:
    """A resident removes a photo."""
    await remove_photo(wish_id, photo_id, order.asked, files=order.parts.photos.files)
    return _back(request, order, f"/mine#wish-{wish_id}", "photo.removed")


@router.post("/desk/{wish_id}/photos/{photo_id}/removal")
async def remove_at_desk(
    request: Request, wish_id: str, photo_id: str, _staff: StaffHere, order: OrderHere
) -> Response:
    """Staff remove a photo."""
    await remove_photo(wish_id, photo_id, order.asked, files=order.parts.photos.files)
    return _back(request, order, _at_desk(wish_id), "photo.removed")


@router.post("/desk/{wish_id}/photos/{photo_id}/approval")
async def approve(request: Request, wish_id: str, photo_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """Staff let everybody see a photo."""
    await approve_photo(wish_id, photo_id, order.asked)
    return _back(request, order, _at_desk(wish_id), "photo.approved_done")


async def _added(
    request: Request,
    wish_id: str,
    upload: Upload,
    again: Callable[[str, int], Awaitable[Response]],
    back: str,
    text: str,
) -> Response:
    pages = upload.parts.pages
    try:
        await upload.keep(wish_id)
    except InvalidInput as invalid:
        return await again(told_faults(invalid.faults, request, upload.parts)["photo"], 422)
    except TooManyPhotos as full:
        return await again(pages.text(request, "problem.too_many_photos.detail", **full.extra), 409)
    answer = see_other(back)
    put_notice(request, answer, pages.text(request, text))
    return answer


def _back(request: Request, order: Order, url: str, text: str) -> Response:
    answer = see_other(url)
    put_notice(request, answer, order.parts.pages.text(request, text))
    return answer


def _at_desk(wish_id: str) -> str:
    return f"/desk?wish={wish_id}#photos"
