"""A person asked to be forgotten (PIPL art. 47): what a wish keeps is who did what and when, not whose life it was.

What may still be withdrawn is; a wish that is delivered or has ended stays where it is. What was published stays
published, as nobody's in particular. Words go, whoever wrote them: staff and organisations wrote about the person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from microwish.events import Actor, Role
from microwish.events.wish import TaskKind, WishRevised
from microwish.when import When
from wish_service.domain import ending
from wish_service.domain.adoptions import Adoption
from wish_service.domain.photos import approved_ids
from wish_service.domain.states import Step
from wish_service.domain.timers import TaskState, TimerKind, WishTask
from wish_service.domain.wish import ANONYMOUS, Contact, Decision, Entry, Wish, entry, steps_from

REASON_CODE: Final = "account_erased"
NOBODY: Final = Contact("", "", "", "", "", "", "")

_OF_PLACES = "WishMoved"
_OF_OFFICE: Final = frozenset({Role.STAFF, Role.ADMIN})
_WRITTEN: Final = ("reason", "note", "thanks")
"""The fields of events about a wish that hold what people wrote."""


@dataclass(frozen=True)
class Blank:
    """What stands where the person's words stood, and why the wish ended, each sealed for the wish."""

    title: str
    detail: str
    reason: str


def erase(wish: Wish, blank: Blank, by: Actor, when: When) -> Decision | None:
    """Take the person out of their wish (WishWithdrawn where it may be; WishRevised where the wall shows of them).

    None if it was done before.
    """
    if wish.erased_at is not None:
        return None
    if Step.WITHDRAW in steps_from(wish.status):
        ended = ending.withdraw(wish, blank.reason, by, when, reason_code=REASON_CODE)
    else:
        ended = Decision(replace(wish, timeline=(*wish.timeline, entry("PersonErased", by, when))))
    return Decision(_without_person(ended.wish, blank, when), (*_no_longer_shown(wish, by), *ended.events))


def kept_empty(decision: Decision, earlier: int) -> Decision:
    """A later step of a wish whose resident is forgotten, without what organisations write then.

    earlier: how many lines the timeline had before. What staff write stays: they know whom they write of, and when.
    """
    wish = decision.wish
    new = wish.timeline[earlier:]
    lines = [line if line.by.role in _OF_OFFICE else replace(line, why=None) for line in new]
    emptied = replace(wish, timeline=(*wish.timeline[:earlier], *lines), adoptions=_without_words(wish.adoptions))
    return replace(decision, wish=emptied)


def reworded(data: Mapping[str, Any], blank: str) -> dict[str, Any]:
    """The payload of an event of such a wish without anybody's words, and without a name that its resident chose.

    blank: nothing, sealed: readers expect the field.
    """
    changed = {name: blank for name in _WRITTEN if data.get(name)}
    named = {"public_name": ANONYMOUS} if data.get("public_name") else {}
    return {**data, **changed, **named}


def _no_longer_shown(wish: Wish, by: Actor) -> list[WishRevised]:
    photos = bool(approved_ids(wish.photos))
    named = wish.public_name != ANONYMOUS
    if wish.posted_at is None or not (photos or named):
        return []
    shown: dict[str, Any] = {"photo_ids": [] if photos else None, "anonymous": True if named else None}
    return [WishRevised(**wish.about, by=by, **shown)]


def _without_person(wish: Wish, blank: Blank, when: When) -> Wish:
    return replace(
        wish,
        title=blank.title,
        detail=blank.detail,
        contact=NOBODY,
        beneficiary=None,
        relation=None,
        public_name=ANONYMOUS,
        consents=replace(wish.consents, note=None, guardian_name=None, guardian_relation=None),
        photos=(),
        review_claim=None,
        adoptions=_without_words(wish.adoptions),
        timeline=tuple(_without_word(line) for line in wish.timeline),
        # There is nobody to remind and nobody to call.
        timers=tuple(timer for timer in wish.timers if timer.kind is not TimerKind.CONFIRM_REMINDER),
        tasks=tuple(_no_call(task, when) for task in wish.tasks),
        erased_at=when.at,
    )


def _without_word(line: Entry) -> Entry:
    says_nothing_personal = line.what == _OF_PLACES or line.reason_code == REASON_CODE
    return line if says_nothing_personal else replace(line, why=None, edited=None)


def _without_words(adoptions: Iterable[Adoption]) -> tuple[Adoption, ...]:
    return tuple(replace(adoption, note=None, door_code=None) for adoption in adoptions)


def _no_call(task: WishTask, when: When) -> WishTask:
    if task.kind is not TaskKind.TELEPHONE or task.state is TaskState.CLOSING:
        return task
    return replace(task, state=TaskState.CLOSING, closed_at=when.recorded_at)
