"""See to what is left of people who asked to be forgotten: their wishes, and what was written and published of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from microwish.events import Actor, Role, Source
from microwish.messaging.backbone import Backbone
from microwish.one_by_one import by_itself
from microwish.when import When
from wish_service.domain import erasure
from wish_service.domain.erasure import Blank
from wish_service.domain.wish import Decision, Wish
from wish_service.store.imports import Imports, wish_id_of
from wish_service.store.people import Erasing, People
from wish_service.store.photos.files import PhotoFiles
from wish_service.store.seals import Seals
from wish_service.store.tasks import Tasks
from wish_service.store.wishes import Wishes
from wish_service.use_cases.add_photo import delete_files

LATE: Final = timedelta(hours=1)
"""For how long a command that was under way when somebody was forgotten may still bring something of them."""

_TITLE, _DETAIL = "（本人已注销，内容已删除）", ""
_REASON = "本人注销了账号，个人信息已删除。"


@dataclass(frozen=True)
class Kept:
    """Everything that may hold something of a person."""

    people: People
    wishes: Wishes
    tasks: Tasks
    imports: Imports
    files: PhotoFiles
    backbone: Backbone
    seals: Seals


async def follow_erasures(kept: Kept, *, when: When) -> int:
    """Take out what is left of everybody who asked for it; returns of how many wishes nothing is left.

    Guarantee: safe at any time, by any number of processes at once, and after a kill at any moment: what is left is
    read from the truth, each wish goes by one guarded write, once. What comes late, the next round finds.
    """
    done = 0
    for person in await kept.people.erasing():
        done += await _one(person, kept, when)
    return done


async def _one(person: Erasing, kept: Kept, when: When) -> int:
    for import_id, numbers in person.rows.items():
        await kept.imports.drop(import_id, numbers, when=when)
    # A process that had taken the rows before may have made wishes of them a moment later.
    made = [wish_id_of(import_id, n) for import_id, numbers in person.rows.items() for n in numbers]
    left = await kept.wishes.to_erase(person.id, made)
    by = Actor(person_id=person.id, role=Role.RESIDENT)
    done = [await by_itself(_erase_wish(one, by, kept, when), what="erasure", subject=one) for one in left]
    if not left and when.recorded_at - person.since > LATE:
        await kept.people.erased(person.id)
    return sum(map(bool, done))


async def _erase_wish(wish_id: str, by: Actor, kept: Kept, when: When) -> bool:
    """Whether nothing of the person is left with it."""
    seal = kept.seals.for_wish
    blank = Blank(seal(wish_id, _TITLE), seal(wish_id, _DETAIL), seal(wish_id, _REASON))
    files: list[str] = []

    def decide(wish: Wish) -> Decision | None:
        files[:] = [photo.file for photo in wish.photos]
        return erasure.erase(wish, blank, by, when)

    await kept.wishes.erase(wish_id, decide, when=when)
    for file in files:
        await delete_files(file, kept.files)
    return await _forget_words(wish_id, kept, when)


async def _forget_words(wish_id: str, kept: Kept, when: When) -> bool:
    """Once all of it has left the outboxes, take the words out of what was published and of what is parked."""
    tasks = await kept.tasks.without_words(wish_id, when=when)
    if not (all(tasks.values()) and await kept.wishes.all_sent(wish_id)):
        return False
    nothing = kept.seals.for_wish(wish_id, "")

    def reworded(data: dict[str, Any]) -> dict[str, Any]:
        return erasure.reworded(data, nothing)

    for source, subject in [(Source.WISH, wish_id), *((Source.TASK, task_id) for task_id in tasks)]:
        await kept.backbone.journal.reword(source.value, subject, reworded)
    for parking in kept.backbone.parking:
        for source in (Source.WISH, Source.CLAIMS):
            await parking.reword(source.value, wish_id, reworded)
    await kept.wishes.words_gone(wish_id)
    return True
