"""Wishes of people whom only staff can tell anything, and the tasks that follow."""

from collections.abc import Callable
from typing import Any

from microwish.events import Envelope
from microwish.testing import eventually

LANDLINE = {"name": "陈桂香", "phone": "021-57771234", "address": "龙潭社区二弄 9 号 101 室"}


async def an_elders(world: Any, staff: Any, **changes: Any) -> str:
    """A wish that staff have posted for somebody who has a landline alone."""
    wish_id: str = await world.submitted(staff, contact=LANDLINE, on_behalf=True, **changes)
    answer = await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
    assert answer.status_code == 200, answer.text
    return wish_id


async def open_tasks(someone: Any, **query: str) -> list[dict[str, Any]]:
    """Every open task that the person sees, page by page: tests of one service share its list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await someone.get("/api/tasks", limit="100", **query, **cursor)).json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def task_about(someone: Any, wish_id: str, about: str) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        items = await open_tasks(someone, kind="telephone")
        return next((item for item in items if (item["wish"]["id"], item["about"]) == (wish_id, about)), None)

    return await eventually(there)


async def gone(someone: Any, task_id: str) -> None:
    async def none() -> bool:
        return all(item["id"] != task_id for item in await open_tasks(someone))

    await eventually(none)


def of_task(name: str, task_id: str) -> Callable[[Envelope], bool]:
    return lambda event: event.type == f"microwish.{name}.v1" and event.subject == task_id
