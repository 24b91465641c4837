"""A person asks to be forgotten: nothing of them is left in the database, on the wall or for staff to read."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from microwish.events import Topic
from microwish.testing import eventually

from .photo_kit import added, approve, stored

pytestmark = pytest.mark.integration

NAME, ADDRESS, WORDS, THANKS = "欧阳静娴", "龙潭社区三弄 77 号 1301 室", "膝盖疼得下不了楼", "谢谢你们记挂我"


def own(phone: str, **changes: Any) -> dict[str, Any]:
    contact = {"name": NAME, "phone": phone, "address": ADDRESS}
    return {"contact": contact, "detail": WORDS, "public_name": NAME, **changes}


async def documents(world: Any) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Every document of the service's database but those of photo files."""
    db = world.service.mongo.db
    for name in await db.list_collection_names():
        async for document in db.get_collection(name).find({}):
            yield name, document


async def holding(world: Any, *secrets: str) -> list[str]:
    """Where any of these texts stands, in any document."""
    found = []
    async for name, document in documents(world):
        text = json.dumps(document, ensure_ascii=False, default=str)
        found += [f"{name} {document['_id']}: {secret}" for secret in secrets if secret in text]
    return found


async def sealed_of(world: Any, wish_ids: list[str], person: str) -> list[str]:
    """Every sealed text about the person or their wishes that still says something, wherever it stands."""
    abouts = [f"contact:{person}", *(f"{kind}:{one}" for one in wish_ids for kind in ("wish", "contact"))]
    said = []
    async for name, document in documents(world):
        tried = ((text, about) for text in _texts(document) for about in abouts)
        opened = (_opened(world, text, about) for text, about in tried)
        said += [f"{name} {document['_id']}: {text}" for text in opened if text]
    return said


def _opened(world: Any, text: str, about: str) -> str:
    try:
        return str(world.seals._sealer.open(text, about=about))
    except Exception:  # noqa: BLE001  sealed for something else, or no sealed text at all
        return ""


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part] if part.startswith("v1.") else []
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for one in inner for text in _texts(one)]


async def forgotten(world: Any, person_id: str) -> None:
    """Wait until nothing of the person is left to be seen to."""
    wishes = world.service.parts.wishes

    async def nothing() -> bool:
        return await wishes.to_erase(person_id, []) == []

    await eventually(nothing, seconds=60)


async def test_nothing_of_a_person_is_left(world: Any, photo_samples: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    index = world.seals.index(resident.phone)
    waiting = await world.submitted(resident, **own(resident.phone))
    returned = await world.submitted(resident, **own(resident.phone, beneficiary={"relation": "干女儿婷婷"}))
    sent_back = {"decision": "return", "reason": f"{NAME}，请说说尺寸"}
    assert (await staff.post(f"/api/wishes/{returned}/review", sent_back)).status_code == 200
    public = own(resident.phone, detail="想每天听听越剧。")
    posted = await world.posted(resident, staff, **public)
    photo = await added(resident, posted, photo_samples.jpeg(60, 40))
    assert (await approve(staff, posted, photo)).status_code == 200
    [file] = [one.file for one in (await world.service.parts.wishes.load(posted)).photos]
    delivered, fulfilled = [await world.posted(resident, staff, **public) for _ in range(2)]
    for wish_id in (delivered, fulfilled):
        adopted = world.adopted(wish_id)
        await world.tell(adopted)
        await world.tell(world.reported(adopted, f"交给{NAME}了"))
        await world.state(resident, wish_id, "delivered")
    confirmed = {"adoption_id": adopted.adoption_id, "thanks": THANKS}
    assert (await resident.post(f"/api/wishes/{fulfilled}/confirmation", confirmed)).status_code == 200
    withdrawn = await world.submitted(resident, **own(resident.phone))
    assert (await resident.post(f"/api/wishes/{withdrawn}/withdrawal", {"reason": WORDS})).status_code == 200
    wishes = [waiting, returned, posted, delivered, fulfilled, withdrawn]
    await world.on_wall(posted, "posted")
    await world.on_wall(fulfilled, "fulfilled")
    assert await sealed_of(world, wishes, resident.id)  # the search finds what is there
    assert await holding(world, index)

    answer = await resident.http.delete("/api/me")
    assert answer.status_code == 204
    assert 'microwish_session=""' in answer.headers["set-cookie"]
    for path in ("/api/me", f"/api/wishes/{posted}", "/mine"):
        assert (await resident.get(path)).status_code == 401, path
    assert (await resident.post("/api/wishes", own(resident.phone))).status_code == 401
    assert (await resident.http.delete("/api/me")).status_code == 401
    await forgotten(world, resident.id)
    await eventually(lambda: {resident.id, *wishes} <= set(world.feed.tombstones))

    assert await holding(world, resident.phone, index, NAME, ADDRESS, WORDS, THANKS, "婷婷") == []
    said = await sealed_of(world, wishes, resident.id)
    kept = ("本人注销了账号", "（本人已注销", "李明", "02155550100")  # who came to the door is theirs to keep
    assert [one for one in said if not one.split(": ", 1)[1].startswith(kept)] == []
    assert file not in await stored(world)
    await _staff_understand(staff, {waiting, returned, posted}, {delivered: "delivered", fulfilled: "fulfilled"})
    shown = await world.on_wall(fulfilled, "fulfilled")
    assert (shown["public_name"], shown["photos"]) == ("一位居民", [])
    told = await world.feed.wait_for(
        Topic.WISH, lambda e: e.type.endswith("PersonErased.v1") and e.subject == resident.id
    )
    assert {resident.id, *wishes} == set(told.data["contact_ids"])


async def _staff_understand(staff: Any, ended: set[str], stay: dict[str, str]) -> None:
    for wish_id in ended:
        wish = (await staff.get(f"/api/wishes/{wish_id}")).json()
        assert (wish["status"], wish["reason_code"], wish["erased"]) == ("withdrawn", "account_erased", True)
        assert "注销" in wish["reason"]
    for wish_id, status in stay.items():
        wish = (await staff.get(f"/api/wishes/{wish_id}")).json()
        assert (wish["status"], wish["erased"]) == (status, True)
        assert wish["contact_masked"] == {"name": "", "phone": "", "address": ""}
        lines = (await staff.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
        assert lines[-1]["what"] == "PersonErased"
        assert (await staff.http.get(f"/desk?wish={wish_id}")).status_code == 200
    refused = await staff.get(f"/api/wishes/{next(iter(stay))}/contact")
    assert (refused.status_code, refused.json()["code"]) == (409, "contact_erased")


async def test_the_same_phone_is_a_new_person_afterwards(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    theirs = await world.posted(resident, staff)
    assert (await resident.http.delete("/api/me")).status_code == 204
    again = await world.person(resident.phone)
    assert again.id != resident.id
    assert (await again.get("/api/me")).json()["id"] == again.id
    assert (await again.http.get("/mine")).status_code == 200
    await forgotten(world, resident.id)
    assert (await again.get(f"/api/wishes/{theirs}")).status_code == 404
    mine = await world.submitted(again)
    wish = (await again.get(f"/api/wishes/{mine}")).json()
    assert wish["status"] == "submitted"
    assert wish["review_due_at"] == (await world.queue(staff))[mine]["due_at"]


async def test_what_staff_posted_for_somebody_without_account_is_not_theirs(world: Any) -> None:
    staff = await world.staff()
    landline = {"contact": {"name": "陈桂香", "phone": "021-57771234", "address": "二弄 9 号"}, "on_behalf": True}
    nobodys = await world.posted(staff, staff, **landline)
    resident = await world.person()
    contact = {"name": NAME, "phone": resident.phone, "address": ADDRESS}
    own_wish = await world.posted(staff, staff, contact=contact, on_behalf=True)
    assert (await resident.http.delete("/api/me")).status_code == 204
    await forgotten(world, resident.id)
    assert (await world.service.parts.wishes.load(own_wish)).erased_at is not None
    kept = await world.service.parts.wishes.load(nobodys)
    assert (kept.status, kept.erased_at) == ("posted", None)


async def test_the_page_says_what_happens_and_asks_once_more(world: Any) -> None:
    resident = await world.person()
    browser = world.client()
    browser.cookies.set("microwish_session", resident.token)
    assert "/mine/account" in (await browser.get("/mine")).text
    page = await browser.get("/mine/account")
    assert "找不回来" in page.text
    assert "for good" in (await browser.get("/mine/account", params={"lang": "en"}, follow_redirects=True)).text
    csrf = browser.cookies["microwish_csrf"]
    untold = await browser.post("/mine/account/erasure", data={"csrf": csrf})
    assert untold.status_code == 422
    assert (await resident.get("/api/me")).status_code == 200
    done = await browser.post("/mine/account/erasure", data={"csrf": csrf, "sure": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await resident.get("/api/me")).status_code == 401
    assert any(cookie.startswith('microwish_session="";') for cookie in done.headers.get_list("set-cookie"))
