"""How tasks look to staff."""

from typing import Any

from wish_service.domain.tasks import Task
from wish_service.domain.wish import Wish
from wish_service.store.seals import Seals
from wish_service.web.parts import Parts
from wish_service.web.present import rfc3339


async def task_items(tasks: list[Task], parts: Parts) -> list[dict[str, Any]]:
    """The tasks with what staff need to know of their wishes."""
    wishes = await parts.wishes.by_ids({task.wish_id for task in tasks})
    return [task_item(task, wishes.get(task.wish_id), parts) for task in tasks]


def task_item(task: Task, wish: Wish | None, parts: Parts) -> dict[str, Any]:
    """A task: what is to be done, about which wish, for whom, since when. The phone is masked until it is asked for."""
    last = task.timeline[-1]
    return {
        "id": task.id,
        "kind": task.kind.value,
        "state": "open" if task.done_at is None else "done",
        "about": task.about,
        "community": {"code": task.community, "name": parts.communities.name_of(task.community)},
        "wish": _wish(task, wish, parts.seals) if wish else {"id": task.wish_id},
        "opened_at": rfc3339(task.opened_at),
        "due_at": rfc3339(task.due_at),
        "done_at": rfc3339(task.done_at),
        "note": parts.seals.of_wish(task.wish_id, last.why) if task.done_at else None,
    }


def _wish(task: Task, wish: Wish, seals: Seals) -> dict[str, Any]:
    adoption = next((one for one in wish.adoptions if one.id == task.adoption_id), None)
    return {
        "id": wish.id,
        "title": wish.public_title or seals.of_wish(wish.id, wish.title),
        "status": wish.status.value,
        "community": wish.community.model_dump(),
        "contact_masked": {"name": wish.contact.name_masked, "phone": wish.contact.phone_masked},
        "erased": wish.erased_at is not None,
        "adoption_id": task.adoption_id,
        "organisation": adoption.organisation_name if adoption else None,
    }
