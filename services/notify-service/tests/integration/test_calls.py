"""Whom no message reaches is called by staff of the community, who say so once."""

from typing import Any

import pytest

from microwish.events import Role
from microwish.ids import uuid7

pytestmark = pytest.mark.integration


async def test_staff_see_whom_to_call_and_say_that_they_have(desk: Any, story_of: Any) -> None:
    story = story_of(desk, resident_phone="02155550123")  # a landline, and no WeChat
    await story.people()
    await story.posted()
    await desk.work()
    mine = desk.token("s1", Role.STAFF, communities=("310117001",))
    elsewhere = desk.token("s2", Role.STAFF, communities=("310117002",))
    [call] = (await desk.http.get("/api/messages/calls", headers=mine)).json()["items"]
    assert (call["wish_id"], call["template"]) == (story.wish_id, "wish_posted.v1")
    assert (await desk.http.get("/api/messages/calls", headers=elsewhere)).json()["items"] == []
    page = (await desk.http.get("/notify/ops", headers={**mine, "Accept": "text/html"})).text
    assert f"/notify/ops/calls/{call['id']}/done" in page
    done = f"/api/messages/calls/{call['id']}/done"
    assert (await desk.http.post(done, headers=elsewhere)).status_code == 404
    assert (await desk.http.post(f"/api/messages/calls/{uuid7()}/done", headers=mine)).json()["code"] == "not_found"
    for _ in range(2):
        assert (await desk.http.post(done, headers=mine)).status_code == 204
    assert (await desk.http.get("/api/messages/calls", headers=mine)).json()["items"] == []
    [row] = await desk.rows("call_tasks")
    assert [(entry["what"], entry["by"]["person_id"]) for entry in row["timeline"]] == [
        ("opened", None),
        ("called", "s1"),
    ]
