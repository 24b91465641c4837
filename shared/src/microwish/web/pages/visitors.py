"""The bar of every page: the same items in the same order for the same person, whichever service renders it."""

from dataclasses import dataclass

from starlette.requests import Request

from microwish.identity.guards import SESSION_COOKIE, Identity
from microwish.identity.people import Person, Role
from microwish.identity.tokens import InvalidToken, UnknownKey

_SECTIONS = (
    ("/", "kit.nav.wall", ("/wishes",)),
    ("/adopt", "kit.nav.adopt", ("/adopt",)),
    ("/mine", "kit.nav.mine", ("/mine",)),
)
_DESK_PATHS = ("/desk", "/adopt/verify", "/adopt/organisations", "/adopt/stalled", "/notify/ops")


@dataclass(frozen=True, slots=True)
class Section:
    """One item of the bar: its address, the key of its text, whether the reader is in it."""

    href: str
    text: str
    here: bool


def visitor_of(request: Request) -> Person | None:
    """Who reads this page, for display only: what a guard found, else whom the session cookie names.

    Error pages come before any guard, so the cookie is read here too; it proves nothing about a form.
    """
    known: Person | None = getattr(request.state, "person", None)
    cookie = request.cookies.get(SESSION_COOKIE)
    if known is not None or not cookie:
        return known
    identity: Identity = request.app.state.identity
    try:
        return identity.keys.verify(cookie, now=identity.clock())
    except (UnknownKey, InvalidToken):
        return None


def sections_for(person: Person | None, path: str) -> list[Section]:
    """The main sections; who works here finds their desk among them."""
    at_desk = _below(path, _DESK_PATHS)
    sections = [
        Section(href, text, path == href or (not at_desk and _below(path, prefixes)))
        for href, text, prefixes in _SECTIONS
    ]
    if person is not None and (person.has(Role.STAFF) or person.has(Role.ADMIN)):
        sections.append(Section("/desk", "kit.nav.desk", at_desk))
    elif person is not None and person.has(Role.OPS):
        sections.append(Section("/notify/ops", "kit.nav.desk", at_desk))
    return sections


def _below(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)
