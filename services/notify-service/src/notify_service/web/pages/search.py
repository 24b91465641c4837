"""/notify/ops/messages: looking for messages, one message with its way, and several again.

A phone is typed into a form that is posted; what stands in addresses afterwards is its blind index.
"""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from microwish.identity.people import Person
from microwish.ids import uuid7
from microwish.privacy.phones import InvalidPhone
from microwish.web.pages.kit import put_notice, see_other
from notify_service.domain.errors import MessageNotFound
from notify_service.domain.message import State
from notify_service.use_cases.resend_many import RESENDABLE, Asked
from notify_service.views.message_list import Wanted
from notify_service.web.api.messages import acting, scope_of
from notify_service.web.cursors import cursor_of, position_of
from notify_service.web.deps import Rooms
from notify_service.web.pages.desk import Reader, Room, render
from notify_service.web.schemas import message_out
from notify_service.web.schemas_of_ops import fingerprint

router = APIRouter(include_in_schema=False)

_SHOWN = 50
_INDEX = "^([0-9a-f]{64})?$"
"""A phone itself in its place would be recorded in clear."""
_KNOWN_TEMPLATES = 80
_Word = Annotated[str, Field(max_length=80)]


class Sought(BaseModel):
    """What stands in the form and in the address; empty: not asked."""

    wish_id: _Word = ""
    state: State | None = None
    provider: _Word = ""
    template: _Word = ""
    cause: _Word = ""
    phone_index: _Word = ""

    def wanted(self) -> Wanted:
        """As a question to the list."""
        return Wanted(
            self.wish_id.strip(),
            [self.state] if self.state else [],
            phone_index=self.phone_index or None,
            provider=self.provider,
            template=self.template,
            cause=self.cause,
        )

    def given(self) -> dict[str, str]:
        """What is asked, by name."""
        return {name: str(value) for name, value in self.model_dump(mode="json").items() if value}


@router.get("/notify/ops/messages")
async def found(
    request: Request,
    reader: Reader,
    room: Room,
    wish_id: Annotated[str, Query(max_length=80)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    provider: Annotated[str, Query(max_length=80)] = "",
    template: Annotated[str, Query(max_length=80)] = "",
    cause: Annotated[str, Query(max_length=80)] = "",
    phone_index: Annotated[str, Query(pattern=_INDEX)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """The newest that match, page by page."""
    known = State(state) if state in set(State) else None
    sought = Sought(
        wish_id=wish_id, state=known, provider=provider, template=template, cause=cause, phone_index=phone_index
    )
    rows = await room.desk.find(
        scope_of(reader), sought.wanted(), by=acting(reader), before=position_of(cursor), limit=_SHOWN + 1
    )
    page = rows[:_SHOWN]
    return _search_page(
        request,
        room,
        reader,
        sought,
        messages=[message_out(row) for row in page],
        more=cursor_of((page[-1]["since"], page[-1]["_id"])) if len(rows) > _SHOWN else None,
    )


@router.post("/notify/ops/phone")
async def by_phone(
    request: Request, reader: Reader, room: Room, phone: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """From a phone to its blind index; the list records who looks for it."""
    try:
        index = room.desk.find.index_of(phone)
    except InvalidPhone:
        return _search_page(request, room, reader, Sought(), status_code=422, wrong_phone="field.invalid_phone")
    return see_other(f"/notify/ops/messages?{urlencode({'phone_index': index})}")


@router.get("/notify/ops/messages/{message_id}")
async def one(request: Request, message_id: str, reader: Reader, room: Room) -> Response:
    """One message: where it is, why, and how it came there."""
    row = await room.desk.messages.find(scope_of(reader), message_id)
    if row is None:
        raise MessageNotFound(message_id)
    return render(
        request,
        room,
        reader,
        "message.html",
        message=message_out(row),
        phone_index=(row.get("out") or {}).get("phone_index"),
        tries=row.get("tries", 0),
        not_before=row.get("not_before") if row["state"] in ("queued", "unknown") else None,
        waits_for=sorted({key.partition(":")[0] for key in row["waits_for"]}),
        timeline=row["timeline"],
        resendable=row["state"] in RESENDABLE and row["lane"] != "signin",
    )


@router.post("/notify/ops/resend-many")
async def resend_many(
    request: Request,
    reader: Reader,
    room: Room,
    wish_id: Annotated[str, Form(max_length=80)] = "",
    state: Annotated[str, Form(max_length=20)] = "",
    provider: Annotated[str, Form(max_length=80)] = "",
    template: Annotated[str, Form(max_length=80)] = "",
    cause: Annotated[str, Form(max_length=80)] = "",
    key: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """First how many it would be; with the key of that page, once."""
    known = State(state) if state in set(State) else None
    sought = Sought(wish_id=wish_id, state=known, provider=provider, template=template, cause=cause)
    asked, scope = Asked(wanted=sought.wanted()), scope_of(reader)
    if not key:
        count = await room.desk.resend_many.count(asked, scope)
        return render(
            request, room, reader, "resend.html", sought=sought, given=sought.given(), count=count, key=uuid7()
        )
    done = await room.desk.resend_many(asked, scope, by=acting(reader), key=key, fingerprint=fingerprint(sought))
    answer = see_other(f"/notify/ops/messages?{urlencode(sought.given())}")
    text = room.pages.text(request, "search.resent", resent=done.resent, refused=done.asked - done.resent)
    put_notice(request, answer, text, "done" if done.resent else "info")
    return answer


def _search_page(
    request: Request, room: Rooms, reader: Person, sought: Sought, *, status_code: int = 200, **context: Any
) -> Response:
    asked: dict[str, Any] = {"messages": None, "more": None, "wrong_phone": "", **context}
    return render(
        request,
        room,
        reader,
        "search.html",
        status_code=status_code,
        sought=sought,
        given=sought.given(),
        states=list(State),
        templates=room.templates.ids()[:_KNOWN_TEMPLATES],
        providers=room.desk.providers.names(),
        **asked,
    )
