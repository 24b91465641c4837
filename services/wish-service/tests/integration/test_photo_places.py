"""Nine photos at most, a retry is one photo, and what nobody names is swept, whatever races or dies."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from microwish.ids import uuid7
from microwish.store.aggregate import Change
from microwish.store.refusals import Contended
from microwish.when import When
from wish_service.domain import picturing
from wish_service.store.documents import to_document
from wish_service.use_cases.sweep_photos import Swept, sweep_photos

from .photo_kit import added, names_of, send, stored

pytestmark = pytest.mark.integration


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
