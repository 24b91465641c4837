"""Let time do to wishes what it does: remind residents, and give staff something to do."""

from microwish.one_by_one import by_itself
from microwish.when import When
from wish_service.domain import follow_up
from wish_service.store.wishes import Wishes


async def pass_time(wishes: Wishes, *, when: When) -> int:
    """Let every timer go off that is due; how many wishes were looked at.

    Guarantee: each goes off once, with any number of workers, and after a stop of any length: a timer leaves its wish
    in the write, guarded by the wish's revision, that keeps what it caused. Who comes second finds nothing due.
    """
    seen = 0
    async for wish_id in wishes.with_timer_due(when.recorded_at):
        change = wishes.change(wish_id, lambda wish: follow_up.pass_time(wish, when), when=when)
        await by_itself(change, what="timer", subject=wish_id)
        seen += 1
    return seen
