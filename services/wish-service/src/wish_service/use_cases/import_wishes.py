"""Import a table of wishes: check every row, then keep them all or none, and make the wishes from what was kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events import Actor, Role
from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from wish_service.domain.access import staff_actor
from wish_service.domain.campaign import Campaign, Choice
from wish_service.domain.errors import Fault, Hidden, InvalidInput
from wish_service.settings import WishSettings
from wish_service.store.communities import Communities
from wish_service.store.imports import Chunk, Import, Imports
from wish_service.store.people import People
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.post_wish import PostWish, faults_of, keep_wish

AT_ONCE = 8
"""Wishes of one import that are made side by side."""


@dataclass(frozen=True)
class WishRow:
    """A row of the table, with its number there."""

    number: int
    wish: PostWish


@dataclass(frozen=True)
class RowFault:
    """What the rules of posting refuse in a row."""

    row: int
    fault: Fault


class RowsRefused(InvalidInput):
    """Rows are at fault; none was imported."""

    def __init__(self, rows: Sequence[RowFault]) -> None:
        super().__init__(
            [Fault(f"rows.{one.row}.{one.fault.field}", one.fault.problem, one.fault.values) for one in rows]
        )
        self.code = "rows_refused"
        self.rows = list(rows)


@dataclass(frozen=True)
class Rules:
    """What a row is checked against. campaigns: all of them. at: when the wishes are asked for."""

    tree: Communities
    settings: WishSettings
    campaigns: Sequence[Campaign]
    at: datetime


def check_rows(rows: Sequence[WishRow], person: Person, rules: Rules) -> list[RowFault]:
    """Everything that posting these wishes would refuse, and communities that the person doesn't serve."""
    found: list[RowFault] = []
    campaigns = {one.id: Choice(one, rules.settings.zone) for one in rules.campaigns}
    for row in rows:
        faults = faults_of(row.wish, rules.tree, rules.settings)
        chosen = campaigns.get(row.wish.campaign_id or "")
        faults += chosen.faults(rules.tree.current(row.wish.community), rules.at) if chosen else []
        if not person.serves(rules.tree.current(row.wish.community)) and not any(
            fault.field == "community" for fault in faults
        ):
            faults = [*faults, Fault("community", "field.community_not_yours")]
        found += [RowFault(row.number, fault) for fault in faults]
    return found


async def import_wishes(
    id: str, rows: Sequence[WishRow], asked: Asked, imports: Imports, rules: Rules, *, accepted: bool = True
) -> Import:
    """Check all rows and keep them sealed; from then on every one of them becomes a wish, whatever process dies.

    accepted: False keeps a draft, which `accept_import` says yes to within an hour.
    Raises: RowsRefused, AlreadyImported, TooMuchText, KeyReused. Guarantee: all rows or none.
    """
    await _refuse_faults(rows, asked.person, rules)
    numbered = [(row.number, row.wish) for row in rows]
    once = await _of_content(asked, imports, numbered)
    return await imports.add(id, numbered, asked.person, accepted=accepted, when=asked.when, idempotency=once)


async def accept_import(id: str, asked: Asked, imports: Imports, rules: Rules) -> Import:
    """Say yes to one's own draft, as its rows stand against the rules now.

    Raises: Hidden, RowsRefused, AlreadyImported.
    """
    draft = await known_import(id, asked.person, imports)
    if draft.accepted:
        return draft
    rows = [WishRow(number, wish) for number, wish in await imports.rows_of(id)]
    await _refuse_faults(rows, asked.person, rules)
    return await imports.accept(id, when=asked.when)


async def known_import(id: str, person: Person, imports: Imports) -> Import:
    """One's own import. Raises: Hidden."""
    found = await imports.find(id)
    if found is None or found.person.id != person.id:
        raise Hidden(id)
    return found


async def make_wishes(chunk: Chunk, asked: Asked, people: People, tree: Communities) -> None:
    """The wishes of some accepted rows, each once however often this is tried: its id follows from import and row.

    They were checked when they were accepted; what the rules say today doesn't matter any more.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def make(number: int, wish: PostWish) -> None:
        async with gate:
            once = Idempotency(f"import:{chunk.of.id}:{number}", f"import:{chunk.of.id}:{number}")
            again = Asked(asked.person, asked.wishes, asked.seals, asked.when, once)
            await keep_wish(
                wish, again, _actor(wish, asked.person), id=chunk.of.wish_id(number), people=people, tree=tree
            )

    async with asyncio.TaskGroup() as group:
        for number, wish in chunk.rows:
            group.create_task(make(number, wish))


def _actor(wish: PostWish, person: Person) -> Actor:
    # Whether they serve the community was looked at when it was accepted; it may have moved to another street since.
    return staff_actor(person) if wish.on_behalf else Actor(person_id=person.id, role=Role.RESIDENT)


async def _refuse_faults(rows: Sequence[WishRow], person: Person, rules: Rules) -> None:
    faults = await asyncio.to_thread(check_rows, rows, person, rules)
    if faults:
        raise RowsRefused(faults)


async def _of_content(asked: Asked, imports: Imports, rows: Sequence[tuple[int, PostWish]]) -> Idempotency | None:
    if asked.idempotency is None:
        return None
    # A multipart body has another boundary each time; what the rows say is what the key stands for.
    return Idempotency(asked.idempotency.key, await imports.content_of(rows))
