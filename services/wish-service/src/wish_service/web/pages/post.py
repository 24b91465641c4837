"""Making a wish in three short steps: what, how to reach you, check and agree. State travels in hidden fields."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events import Category
from microwish.identity.guards import current_person, require
from microwish.identity.people import Person, Role
from microwish.ids import uuid7
from microwish.store.aggregate import Idempotency
from microwish.web.pages.kit import put_notice, see_other
from microwish.when import When
from wish_service.domain import text_rules
from wish_service.domain.errors import InvalidInput
from wish_service.use_cases.post_wish import post_wish
from wish_service.web.api.campaigns import today_of
from wish_service.web.api.wishes import command_of
from wish_service.web.campaign_choice import choice_in
from wish_service.web.pages import asking
from wish_service.web.pages.frame import Errors, checked, form_of, page, summary, told_faults
from wish_service.web.pages.wall import communities_by_street
from wish_service.web.parts import Order, Parts, PartsHere, PersonHere, fingerprint
from wish_service.web.present_campaigns import campaign_card
from wish_service.web.schemas import Address, Body, CommunityOfWish, Detail, Name, NewWish, Phone, Relation, Title

router = APIRouter(include_in_schema=False)

FIELDS = (
    *("title", "category", "detail", "name", "phone", "community", "address", "relation", "under_14"),
    *("agree_publishing", "agree_sensitive", "agree_guardian", "on_behalf", "campaign", "key"),
    *asking.FIELDS,
)


_FORM_FIELDS = {f"consents.{name}": f"agree_{name}" for name in ("publishing", "sensitive", "guardian")} | (
    asking.FORM_FIELDS
)
"""Fields whose names in the form differ from the last part of their names in the body."""


class WhatStep(Body):
    """The wish itself."""

    title: Title
    category: Category
    detail: Detail = ""
    value_yuan: asking.Yuan | None = None


class ContactStep(Body):
    """How to reach the resident."""

    name: Name
    phone: Phone
    community: CommunityOfWish
    address: Address
    relation: Relation | None = None
    relation_words: Relation | None = None


@router.get("/post")
async def start(request: Request, parts: PartsHere, person: PersonHere, on_behalf: str = "") -> HTMLResponse:
    """The first step; staff may come to write for somebody else."""
    if on_behalf:
        await require(Role.STAFF, Role.ADMIN)(request)
    return await _step(request, parts, person, 1, {"on_behalf": "yes" if on_behalf else ""}, {})


@router.post("/post")
async def go_on(request: Request, parts: PartsHere, person: Annotated[Person, Depends(current_person)]) -> Response:
    """Check the step that was filled and show the next, or keep the wish after the last."""
    values = await form_of(request)
    step = int(values["step"]) if values.get("step") in {"1", "2", "3"} else 1
    if values.get("go") == "back":
        return await _step(request, parts, person, max(1, step - 1), values, {})
    errors = _errors_of(step, values, request, parts)
    if errors:
        step = 1 if "value_yuan" in errors else step  # the ceiling is known once the community is
        return await _step(request, parts, person, step, values, errors)
    if step < 3:
        return await _step(request, parts, person, step + 1, {**values, "key": values.get("key") or uuid7()}, {})
    return await _keep(request, parts, person, values)


async def _keep(request: Request, parts: Parts, person: Person, values: dict[str, str]) -> Response:
    body, errors = checked(NewWish, _body(values), request, parts)
    if body is None:
        return await _first_wrong(request, parts, person, values, errors)
    content = json.dumps(_body(values)).encode()
    idempotency = Idempotency(values.get("key") or uuid7(), fingerprint(person.id, "/post", content))
    order = Order(parts, person, When.now(parts.clock), idempotency, "/post")
    try:
        await post_wish(
            command_of(body),
            order.asked,
            id=order.new_id(),
            people=parts.people,
            tree=parts.communities,
            settings=parts.settings,
            campaign=await choice_in(body, parts),
        )
    except InvalidInput as invalid:
        return await _first_wrong(request, parts, person, values, told_faults(invalid.faults, request, parts))
    answer = see_other("/desk" if body.is_on_behalf else "/mine")
    text = "post.done_other" if body.is_on_behalf else "post.done"
    put_notice(request, answer, parts.pages.text(request, text, days=parts.settings.review_due_workdays))
    return answer


async def _first_wrong(
    request: Request, parts: Parts, person: Person, values: dict[str, str], errors: Errors
) -> HTMLResponse:
    """The first step that has a field at fault, so that each error stands beside its field."""
    by_field = {_FORM_FIELDS.get(field, field.rpartition(".")[2]): message for field, message in errors.items()}
    steps = ((1, WhatStep.model_fields.keys()), (2, ContactStep.model_fields.keys()))
    step = next((number for number, fields in steps if not fields.isdisjoint(by_field)), 3)
    return await _step(request, parts, person, step, values, by_field)


def _errors_of(step: int, values: dict[str, str], request: Request, parts: Parts) -> Errors:
    if step == 1:
        what, errors = checked(WhatStep, values, request, parts)
        if what is None:
            return errors
        texts = {"title": what.title, "detail": what.detail}
        faults = [*text_rules.money_faults(**texts), *text_rules.number_faults(**texts)]
        return told_faults(faults, request, parts) or _too_dear(values, request, parts)
    if step == 2:
        found, errors = checked(ContactStep, values, request, parts)
        if found and parts.communities.community(found.community) is None:
            errors["community"] = parts.pages.text(request, "field.community_unknown")
        return errors or _too_dear(values, request, parts)
    return asking.consent_errors(values, request, parts)


def _too_dear(values: dict[str, str], request: Request, parts: Parts) -> Errors:
    community = values.get("community", "")
    return asking.too_dear(values, community, request, parts) if community else {}


def _body(values: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "title": values.get("title", ""),
        "detail": values.get("detail", ""),
        "category": values.get("category"),
        "community": values.get("community"),
        "contact": {name: values.get(name, "") for name in ("name", "phone", "address")},
        **asking.body_of(values),
        "consents": {
            "publishing": bool(values.get("agree_publishing")),
            "sensitive": bool(values.get("agree_sensitive")),
            "guardian": bool(values.get("agree_guardian")),
        },
    }
    if values.get("campaign"):
        body["campaign"] = values["campaign"]
    return body


async def _step(
    request: Request, parts: Parts, person: Person, step: int, values: dict[str, str], errors: Errors
) -> HTMLResponse:
    known = {name: values.get(name, "") for name in FIELDS}
    community = parts.communities.community(known["community"])
    usual = (
        ""
        if known["community"] or step == 3
        else await asking.usual_community(person, parts, on_behalf=bool(known["on_behalf"]))
    )
    if step == 3 and known["under_14"] and not known["on_behalf"]:
        known["guardian_name"] = known["guardian_name"] or known["name"]
    return page(
        request,
        parts,
        "post.html",
        person,
        status_code=422 if errors else 200,
        step=step,
        values=known,
        errors=errors,
        error_list=summary(errors, request, parts),
        groups=communities_by_street(parts) if step == 2 else [],
        campaigns=await _campaigns(parts, known["community"]) if step == 3 else [],
        community_name=community.name if community else "",
        days=parts.settings.review_due_workdays,
        **asking.shown(known, errors, known["community"] or usual, parts),
        near=known["community"] or usual,
        similar=await asking.similar_before_sending(known, person, parts) if step == 3 else [],
    )


async def _campaigns(parts: Parts, community: str) -> list[dict[str, Any]]:
    """What a wish of this community may join today."""
    running = await parts.campaigns.running(parts.communities.current(community), parts.clock())
    return [campaign_card(one, today_of(parts), parts.communities) for one in running]
