"""Staff see to a task: read whom to call, and say that it is done."""

from dataclasses import dataclass

from microwish.events import Actor
from microwish.identity.people import Person
from wish_service.domain.access import as_staff, staff_actor
from wish_service.domain.errors import NotAllowed, OtherCommunity, TaskAlreadyDone
from wish_service.domain.reactions import contact_shown
from wish_service.domain.states import Step
from wish_service.domain.tasks import Task
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import OpenContact, Seals
from wish_service.store.tasks import Tasks
from wish_service.use_cases.asked import Asked


async def finish_task(task_id: str, note: str | None, asked: Asked, tasks: Tasks) -> Task:
    """It is done (StaffTaskDone). Raises: NotFound, OtherCommunity, NotAllowed, TaskAlreadyDone, KeyReused."""
    task = await tasks.load(task_id)
    by = _as_staff_of(asked.person, task)
    sealed = asked.seal(task.wish_id, note)
    return await tasks.done(task_id, by, sealed, when=asked.when, idempotency=asked.idempotency)


@dataclass(frozen=True)
class Visitor:
    """Who comes to the door, in clear: what a message would have told the resident."""

    handler: str | None
    office_phone: str | None
    door_code: str | None


@dataclass(frozen=True)
class Call:
    """Whom to call; `visitor` where that is what they have to be told."""

    contact: OpenContact
    visitor: Visitor | None = None


async def show_whom_to_call(task_id: str, asked: Asked, tasks: Tasks) -> Call:
    """The resident's contact in clear, for an open task; the reading is on record first, where its resident sees it.

    Also where the wish has ended, since the end may be what has to be told.
    Raises: NotFound, OtherCommunity, NotAllowed, TaskAlreadyDone.
    """
    task = await tasks.load(task_id)
    _as_staff_of(asked.person, task)
    if task.done_at is not None:
        raise TaskAlreadyDone(task_id)

    def decide(wish: Wish) -> Decision:
        return contact_shown(wish, as_staff(asked.person, wish), asked.when, Step.CALL)

    wish = await asked.change(task.wish_id, decide)
    return Call(asked.seals.open_contact(task.wish_id, wish.contact), _visitor(task, wish, asked.seals))


def _visitor(task: Task, wish: Wish, seals: Seals) -> Visitor | None:
    adoption = next((one for one in wish.adoptions if one.id == task.adoption_id), None)
    if task.about != "WishAdopted" or adoption is None:
        return None
    sealed = (adoption.handler_name, adoption.office_phone, adoption.door_code)
    return Visitor(*(seals.of_wish(wish.id, text) for text in sealed))


def _as_staff_of(person: Person, task: Task) -> Actor:
    if not person.serves(task.community):
        raise OtherCommunity(task.id) if person.communities else NotAllowed(task.id)
    return staff_actor(person)
