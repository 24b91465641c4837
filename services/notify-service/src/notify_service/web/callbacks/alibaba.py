"""/callbacks/alibaba/<token>: SmsReport and SmsUp, as Alibaba Cloud pushes them in batches (HTTP批量推送模式).

It signs neither, so the address holds a secret. Whatever is not answered with 200 comes again after 1, 5 and 10
minutes. Fields: help.aliyun.com, SmsReport (document_detail/101867.html) and SmsUp (document_detail/101847.html).
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, TypeAdapter
from starlette.requests import Request

from notify_service.channels.alibaba import PROVIDER, carrier_said
from notify_service.channels.port import Report
from notify_service.channels.sms_codes import shanghai_time
from notify_service.web.callbacks.reading import MOST, not_ahead, read, secret_of
from notify_service.web.deps import Rooms, rooms

router = APIRouter(
    prefix="/callbacks/alibaba/{token}",
    tags=["callbacks"],
    dependencies=[Depends(secret_of(lambda settings: settings.alibaba_callback_token))],
)

TAKEN: dict[str, object] = {"code": 0, "msg": "成功"}


class SmsReport(BaseModel):
    """A carrier's word on one message. Times are Shanghai's. The phone that comes along is not read."""

    success: bool
    err_code: str = Field(default="", max_length=200)
    report_time: str | None = Field(default=None, max_length=40)
    biz_id: str | None = Field(default=None, max_length=200)
    out_id: str | None = Field(default=None, max_length=200)


class SmsUp(BaseModel):
    """What somebody answered to a message of ours."""

    phone_number: str = Field(max_length=40)
    content: str = Field(max_length=2000)
    send_time: str | None = Field(default=None, max_length=40)


_REPORTS = TypeAdapter(Annotated[list[SmsReport], Field(max_length=MOST)])
_REPLIES = TypeAdapter(Annotated[list[SmsUp], Field(max_length=MOST)])


@router.post("/reports")
async def reports(request: Request, room: Annotated[Rooms, Depends(rooms)]) -> dict[str, object]:
    """Take what carriers said. The same again, or in another order, changes nothing."""
    said = await read(request, _REPORTS)
    await room.take_reports([_report(one) for one in said])
    return TAKEN


@router.post("/replies")
async def replies(request: Request, room: Annotated[Rooms, Depends(rooms)]) -> dict[str, object]:
    """Take what people answered; only a word for "no more" means anything."""
    for reply in await read(request, _REPLIES):
        at = not_ahead(shanghai_time(reply.send_time), room.clock())
        await room.opt_out.by_reply(reply.phone_number, reply.content, at)
    return TAKEN


def _report(one: SmsReport) -> Report:
    receipt = carrier_said(one.success, one.err_code, shanghai_time(one.report_time))
    return Report(PROVIDER, receipt, out_id=one.out_id or None, reference=one.biz_id or None)
