"""/notify/ops/letters: what consumers could not process; tried again, or given up with a reason."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from microwish.web.pages.kit import put_notice, see_other
from notify_service.domain.errors import NotifyError
from notify_service.web.api.messages import acting
from notify_service.web.cursors import cursor_of, position_of
from notify_service.web.pages.desk import Operator, Room, render
from notify_service.web.schemas_of_ops import letter_out

router = APIRouter(include_in_schema=False)

_SHOWN = 50
_HERE = "/notify/ops/letters"


@router.get(_HERE)
async def letters(
    request: Request, operator: Operator, room: Room, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Response:
    """Newest first; those that wait stand above what was settled."""
    store, settle = room.desk.letters, room.desk.settle
    waiting = await store.page("waiting", limit=_SHOWN + 1, before=position_of(cursor))
    page = waiting[:_SHOWN]
    settled = [*await store.page("replayed", limit=_SHOWN), *await store.page("dropped", limit=_SHOWN)]
    settled.sort(key=lambda letter: letter.last_at, reverse=True)
    return render(
        request,
        room,
        operator,
        "letters.html",
        waiting=[letter_out(letter) for letter in page],
        count=await store.count(),
        settled=[letter_out(letter, settle.reason_of(letter)) for letter in settled[:_SHOWN]],
        more=cursor_of((page[-1].since, page[-1].id)) if len(waiting) > _SHOWN else None,
    )


@router.post(f"{_HERE}/replay")
async def replay_all(request: Request, operator: Operator, room: Room) -> Response:
    """Try everything that waits again."""
    done = await room.desk.settle.replay_all(by=acting(operator))
    answer = see_other(_HERE)
    text = room.pages.text(request, "letters.replayed_all", done=done.done, failed=done.failed)
    put_notice(request, answer, text, "problem" if done.failed else "done")
    return answer


@router.post(f"{_HERE}/{{letter_id}}/replay")
async def replay(request: Request, letter_id: str, operator: Operator, room: Room) -> Response:
    """Try one again."""
    answer = see_other(_HERE)
    try:
        await room.desk.settle.replay(letter_id, by=acting(operator))
    except NotifyError as refusal:
        put_notice(request, answer, room.pages.text(request, f"problem.{refusal.code}"), "problem")
    else:
        put_notice(request, answer, room.pages.text(request, "letters.replayed"))
    return answer


@router.post(f"{_HERE}/{{letter_id}}/drop")
async def drop(
    request: Request,
    letter_id: str,
    operator: Operator,
    room: Room,
    reason: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Give one up; without a reason nothing happens."""
    answer = see_other(_HERE)
    if not reason.strip():
        put_notice(request, answer, room.pages.text(request, "letters.reason_needed"), "problem")
        return answer
    try:
        await room.desk.settle.drop(letter_id, by=acting(operator), reason=reason.strip())
    except NotifyError as refusal:
        put_notice(request, answer, room.pages.text(request, f"problem.{refusal.code}"), "problem")
    else:
        put_notice(request, answer, room.pages.text(request, "letters.dropped"))
    return answer
