"""Let a community go on under another code, and take its wishes, its staff and its campaigns along."""

import asyncio
from dataclasses import dataclass

from microwish.events import Actor, Community, Role
from microwish.identity.people import Person
from microwish.one_by_one import by_itself
from microwish.when import When
from wish_service.domain.divisions import LEAF_DIGITS, Division, is_code, parent_of
from wish_service.domain.errors import AlreadyMoved, CommunityTaken, Fault, Hidden, InvalidInput
from wish_service.domain.moving import moved
from wish_service.domain.wish import Decision, Wish
from wish_service.store.campaigns import Campaigns
from wish_service.store.communities import Communities, Move
from wish_service.store.people import People
from wish_service.store.seals import Seals
from wish_service.store.wishes import Decide, Wishes

_PAGE = 256
_AT_ONCE = 16


@dataclass(frozen=True)
class MoveCommunity:
    """code: which community; to: its code from now on; name: its name there, by default the one it has.

    merge: `to` may be another community, into which this one goes.
    """

    code: str
    to: str
    name: str | None = None
    merge: bool = False


async def move_community(command: MoveCommunity, *, admin: Person, tree: Communities, when: When) -> Community:
    """Commit the move (CommunityMoved); its wishes follow by `follow_moves`. The same move again changes nothing.

    Raises: Hidden, InvalidInput, AlreadyMoved, CommunityTaken, Contended.
    """
    await tree.refresh()
    division = tree.division(command.code)
    if division is None or len(division.code) != LEAF_DIGITS:
        raise Hidden(command.code)
    _check(command, tree)
    target = tree.division(command.to)
    if division.moved_to:
        if division.moved_to == command.to:
            return _place(target, command.to)
        raise AlreadyMoved(command.code, tree.current(command.code))
    if target is None:
        target = Division(command.to, command.name or division.name, parent_of(command.to))
    elif target.moved_to:
        # Taken back into use: only by the community that it became, to undo a move.
        if tree.current(target.code) != command.code:
            raise AlreadyMoved(target.code, tree.current(target.code))
    elif not command.merge:
        raise CommunityTaken(target.code)
    by = Actor(person_id=admin.id, role=Role.ADMIN)
    await tree.move(command.code, target, by=by, when=when)
    return _place(target, command.to)


def _check(command: MoveCommunity, tree: Communities) -> None:
    street = parent_of(command.to)
    if not is_code(command.to) or len(command.to) != LEAF_DIGITS or street is None:
        raise InvalidInput([Fault("to", "division.digits_of_community")])
    if command.to == command.code:
        raise InvalidInput([Fault("to", "division.same")])
    if not tree.knows(street):
        raise InvalidInput([Fault("to", "division.parent_unknown")])


def _place(target: Division | None, code: str) -> Community:
    return Community(code=code, name=target.shown_name if target else code)


async def follow_moves(
    *, tree: Communities, wishes: Wishes, people: People, campaigns: Campaigns, seals: Seals, when: When
) -> int:
    """Bring along every wish, member of staff and campaign that is still where a community was; returns how many.

    Guarantee: safe at any time, by any number of processes at once, and after a kill at any moment: what is to be done
    is read from the truth (a wish at a code that moved), and each wish goes by one guarded write, once. One that fails
    holds up neither the others nor the staff.
    """
    moves = tree.moves()
    if not moves:
        return 0
    done = 0
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(wish_id: str, code: str) -> bool:
        async with gate:
            change = wishes.change(wish_id, _going(moves[code], seals, when), when=when)
            wish = await by_itself(change, what="move", subject=wish_id)
        return wish is not None and wish.community.code != code

    while at_old := await wishes.at(list(moves), limit=_PAGE):
        gone = await asyncio.gather(*(one(wish_id, code) for wish_id, code in at_old))
        done += sum(gone)
        if not any(gone):
            break  # they fail, or are moved elsewhere at this moment; the next round looks again
    for code, move in moves.items():
        done += await people.reassign(code, move.place.code, by=move.by, when=when)
        done += await campaigns.follow(code, move.place.code, by=move.by, when=when)
    return done


def _going(move: Move, seals: Seals, when: When) -> Decide:
    place = move.place

    def decide(wish: Wish) -> Decision | None:
        told = seals.for_wish(wish.id, f"{wish.community.name}（{wish.community.code}）→ {place.name}（{place.code}）")
        return moved(wish, place, move.by, when, told=told)

    return decide
