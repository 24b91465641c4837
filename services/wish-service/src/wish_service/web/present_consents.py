"""What staff see at review besides the words: how consent is known, and what in the words they should look at."""

from typing import Any

from microwish.privacy.masking import mask_name
from wish_service.domain.hints import hints_in
from wish_service.domain.wish import Wish
from wish_service.store.seals import Seals


def known_consents(wish: Wish, seals: Seals) -> dict[str, Any]:
    """The consents for staff; a guardian's full name comes with the contact, whose reading is on record."""
    consents = wish.consents
    name = seals.of_wish(wish.id, consents.guardian_name)
    return {
        "publishing": consents.publishing,
        "sensitive": consents.sensitive,
        "guardian": consents.guardian,
        "guardian_name_masked": mask_name(name) if name else None,
        "guardian_relation": seals.of_wish(wish.id, consents.guardian_relation),
        "basis": consents.basis,
        "note": seals.of_wish(wish.id, consents.note),
        "recorded_by": consents.recorded_by,
    }


def guardian_of(wish: Wish, seals: Seals) -> dict[str, str] | None:
    """The guardian by full name, for who may read the contact."""
    name = seals.of_wish(wish.id, wish.consents.guardian_name)
    relation = seals.of_wish(wish.id, wish.consents.guardian_relation)
    return {"name": name, "relation": relation} if name and relation else None


def hints_of(wish: Wish, seals: Seals) -> list[dict[str, str]]:
    """What stands in the public words, or those that would be public as they are: field, reason, phrase."""
    if wish.public_title is not None:
        found = hints_in(public_title=wish.public_title, public_detail=wish.public_detail)
    else:
        title, detail = seals.of_wish(wish.id, wish.title), seals.of_wish(wish.id, wish.detail)
        found = hints_in(public_title=title, public_detail=detail)
    return [{"field": hint.field, "reason": hint.reason.value, "phrase": hint.phrase} for hint in found]
