"""Photos over HTTP: who may add, see, approve and remove them; nine at most; retries; what is refused; the sweep."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from pydantic import SecretStr

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.store.aggregate import Change, Contended
from microwish.testing import eventually
from microwish.when import When
from wish_service.store.documents import to_document
from wish_service.use_cases.sweep_photos import Swept, sweep_photos

pytestmark = pytest.mark.integration


async def send(someone: Any, wish_id: str, content: bytes, name: str = "a.jpg", **headers: str) -> httpx.Response:
    files = {"photo": (name, content, "image/jpeg")}
    answer: httpx.Response = await someone.http.post(f"/api/wishes/{wish_id}/photos", files=files, headers=headers)
    return answer


async def added(someone: Any, wish_id: str, content: bytes, **headers: str) -> str:
    answer = await send(someone, wish_id, content, **headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def approve(staff: Any, wish_id: str, photo_id: str) -> httpx.Response:
    answer: httpx.Response = await staff.post(f"/api/wishes/{wish_id}/photos/{photo_id}/approval")
    return answer


async def stored(world: Any) -> set[str]:
    return {name async for name in world.service.parts.photos.files.names()}


async def names_of(world: Any, wish_id: str) -> list[str]:
    return [photo.file for photo in (await world.service.parts.wishes.load(wish_id)).photos]


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
    async with another_world(photo_max_bytes=200_000) as world:
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


async def test_ten_at_once_beside_eight_leave_nine(world: Any, photo_samples: Any) -> None:
    resident = await world.person()
    wish_id = await world.submitted(resident)
    for _ in range(8):
        await added(resident, wish_id, photo_samples.jpeg(60, 40))
    answers = await asyncio.gather(*(send(resident, wish_id, photo_samples.jpeg(60, 40)) for _ in range(10)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + [409] * 9
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"too_many_photos"}
    names = await names_of(world, wish_id)
    assert len(names) == 9
    assert set(names) <= await stored(world)


async def test_without_the_guard_of_the_write_ten_at_once_leave_more_than_nine(world: Any, photo_samples: Any) -> None:
    """The negative control of the test above: the same decision, written without asking whether anything changed."""
    from wish_service.domain import picturing

    resident, wishes = await world.person(), world.service.parts.wishes
    wish_id = await world.submitted(resident)
    when = When.now()
    for n in range(8):
        await wishes.change(wish_id, lambda wish, n=n: picturing.take_place(wish, f"p{n}", uuid7(), when), when=when)
    seen = await asyncio.gather(*(wishes.load(wish_id) for _ in range(10)))
    for n, wish in enumerate(seen):
        decision = picturing.take_place(wish, f"late-{n}", uuid7(), when)
        assert decision is not None
        placed = to_document(decision.wish)["photos"][-1]
        pushed = {"photos": {"$concatArrays": ["$photos", [{"$literal": placed}]]}}
        assert await wishes.aggregates.write(wish_id, {}, Change(), when=when, expressions=pushed)
    assert len(await names_of(world, wish_id)) == 18


async def test_a_retry_under_one_key_is_one_photo(world: Any, photo_samples: Any) -> None:
    resident = await world.person()
    wish_id = await world.submitted(resident)
    key = {"Idempotency-Key": "photo-1"}
    photo = photo_samples.jpeg()
    first = await send(resident, wish_id, photo, **key)
    again = await send(resident, wish_id, photo, "other-name.jpg", **key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await send(resident, wish_id, photo_samples.jpeg(30, 20), **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert len(await names_of(world, wish_id)) == 1
    assert (await resident.http.delete(f"/api/wishes/{wish_id}/photos/{first.json()['id']}")).status_code == 204
    late = await send(resident, wish_id, photo, **key)
    assert (late.status_code, late.json()["id"]) == (201, first.json()["id"])
    assert await names_of(world, wish_id) == []


async def test_the_same_request_many_times_at_once_is_one_photo(world: Any, photo_samples: Any) -> None:
    resident = await world.person()
    wish_id = await world.submitted(resident)
    before, photo, key = await stored(world), photo_samples.jpeg(), {"Idempotency-Key": "photo-at-once"}
    answers = await asyncio.gather(*(send(resident, wish_id, photo, **key) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) <= 1
    assert (await send(resident, wish_id, photo, **key)).status_code == 201
    [name] = await names_of(world, wish_id)
    assert await stored(world) - before == {name}


async def test_what_an_upload_leaves_behind_is_swept_and_what_is_under_way_is_not(
    world: Any, photo_samples: Any
) -> None:
    """An upload that died after storing, one that is still at it, and one whose photo an erasure took."""
    from wish_service.domain import picturing

    resident, parts = await world.person(), world.service.parts
    photos, wishes, now = parts.photos, parts.wishes, datetime.now(UTC)
    wish_id = await world.submitted(resident)
    kept = await photos.files.reencoded(BytesIO(photo_samples.jpeg()))
    past = When.now(lambda: now - timedelta(hours=1))
    dead, alive, never_named = uuid7(), uuid7(), uuid7()
    for photo_id, file, when in (("p-dead", dead, past), ("p-alive", alive, When.now())):
        await wishes.change(
            wish_id, lambda w, p=photo_id, f=file, at=when: picturing.take_place(w, p, f, at), when=when
        )
    good = await added(resident, wish_id, photo_samples.jpeg())
    erased_wish = await world.submitted(resident)
    await added(resident, erased_wish, photo_samples.jpeg())
    [erased] = await names_of(world, erased_wish)
    await wishes.aggregates.write(erased_wish, {}, Change(set={"photos": []}), when=When.now())
    for file in (dead, alive, never_named):
        await photos.files.keep(file, kept)

    later = When.now(lambda: now + timedelta(minutes=10))
    swept = await sweep_photos(photos, wishes, when=later, patience=timedelta(minutes=15))
    assert swept.places == 1
    assert dead in await stored(world)  # files younger than the patience are left alone

    # Whoever takes the living upload for dead makes it fail, but never leaves a wish with a photo without files.
    hours_later = When.now(lambda: now + timedelta(hours=2))
    fresh = When.now(lambda: now + timedelta(hours=2))
    await wishes.change(wish_id, lambda w: picturing.take_place(w, "p-alive", alive, fresh), when=fresh)
    swept = await sweep_photos(photos, wishes, when=hours_later, patience=timedelta(minutes=15))
    assert isinstance(swept, Swept)
    left = await stored(world)
    assert {dead, never_named, erased}.isdisjoint(left)
    assert alive in left
    assert (await resident.get(f"/photos/{good}")).status_code == 200
    assert set(await names_of(world, wish_id)) <= left


async def test_an_upload_that_was_taken_for_dead_fails_and_leaves_nothing(world: Any, photo_samples: Any) -> None:
    """Uploads and sweeps without any patience, side by side: no photo ever lacks its files."""
    resident, parts = await world.person(), world.service.parts
    wish_ids = [await world.submitted(resident) for _ in range(3)]
    uploads = [send(resident, wish_id, photo_samples.jpeg(80, 60)) for wish_id in wish_ids for _ in range(6)]
    ahead = When.now(lambda: datetime.now(UTC) + timedelta(days=1))

    async def sweeping() -> None:
        while True:
            with contextlib.suppress(Contended):
                await sweep_photos(parts.photos, parts.wishes, when=ahead, patience=timedelta(0))

    sweeper = asyncio.create_task(sweeping())
    answers = await asyncio.gather(*uploads)
    sweeper.cancel()
    await asyncio.gather(sweeper, return_exceptions=True)
    assert {answer.status_code for answer in answers} <= {201, 503}
    await sweep_photos(parts.photos, parts.wishes, when=ahead, patience=timedelta(0))
    left = await stored(world)
    for wish_id in wish_ids:
        wish = (await resident.get(f"/api/wishes/{wish_id}")).json()
        for photo in wish["photos"]:
            assert (await resident.get(photo["url"])).status_code == 200
            assert (await resident.get(photo["thumbnail_url"])).status_code == 200
        assert set(await names_of(world, wish_id)) <= left
    kept = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    shown = set()
    for wish_id in wish_ids:
        shown |= {photo["id"] for photo in (await resident.get(f"/api/wishes/{wish_id}")).json()["photos"]}
    assert shown == kept


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


async def test_the_same_service_keeps_its_photos_in_s3_and_says_when_it_is_away(
    another_world: Any, photo_samples: Any, s3_endpoint: str
) -> None:
    changes = {
        "photo_store": "s3",
        "photo_s3_endpoint": s3_endpoint,
        "photo_s3_bucket": "wish-photos",
        "photo_s3_access_key": SecretStr("someone"),
        "photo_s3_secret_key": SecretStr("secret"),
    }
    async with another_world(**changes) as world:
        resident = await world.person()
        wish_id = await world.submitted(resident)
        away = await send(resident, wish_id, photo_samples.jpeg())  # the bucket is not there yet
        assert (away.status_code, away.json()["code"]) == (503, "unavailable")
        assert away.headers["retry-after"]
        assert await names_of(world, wish_id) == []
        await world.service.parts.photos.files.store._client.create_bucket(Bucket="wish-photos")
        photo_id = await added(resident, wish_id, photo_samples.jpeg())
        seen = await resident.get(f"/photos/{photo_id}/thumbnail")
        assert (seen.status_code, Image.open(BytesIO(seen.content)).size) == (200, (480, 360))
        assert await world.service.mongo.db.get_collection("photos.chunks").count_documents({}) == 0
        assert (await resident.http.delete(f"/api/wishes/{wish_id}/photos/{photo_id}")).status_code == 204
        assert await stored(world) == set()
