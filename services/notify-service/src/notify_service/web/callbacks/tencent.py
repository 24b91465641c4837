"""/callbacks/tencent/<token>: status reports and replies, as Tencent Cloud pushes them.

It signs neither, so the address holds a secret. Fields: 短信下发状态通知 (cloud.tencent.com/document/product/382/59178)
and 短信回复 (…382/59179). A report names a message by the SerialNo of our sending's answer alone.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, TypeAdapter
from starlette.requests import Request

from notify_service.channels.port import Report
from notify_service.channels.sms_codes import shanghai_time
from notify_service.channels.tencent import PROVIDER, carrier_said
from notify_service.web.callbacks.reading import MOST, from_epoch, not_ahead, read, secret_of
from notify_service.web.deps import Rooms, rooms

router = APIRouter(
    prefix="/callbacks/tencent/{token}",
    tags=["callbacks"],
    dependencies=[Depends(secret_of(lambda settings: settings.tencent_callback_token))],
)

TAKEN: dict[str, object] = {"result": 0, "errmsg": "OK"}
_MAINLAND = "86"


class StatusReport(BaseModel):
    """A carrier's word on one message. Times are Shanghai's. The phone that comes along is not read."""

    report_status: Literal["SUCCESS", "FAIL"]
    sid: str = Field(min_length=1, max_length=200)
    errmsg: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=500)
    user_receive_time: str | None = Field(default=None, max_length=40)


class Reply(BaseModel):
    """What somebody answered to a message of ours. time: seconds of the epoch."""

    mobile: str = Field(max_length=40)
    nationcode: str = Field(max_length=10)
    text: str = Field(max_length=2000)
    time: int


_REPORTS = TypeAdapter(Annotated[list[StatusReport], Field(max_length=MOST)])
_REPLY = TypeAdapter(Reply)


@router.post("/reports")
async def reports(request: Request, room: Annotated[Rooms, Depends(rooms)]) -> dict[str, object]:
    """Take what carriers said. The same again, or in another order, changes nothing."""
    said = await read(request, _REPORTS)
    await room.take_reports([_report(one) for one in said])
    return TAKEN


@router.post("/replies")
async def replies(request: Request, room: Annotated[Rooms, Depends(rooms)]) -> dict[str, object]:
    """Take what somebody answered; only a word for "no more" means anything."""
    reply = await read(request, _REPLY)
    if reply.nationcode == _MAINLAND:
        at = not_ahead(from_epoch(reply.time), room.clock())
        await room.opt_out.by_reply(reply.mobile, reply.text, at)
    return TAKEN


def _report(one: StatusReport) -> Report:
    delivered = one.report_status == "SUCCESS"
    receipt = carrier_said(delivered, one.errmsg, one.description, shanghai_time(one.user_receive_time))
    return Report(PROVIDER, receipt, reference=one.sid)
