"""Dead letters for operations: what consumers could not process, tried again or given up."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.messaging.dead_letters import Letter
from notify_service.web.api.messages import acting
from notify_service.web.cursors import cursor_of, position_of
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas_of_ops import DropBody, LetterOut, LettersOut, ReplayedOut, letter_out

router = APIRouter(tags=["dead letters"])

Operator = Annotated[Person, Depends(require(Role.OPS, Role.ADMIN))]
Room = Annotated[Rooms, Depends(rooms)]


@router.get("/api/messages/dead-letters")
async def dead_letters(
    _operator: Operator,
    room: Room,
    state: Annotated[Literal["waiting", "replayed", "dropped"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> LettersOut:
    """Newest first, each with its cause."""
    letters = room.desk.letters
    found = await letters.page(state, limit=limit + 1, before=position_of(cursor))
    page = found[:limit]
    more = cursor_of((page[-1].since, page[-1].id)) if len(found) > limit else None
    return LettersOut(items=[_shown(room, letter) for letter in page], waiting=await letters.count(), next_cursor=more)


@router.post("/api/messages/dead-letters/replay", status_code=202)
async def replay_all(operator: Operator, room: Room) -> ReplayedOut:
    """Try everything that waits again, the oldest of a stream first; at most 200."""
    done = await room.desk.settle.replay_all(by=acting(operator))
    return ReplayedOut(replayed=done.done, failed=done.failed)


@router.post("/api/messages/dead-letters/{letter_id}/replay", status_code=202)
async def replay(letter_id: str, operator: Operator, room: Room) -> LetterOut:
    """Try it again, and what waited for it; 409 `still_failing`, `letter_settled`, `group_gone`."""
    return letter_out(await room.desk.settle.replay(letter_id, by=acting(operator)))


@router.post("/api/messages/dead-letters/{letter_id}/drop", status_code=202)
async def drop(letter_id: str, body: DropBody, operator: Operator, room: Room) -> LetterOut:
    """Give it up: its stream goes on as if it had said nothing."""
    return _shown(room, await room.desk.settle.drop(letter_id, by=acting(operator), reason=body.reason))


def _shown(room: Rooms, letter: Letter) -> LetterOut:
    return letter_out(letter, room.desk.settle.reason_of(letter))
