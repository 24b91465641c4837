"""Photos over HTTP: who may add, see, approve and remove them, and what is refused."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually

from .photo_kit import added, approve, names_of, send, stored

pytestmark = pytest.mark.integration


async def public_photos(world: Any, wish_id: str, expected: list[str]) -> None:
    anyone = world.client()

    async def look() -> bool:
        shown = (await anyone.get(f"/api/wishes/{wish_id}")).json()
        return [photo["id"] for photo in shown.get("photos", [])] == expected

    await eventually(look, seconds=60)


async def test_a_photo_is_seen_by_few_until_staff_approve_it_and_by_nobody_after_take_down(
    world: Any, photo_samples: Any
) -> None:
    resident, stranger, staff = await world.person(), await world.person(), await world.staff()
    elsewhere, anyone = await world.staff("310117005"), world.client()
    wish_id = await world.submitted(resident)
    photo_id = await added(resident, wish_id, photo_samples.jpeg(3000, 2000, orientation=6))
    paths = (f"/photos/{photo_id}", f"/photos/{photo_id}/thumbnail")
    for path in paths:
        for someone in (resident.http, staff.http):
            seen = await someone.get(path)
            assert (seen.status_code, seen.headers["cache-control"]) == (200, "private, no-store")
        for nobody in (anyone, stranger.http, elsewhere.http):
            refused = await nobody.get(path)
            assert (refused.status_code, refused.json()["code"]) == (404, "photo_not_found")
            assert "no-store" in refused.headers["cache-control"]
    sizes = [Image.open(BytesIO((await resident.get(path)).content)).size for path in paths]
    assert sizes == [(1333, 2000), (320, 480)]

    assert (await approve(resident, wish_id, photo_id)).status_code == 403
    assert (await approve(elsewhere, wish_id, photo_id)).json()["code"] == "other_community"
    assert (await approve(staff, wish_id, photo_id)).status_code == 200
    assert (await anyone.get(paths[0])).status_code == 404  # approved, but the wish is not on the wall
    assert (await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})).status_code == 200
    for path in paths:
        public = await anyone.get(path)
        assert public.status_code == 200
        assert public.headers["cache-control"] == "public, max-age=3600, immutable"
        assert (public.headers["content-type"], public.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
        same = await anyone.get(path, headers={"If-None-Match": public.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
    await public_photos(world, wish_id, [photo_id])

    down = await staff.post(f"/api/wishes/{wish_id}/takedown", {"reason": "照片拍到了门牌"})
    assert down.status_code == 200
    assert (await anyone.get(paths[0])).status_code == 404
    assert (await resident.get(paths[0])).headers["cache-control"] == "private, no-store"


async def test_a_photo_added_on_the_wall_waits_for_staff_and_a_removed_one_is_gone_for_good(
    world: Any, photo_samples: Any
) -> None:
    resident, staff, anyone = await world.person(), await world.staff(), world.client()
    wish_id = await world.posted(resident, staff)
    await world.on_wall(wish_id, "posted")
    first = await added(resident, wish_id, photo_samples.jpeg())
    second = await added(staff, wish_id, photo_samples.jpeg())
    assert (await anyone.get(f"/photos/{first}")).status_code == 404
    waiting = await world.service.parts.photos.named.waiting(["310117001"])
    assert wish_id in {wish.id for wish in waiting}
    assert wish_id not in {wish.id for wish in await world.service.parts.photos.named.waiting(["310117005"])}
    for photo_id in (first, second):
        assert (await approve(staff, wish_id, photo_id)).status_code == 200
    await public_photos(world, wish_id, [first, second])
    assert wish_id not in {wish.id for wish in await world.service.parts.photos.named.waiting(None)}
    [file, _] = await names_of(world, wish_id)
    assert file in await stored(world)
    gone = await resident.http.delete(f"/api/wishes/{wish_id}/photos/{first}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await anyone.get(f"/photos/{first}")).status_code == 404
    assert file not in await stored(world)
    await public_photos(world, wish_id, [second])
    again = await resident.http.delete(f"/api/wishes/{wish_id}/photos/{first}")
    assert (again.status_code, again.json()["code"]) == (404, "photo_not_found")
    lines = [line["what"] for line in (await resident.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]]
    assert lines[-5:] == ["PhotoAdded", "PhotoAdded", "PhotoApproved", "PhotoApproved", "PhotoRemoved"]

    def revised() -> list[Any]:
        events = world.feed.events(Topic.WISH, lambda e: e.subject == wish_id and "WishRevised" in e.type)
        return [event.data["photo_ids"] for event in events]

    async def told() -> bool:
        return revised() == [[first], [first, second], [second]]

    await eventually(told, seconds=60)


async def test_who_may_not_add_or_remove(world: Any, photo_samples: Any) -> None:
    resident, stranger, staff = await world.person(), await world.person(), await world.staff()
    elsewhere, anyone = await world.staff("310117005"), world.client()
    wish_id = await world.submitted(resident)
    photo_id = await added(staff, wish_id, photo_samples.jpeg())
    files = {"photo": ("a.jpg", photo_samples.jpeg(), "image/jpeg")}
    assert (await anyone.post(f"/api/wishes/{wish_id}/photos", files=files)).status_code == 401
    assert (await send(stranger, wish_id, photo_samples.jpeg())).status_code == 404
    assert (await send(elsewhere, wish_id, photo_samples.jpeg())).json()["code"] == "other_community"
    assert (await send(resident, uuid7(), photo_samples.jpeg())).status_code == 404
    assert (await anyone.delete(f"/api/wishes/{wish_id}/photos/{photo_id}")).status_code == 401
    assert (await stranger.http.delete(f"/api/wishes/{wish_id}/photos/{photo_id}")).status_code == 404
    assert (await elsewhere.http.delete(f"/api/wishes/{wish_id}/photos/{photo_id}")).status_code == 403
    assert (
        await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "reject", "reason": "重复"})
    ).status_code == 200
    late = await send(resident, wish_id, photo_samples.jpeg())
    assert (late.status_code, late.json()["code"], late.json()["command"]) == (409, "wrong_state", "add_photo")
    assert len(await names_of(world, wish_id)) == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda s: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "格式的照片"),
        (lambda s: s.encoded(s.picture(), "GIF"), "格式的照片"),
        (lambda s: s.animated("WEBP"), "会动"),
        (lambda s: s.jpeg()[:2000], "不完整"),
        (lambda s: s.bomb(), "百万像素"),
        (lambda s: b"", "选一张照片"),
    ],
)
async def test_a_bad_photo_is_refused_by_its_content_and_nothing_is_stored(
    world: Any, photo_samples: Any, make: Any, words: str
) -> None:
    resident = await world.person()
    wish_id = await world.submitted(resident)
    before, document = await stored(world), await world.service.parts.wishes.load(wish_id)
    answer = await send(resident, wish_id, make(photo_samples))
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    [error] = answer.json()["errors"]
    assert error["field"] == "photo"
    assert words in error["message"]
    assert await stored(world) == before
    assert await world.service.parts.wishes.load(wish_id) == document


async def test_a_form_without_the_field_or_no_form_at_all_names_the_field(world: Any, photo_samples: Any) -> None:
    resident = await world.person()
    path = f"/api/wishes/{await world.submitted(resident)}/photos"
    answers = [
        await resident.http.post(path, json={"photo": "x"}),
        await resident.http.post(path, data={"photo": "x"}),
        await resident.http.post(path, files={"picture": ("a.jpg", photo_samples.jpeg(), "image/jpeg")}),
        await resident.http.post(path),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "photo")
    header = {"content-type": "multipart/form-data; boundary=x"}
    broken = await resident.http.post(path, content=b"--y\r\n\r\n", headers=header)
    assert (broken.status_code, broken.json()["code"]) == (400, "unreadable")


async def test_too_many_bytes_are_refused_while_they_come(another_world: Any) -> None:
    async with another_world(consume=False, photo_max_bytes=200_000) as world:
        resident = await world.person()
        wish_id = await world.submitted(resident)
        announced = await send(resident, wish_id, bytes(300_000))
        assert (announced.status_code, announced.json()["code"]) == (413, "too_large")
        just_above = await send(resident, wish_id, bytes(200_001))
        assert (just_above.status_code, just_above.json()["code"]) == (413, "too_large")
        read = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal read
            yield b'--x\r\ncontent-disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
            for _ in range(5000):
                read += 100_000
                yield bytes(100_000)

        header = {"content-type": "multipart/form-data; boundary=x"}
        chunked = await resident.http.post(f"/api/wishes/{wish_id}/photos", content=endless(), headers=header)
        assert (chunked.status_code, chunked.json()["code"]) == (413, "too_large")
        assert read < 50_000_000
        other_path = await resident.http.post("/api/wishes", content=bytes(1_100_000))
        assert other_path.status_code == 413
