"""Adoptions of several: joint claims, hand-overs, another handler, and what stalls."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from adoption_service.domain.errors import Forbidden
from adoption_service.store.organisations import organisation_of
from adoption_service.use_cases.hand_over import AnswerHandover, answer_handover, propose_handover, withdraw_handover
from adoption_service.use_cases.join_claim import Answer, answer_partnership, ask_partner, let_partner_go
from adoption_service.use_cases.name_handler import name_handler
from adoption_service.use_cases.tend_adoption import AdoptionRequest, Tended
from adoption_service.views.proposed import Proposed, Question, proposed_to
from adoption_service.views.stalled import Stalled, stalled
from adoption_service.web.parts import Commanded, Order, OrderHere, Parts, PartsHere, SignedIn
from adoption_service.web.present import adoption_out, partner_out
from adoption_service.web.schemas import AdoptionOut, Prefix
from adoption_service.web.schemas_of_joint import (
    Answered,
    AskedPartner,
    HandoverAnswer,
    HandoverProposal,
    NamedHandler,
    PartnershipAnswer,
    ProposedList,
    ProposedOut,
    StalledList,
    StalledOut,
)
from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.when import When

router = APIRouter(prefix="/api/adoptions", tags=["adoptions"])
Staff = Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))]


@router.get("/proposed")
async def proposed(
    person: SignedIn, parts: PartsHere, organisation_id: Annotated[str, Query(max_length=64)]
) -> ProposedList:
    """What the organisation is asked: to join an adoption, or to take one over; members only."""
    organisation_of(await parts.organisations.document(organisation_id)).member(person.id)
    return ProposedList(items=await questions_to(parts, organisation_id))


async def questions_to(parts: Parts, organisation_id: str) -> list[ProposedOut]:
    """The questions that wait for an organisation, as its members read them."""
    found = await proposed_to(parts.claims, organisation_id)
    titles = await parts.board.titles([one.wish_id for one in found])
    return [_proposed_out(one, titles.get(one.wish_id, {}).get("title"), parts) for one in found]


def _proposed_out(one: Proposed, title: str | None, parts: Parts) -> ProposedOut:
    handover = adoption_out(one.wish_id, one.adoption, parts.sealer).handover
    return ProposedOut(
        question=one.question,
        adoption_id=one.adoption.id,
        wish_id=one.wish_id,
        title=title,
        organisation=partner_out(one.adoption.organisation),
        due_at=one.adoption.due_at,
        reason=handover.reason if handover and one.question is Question.HANDOVER else None,
    )


@router.get("/stalled")
async def what_stalls(
    staff: Staff,
    parts: PartsHere,
    when: Commanded,
    community: Prefix | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> StalledList:
    """Active adoptions past half their term without a progress note since, in the places that one serves."""
    return await stalled_for(staff, parts, when, community=community, cursor=cursor, limit=limit)


async def stalled_for(
    staff: Person, parts: Parts, when: When, *, community: str | None = None, cursor: str | None = None, limit: int = 20
) -> StalledList:
    """One page of what stalls where this member of staff serves. Raises: Forbidden (a place of others)."""
    now = when.recorded_at
    rows, following = await stalled(parts.claims, _places(staff, community), now=now, cursor=cursor, limit=limit)
    titles = await parts.board.titles([row.wish_id for row in rows])
    shown = [_stalled_out(row, titles.get(row.wish_id, {}).get("title"), parts, now) for row in rows]
    return StalledList(items=shown, next_cursor=following)


def _places(staff: Person, community: str | None) -> list[str] | None:
    """The prefixes to look at: all that one serves, or those of them inside the place that is asked for."""
    if community is None:
        return None if staff.has(Role.ADMIN) else list(staff.communities)
    if staff.serves(community):
        return [community]
    inside = [prefix for prefix in staff.communities if prefix.startswith(community)]
    if not inside:
        raise Forbidden
    return inside


def _stalled_out(row: Stalled, title: str | None, parts: Parts, now: datetime) -> StalledOut:
    one, about = row.adoption, f"wish:{row.wish_id}"
    return StalledOut(
        adoption_id=one.id,
        wish_id=row.wish_id,
        title=title,
        community=row.community,
        organisation_id=one.organisation.id,
        organisation=one.organisation.name,
        office_phone=parts.sealer.open(one.office_phone, about=about),
        handler_name=parts.sealer.open(one.handler_name, about=about),
        half_at=one.half_at,
        due_at=one.due_at,
        days_past=row.days_past(now),
        last_note_at=max((note.at for note in one.notes), default=None),
        handover=partner_out(one.handover.to) if one.handover else None,
    )


def _shown(tended: Tended, parts: Parts) -> AdoptionOut:
    return adoption_out(*tended, parts.sealer)


@router.post("/{adoption_id}/partners", response_model_exclude_none=True)
async def ask(adoption_id: str, body: AskedPartner, order: OrderHere) -> AdoptionOut:
    """Ask an organisation to hold it together; members of the one that leads. 409 `not_active`."""
    asked = order.on(adoption_id, body)
    return _shown(await ask_partner(asked, body.organisation_id, order.parts.tending), order.parts)


@router.delete("/{adoption_id}/partners/{organisation_id}", status_code=204)
async def let_go(adoption_id: str, organisation_id: str, order: OrderHere) -> None:
    """Take the question back, or go on without a partner; members of the one that leads. 409 `not_active`."""
    await let_partner_go(_bodiless(order, adoption_id), organisation_id, order.parts.tending)


@router.post("/{adoption_id}/partnership", response_model_exclude_none=True)
async def partnership(adoption_id: str, body: PartnershipAnswer, order: OrderHere) -> Answered:
    """Join in, decline, or leave; members of the organisation that was asked. 409 `not_asked`, `already_held`,
    `not_active`; 403 `not_member`, `not_verified`.
    """
    asked, parts = order.on(adoption_id, body), order.parts
    tended = await answer_partnership(asked, body.organisation_id, body.decision, parts.tending)
    return _answered(body.decision, tended, parts)


@router.post("/{adoption_id}/handler", response_model_exclude_none=True)
async def handler(adoption_id: str, body: NamedHandler, order: OrderHere) -> AdoptionOut:
    """Name another member who goes there: managers of the one that leads, or the present handler. The door code is
    another then. 409 `not_active`.
    """
    asked, parts = order.on(adoption_id, body), order.parts
    door_code = parts.terms.door_code
    return _shown(await name_handler(asked, body.person_id, parts.tending, door_code=door_code), parts)


@router.post("/{adoption_id}/handover", response_model_exclude_none=True)
async def propose(adoption_id: str, body: HandoverProposal, order: OrderHere) -> AdoptionOut:
    """Ask another organisation to take it over: staff of the wish's community, or an admin. 409 `not_active`."""
    asked = order.on(adoption_id, body)
    tended = await propose_handover(asked, body.organisation_id, body.reason, order.parts.tending)
    return _shown(tended, order.parts)


@router.delete("/{adoption_id}/handover", status_code=204)
async def take_back(adoption_id: str, order: OrderHere) -> None:
    """Take the question back: staff of the wish's community, or an admin."""
    await withdraw_handover(_bodiless(order, adoption_id), order.parts.tending)


@router.post("/{adoption_id}/handover/answer", response_model_exclude_none=True)
async def answer(adoption_id: str, body: HandoverAnswer, order: OrderHere) -> Answered:
    """Take it over, or decline; members of the organisation that was asked. 409 `not_asked`, `already_held`,
    `limit_reached`, `not_active`; 403 `not_member`, `not_verified`.
    """
    parts = order.parts
    said = AnswerHandover(body.organisation_id, body.decision, body.handler)
    tended = await answer_handover(order.on(adoption_id, body), said, parts.tending, parts.terms, id=order.new_id())
    return _answered(body.decision, tended, parts)


def _answered(decision: Answer, tended: Tended, parts: Parts) -> Answered:
    """Who declined does not read what the others hold."""
    return Answered(decision=decision, adoption=_shown(tended, parts) if decision is Answer.ACCEPT else None)


def _bodiless(order: Order, adoption_id: str) -> AdoptionRequest:
    return AdoptionRequest(adoption_id, order.person, order.when, order.retry_of(None))
