"""No event carries in clear what a person wrote or by which they could be reached (invariant 7)."""

import re

import pytest

from microwish.events import EVENTS
from microwish.events.base import Event
from microwish.events.catalogue.schemas import SEALED_MARK, leaves, payload_schema

REVIEWED_TEXT = {
    ("WishPosted", "title"),
    ("WishPosted", "detail"),
    ("WishPosted", "public_name"),
    ("WishRevised", "title"),
    ("WishRevised", "detail"),
    ("CampaignSaved", "name"),
    ("CampaignSaved", "text"),
}
"""What staff have approved for everybody to read."""

PUBLIC_NAMES = {
    ("WishPosted", "place.name"),
    ("WishMoved", "place.name"),
    ("CommunityMoved", "place.name"),
    ("CommunitySaved", "name"),
    ("WishAdopted", "organisation.name"),
    ("PartnersChanged", "partners[].name"),
    ("OrganisationRegistered", "name"),
    ("OrganisationChanged", "name"),
}
"""Names of communities and organisations, never of people."""

CODES = {
    (event, field)
    for event in ("MessageSent", "MessageDelivered", "MessageFailed")
    for field in ("template", "event_type", "provider", "cause")
} | {("ContactSaved", "phone_index")}
"""Words of the program, and a keyed hash that tells nothing."""

IDENTIFIER = re.compile(r"(^|[._])(id|ids\[\]|into)$")


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.__name__)
def test_every_text_is_sealed_or_known_to_be_harmless(event: type[Event]) -> None:
    allowed = {field for name, field in REVIEWED_TEXT | PUBLIC_NAMES | CODES if name == event.__name__}
    in_clear = {path for path, leaf in leaves(payload_schema(event)) if _is_free_text(leaf)}
    assert in_clear <= allowed, "a new field that people write must be Sealed"


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.__name__)
def test_what_looks_like_an_id_is_named_as_one(event: type[Event]) -> None:
    ids = [path for path, leaf in leaves(payload_schema(event)) if leaf.get("maxLength") and not _is_free_text(leaf)]
    assert [path for path in ids if not IDENTIFIER.search(path)] == []


def test_the_list_names_no_field_that_is_gone() -> None:
    there = {(event.__name__, path) for event in EVENTS.values() for path, _ in leaves(payload_schema(event))}
    assert there >= REVIEWED_TEXT | PUBLIC_NAMES


def test_how_to_reach_a_person_travels_only_in_two_events_and_sealed() -> None:
    reaching = {
        (event.__name__, path): bool(leaf.get(SEALED_MARK))
        for event in EVENTS.values()
        for path, leaf in leaves(payload_schema(event))
        if re.search(r"phone$|address$|openid$|(^|_)code$", path) and not leaf.get("pattern", "").startswith("^[0-9]")
    }
    assert all(reaching.values()), reaching
    carriers = {event for event, field in reaching if field in {"phone", "address", "openid", "code"}}
    assert carriers == {"ContactSaved", "SignInCodeIssued"}


def _is_free_text(leaf: dict[str, object]) -> bool:
    """A text that nothing but its writer decides: no choice, no moment, no division code, no id, not sealed."""
    closed = ("enum", "format", "pattern", "maxLength", SEALED_MARK)
    return leaf.get("type") == "string" and not any(rule in leaf for rule in closed)
