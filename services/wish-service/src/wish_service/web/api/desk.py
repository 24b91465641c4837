"""For staff and admins: the queue, contacts on demand, who serves where; for residents: who read their contact."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from microwish.identity.guards import commanded_at, require
from microwish.identity.people import Person, Role
from microwish.privacy.masking import mask_phone
from microwish.when import When
from wish_service.domain.access import as_owner, served_areas
from wish_service.domain.people import KnownPerson
from wish_service.domain.wish import Entry, Wish
from wish_service.domain.workdays import workdays_after
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.assign_staff import assign_staff
from wish_service.use_cases.show_contact import show_contact
from wish_service.web.answers.base import answers
from wish_service.web.answers.desk import AccessLog, Contact, ReviewQueue
from wish_service.web.answers.people import Member, Staff
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.parts import Parts, PartsHere, PersonHere
from wish_service.web.present import access_line, rfc3339
from wish_service.web.present_consents import guardian_of
from wish_service.web.reviewing import review_of, reviewers
from wish_service.web.schemas import NewStaff

router = APIRouter(tags=["desk"])

StaffHere = Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))]
AdminHere = Annotated[Person, Depends(require(Role.ADMIN))]
WhenHere = Annotated[When, Depends(commanded_at)]


@router.get("/api/review-queue", **answers(ReviewQueue))
async def review_queue(
    staff: StaffHere,
    parts: PartsHere,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Wishes of the caller's communities that wait for review, the longest waiting first."""
    waiting = await parts.wishes.waiting_for_review(served_areas(staff), after=from_cursor(cursor), limit=limit + 1)
    items, last = waiting[:limit], waiting[limit - 1] if len(waiting) > limit else None
    next_cursor = to_cursor(last.review_from, last.id) if last and last.review_from else None
    names = await reviewers(items, parts)
    listed = [{**queue_item(wish, parts), "review": review_of(wish, staff.id, names, parts)} for wish in items]
    return {"items": listed, "next_cursor": next_cursor}


@router.get("/api/wishes/{wish_id}/contact", **answers(Contact))
async def contact(wish_id: str, staff: StaffHere, parts: PartsHere, when: WhenHere) -> dict[str, Any]:
    """How to reach the resident, and a child's guardian, for staff of the community; the resident sees who asked."""
    opened = await show_contact(wish_id, Asked(staff, parts.wishes, parts.seals, when))
    guardian = guardian_of(await parts.wishes.load(wish_id), parts.seals)
    known = {"name": opened.name, "phone": opened.phone, "address": opened.address}
    return {**known, "guardian": guardian} if guardian else known


@router.get("/api/wishes/{wish_id}/access-log", **answers(AccessLog))
async def access_log(wish_id: str, person: PersonHere, parts: PartsHere) -> dict[str, Any]:
    """Who read how to reach the resident: for the resident."""
    wish = await parts.wishes.load(wish_id)
    as_owner(person, wish)
    return {"items": await readings(wish, parts), "next_cursor": None}


@router.post("/api/staff", **answers(Member, 201))
async def assign(body: NewStaff, admin: AdminHere, parts: PartsHere, when: WhenHere) -> JSONResponse:
    """Let a person serve divisions from their next sign-in on; an empty list ends it."""
    person = await assign_staff(
        body.phone,
        body.communities,
        body.name,
        admin=admin,
        people=parts.people,
        tree=parts.communities,
        when=when,
    )
    return JSONResponse(staff_item(person, parts), 201)


@router.get("/api/staff", **answers(Staff))
async def staff_list(_admin: AdminHere, parts: PartsHere) -> dict[str, Any]:
    """Everybody who serves some division."""
    return {"items": [staff_item(person, parts) for person in await parts.people.staff()], "next_cursor": None}


def staff_item(person: KnownPerson, parts: Parts) -> dict[str, Any]:
    """A member of staff, for admins."""
    return {
        "id": person.id,
        "phone_masked": mask_phone(parts.people.phone_of(person)),
        "name": parts.people.name_of(person),
        "communities": [{"code": code, "name": parts.communities.name_of(code)} for code in person.communities],
    }


def queue_item(wish: Wish, parts: Parts) -> dict[str, Any]:
    """A waiting wish with its promised time."""
    due_at = review_due(wish, parts)
    return {
        "id": wish.id,
        "title": parts.seals.of_wish(wish.id, wish.title),
        "category": wish.category.value,
        "community": wish.community.model_dump(),
        "on_behalf": wish.on_behalf,
        "submitted_at": rfc3339(wish.submitted_at),
        "due_at": rfc3339(due_at),
        "overdue": parts.clock() > due_at,
        "version": wish.version,
    }


def review_due(wish: Wish, parts: Parts) -> datetime:
    """By when a review is promised, counted from the recording."""
    start = wish.review_from or wish.submitted_at
    return workdays_after(start, parts.settings.review_due_workdays, parts.settings.zone)


async def readings(wish: Wish, parts: Parts) -> list[dict[str, Any]]:
    """Every reading of the wish's contact, newest first."""
    lines = [line for line in wish.timeline if line.what in {"ContactShown", "ContactRead"}]
    return [access_line(line, await _reader(line, wish, parts)) for line in reversed(lines)]


async def _reader(line: Entry, wish: Wish, parts: Parts) -> str | None:
    if line.why is not None:
        return parts.seals.of_wish(wish.id, line.why)
    person = await parts.people.find(line.by.person_id) if line.by.person_id else None
    return parts.people.name_of(person) if person else None
