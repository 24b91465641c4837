"""/callbacks/wechat: WeChat checks that the address is ours (GET), and pushes events (POST), signed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from microwish.web.problems import Problem
from notify_service.channels.wechat_events import Unreadable, fields_of, pushed
from notify_service.channels.wechat_seal import CallbackSeal, NotSealed, NotSigned, Signature
from notify_service.web.deps import Rooms, rooms

router = APIRouter(tags=["callbacks"])

_Short = Query(max_length=200)


async def _seal(room: Annotated[Rooms, Depends(rooms)]) -> CallbackSeal:
    """404 where no account of WeChat's is configured."""
    if room.wechat_seal is None:
        raise Problem(404, "not_found")
    return room.wechat_seal


async def _signature(
    timestamp: Annotated[str, _Short] = "",
    nonce: Annotated[str, _Short] = "",
    signature: Annotated[str, _Short] = "",
    msg_signature: Annotated[str, _Short] = "",
) -> Signature:
    return Signature(timestamp, nonce, signature, msg_signature)


Seal = Annotated[CallbackSeal, Depends(_seal)]
Given = Annotated[Signature, Depends(_signature)]


@router.get("/callbacks/wechat")
async def verify(
    room: Annotated[Rooms, Depends(rooms)], seal: Seal, given: Given, echostr: Annotated[str, _Short] = ""
) -> Response:
    """Say its word back to WeChat: so it learns that whoever answers here knows the token."""
    try:
        seal.check(given, room.clock())
    except NotSigned:
        raise Problem(403, "forbidden") from None
    return PlainTextResponse(echostr)


@router.post("/callbacks/wechat")
async def push(request: Request, room: Annotated[Rooms, Depends(rooms)], seal: Seal, given: Given) -> Response:
    """Take an event. Anything but `success` has WeChat send it again, twice, five seconds apart."""
    try:
        body = await _body(request, seal, given, room)
        await room.hear_wechat(pushed(fields_of(body)))
    except NotSigned:
        raise Problem(403, "forbidden") from None
    except (NotSealed, Unreadable):
        raise Problem(400, "unreadable") from None
    return PlainTextResponse("success")


async def _body(request: Request, seal: CallbackSeal, given: Signature, room: Rooms) -> bytes:
    """What WeChat says, opened if it is sealed. Raises: NotSigned, NotSealed, Unreadable."""
    seal.check(given, room.clock())  # before anything of the body is read
    body = await request.body()
    if not seal.is_safe_mode:
        return body
    encrypted = fields_of(body).get("Encrypt")
    if not isinstance(encrypted, str):
        raise NotSigned("not sealed")
    return seal.opened(given, encrypted, room.clock())
