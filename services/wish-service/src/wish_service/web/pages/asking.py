"""What the forms for a wish ask besides the wish itself: its value, for whom it is, who agrees, and what is similar."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request

from microwish.identity.people import Person
from wish_service.domain import text_rules
from wish_service.domain.consents import ConsentBasis, Relation
from wish_service.domain.money_rules import asks_for_money
from wish_service.domain.similarity import Words
from wish_service.use_cases.find_similar import find_similar
from wish_service.web.api.similar import item, sources_of
from wish_service.web.pages.frame import Errors, checked, told_faults
from wish_service.web.parts import Parts
from wish_service.web.schemas import Body, Name
from wish_service.web.schemas import Relation as RelationWords

Values = Mapping[str, str]
Yuan = Annotated[int, Field(ge=0, le=1_000_000)]

FIELDS = (*("value_yuan", "relation_words", "guardian_name", "guardian_relation", "consent_basis", "consent_note"),)
FORM_FIELDS = {
    "estimated_value_fen": "value_yuan",
    "guardian.name": "guardian_name",
    "guardian.relation": "guardian_relation",
    "on_behalf.basis": "consent_basis",
    "on_behalf.note": "consent_note",
}
"""The name in the form of each field of the body."""


class GuardianStep(Body):
    """Who agrees for a child."""

    guardian_name: Name
    guardian_relation: RelationWords


def fen_of(values: Values) -> int | None:
    """The value in fen; None if none is given, or none that is a number (which the form's own check tells)."""
    yuan = values.get("value_yuan", "").strip()
    return int(yuan) * 100 if yuan.isascii() and yuan.isdigit() else None


def too_dear(values: Values, community: str, request: Request, parts: Parts) -> Errors:
    """A value above the ceiling of the community's district."""
    found = told_faults(text_rules.value_faults(fen_of(values), parts.settings.ceiling_of(community)), request, parts)
    return in_the_form(found)


def in_the_form(errors: Errors) -> Errors:
    """The errors by the names of the form's fields."""
    return {FORM_FIELDS.get(field, field): message for field, message in errors.items()}


def has_guardian(values: Values) -> bool:
    """Whether somebody else agrees for the person."""
    return bool(values.get("under_14")) or values.get("consent_basis") == ConsentBasis.GUARDIAN


def consent_errors(values: Values, request: Request, parts: Parts) -> Errors:
    """What is missing of the last step."""
    needed = {"agree_publishing": "field.consent_needed", "agree_sensitive": "field.sensitive_needed"}
    if has_guardian(values):
        needed["agree_guardian"] = "field.guardian_needed"
    if values.get("on_behalf"):
        needed["consent_basis"] = "field.basis_needed"
    errors = {name: parts.pages.text(request, text) for name, text in needed.items() if not values.get(name)}
    return errors | (checked(GuardianStep, values, request, parts)[1] if has_guardian(values) else {})


def body_of(values: Values) -> dict[str, Any]:
    """These fields in the body of a new wish."""
    body: dict[str, Any] = {"estimated_value_fen": fen_of(values), "on_behalf": None}
    if values.get("on_behalf"):
        body["on_behalf"] = {"basis": values.get("consent_basis") or None, "note": values.get("consent_note", "")}
    if values.get("relation") or values.get("under_14"):
        in_words = values.get("relation_words", "").strip() if values.get("relation") == Relation.OTHER else ""
        relation = in_words or values.get("relation") or Relation.CHILD.value
        body["beneficiary"] = {"relation": relation, "under_14": bool(values.get("under_14"))}
    if has_guardian(values):
        body["guardian"] = {part: values.get(f"guardian_{part}", "") for part in ("name", "relation")}
    return body


def shown(values: Values, errors: Errors, community: str, parts: Parts) -> dict[str, Any]:
    """What the templates need for these fields."""
    return {
        "relations": list(Relation),
        "bases": list(ConsentBasis),
        "ceiling_yuan": text_rules.in_yuan(parts.settings.ceiling_of(community)),
        "money": any(asks_for_money(values.get(name, "")) for name in ("title", "detail") if name in errors),
    }


async def usual_community(person: Person, parts: Parts, *, on_behalf: bool) -> str:
    """Where similar wishes are looked for before the form asks: where staff serve, or the resident wished last."""
    if on_behalf:
        served = [code for code in person.communities if parts.communities.community(code)]
        return served[0] if len(served) == len(person.communities) == 1 else ""
    own = await parts.wishes.of_resident(person.id, limit=1)
    return own[0].community.code if own else ""


async def similar_before_sending(values: Values, person: Person, parts: Parts) -> list[dict[str, Any]]:
    """Similar wishes for the last step, with or without a script."""
    words = Words(values["title"], values["detail"], values["category"] or None)
    return [item(one) for one in await find_similar(words, values["community"], person, sources_of(parts))]
