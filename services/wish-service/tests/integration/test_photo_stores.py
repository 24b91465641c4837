"""One suite for every adapter of the port: GridFS on a real mongod, S3 over HTTP on moto's server.

moto stands in for a real S3: it speaks the protocol on a socket, but proves nothing about another store's durability.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from PIL import Image
from pydantic import SecretStr

from microwish.ids import uuid7
from microwish.store.mongo import Mongo
from wish_service.store.photos.gridfs import GridFsPhotos
from wish_service.store.photos.port import PhotoStore, PhotoStoreAway
from wish_service.store.photos.s3 import S3Account, S3Photos

from .photo_kit import added, names_of, send, stored

pytestmark = pytest.mark.integration

LARGE = os.urandom(1_300_000)
"""Several chunks of GridFS."""


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def account(endpoint: str, bucket: str) -> S3Account:
    return S3Account(bucket, endpoint, access_key=SecretStr("someone"), secret_key=SecretStr("secret"))


@pytest.fixture(params=["gridfs", "s3"])
async def store(request: pytest.FixtureRequest, mongo_uri: str, s3_endpoint: str) -> AsyncIterator[PhotoStore]:
    if request.param == "gridfs":
        mongo = Mongo(mongo_uri, f"photos-{uuid7()[-12:]}")
        yield GridFsPhotos(mongo.db)
        mongo.close()
        return
    photos = S3Photos(account(s3_endpoint, f"photos-{uuid7()[-12:]}"))
    await photos.open()
    await photos._client.create_bucket(Bucket=photos._account.bucket)
    yield photos
    await photos.close()


async def keys_of(store: PhotoStore) -> set[str]:
    return {key async for key in store.listed()}


async def test_what_was_put_is_got_byte_by_byte(store: PhotoStore) -> None:
    await store.put("a/full.jpg", LARGE)
    await store.put("a/thumbnail.jpg", b"small")
    assert await store.get("a/full.jpg") == LARGE
    assert await store.get("a/thumbnail.jpg") == b"small"
    assert await keys_of(store) == {"a/full.jpg", "a/thumbnail.jpg"}


async def test_what_was_never_put_is_none(store: PhotoStore) -> None:
    assert await store.get("nobody/full.jpg") is None
    assert await keys_of(store) == set()


async def test_what_was_deleted_is_gone_and_deleting_again_is_nothing(store: PhotoStore) -> None:
    await store.put("a/full.jpg", LARGE)
    await store.put("b/full.jpg", b"stays")
    for _ in range(2):
        await store.delete("a/full.jpg")
    assert await store.get("a/full.jpg") is None
    assert await keys_of(store) == {"b/full.jpg"}


async def test_many_at_once_do_not_mix(store: PhotoStore) -> None:
    contents = {f"{n}/full.jpg": bytes([n]) * (100_000 + n) for n in range(20)}
    await asyncio.gather(*(store.put(key, content) for key, content in contents.items()))
    read = await asyncio.gather(*(store.get(key) for key in contents))
    assert dict(zip(contents, read, strict=True)) == contents
    assert await keys_of(store) == set(contents)


async def test_gridfs_finds_and_deletes_what_was_cut_off_while_it_was_written(mongo_uri: str) -> None:
    mongo = Mongo(mongo_uri, f"photos-{uuid7()[-12:]}")
    store = GridFsPhotos(mongo.db)
    await store.put("a/full.jpg", LARGE)
    await mongo.db.get_collection("photos.files").delete_many({})  # what a crash before the last write leaves
    assert await store.get("a/full.jpg") is None
    assert await keys_of(store) == {"a/full.jpg"}
    await store.delete("a/full.jpg")
    assert await keys_of(store) == set()
    assert await mongo.db.get_collection("photos.chunks").count_documents({}) == 0
    mongo.close()


async def test_gridfs_lists_from_the_index_of_its_chunks(mongo_uri: str) -> None:
    mongo = Mongo(mongo_uri, f"photos-{uuid7()[-12:]}")
    await GridFsPhotos(mongo.db).put("a/full.jpg", LARGE)
    stages = [{"$sort": {"files_id": 1}}, {"$group": {"_id": "$files_id"}}]
    plan = await mongo.db.command(
        "explain", {"aggregate": "photos.chunks", "pipeline": stages, "cursor": {}}, verbosity="executionStats"
    )
    assert "COLLSCAN" not in str(plan)
    assert "'FETCH'" not in str(plan)
    mongo.close()


async def test_an_s3_that_is_away_or_refuses_says_so_without_its_secrets(s3_endpoint: str) -> None:
    away, strange = S3Photos(account("http://127.0.0.1:9", "b")), S3Photos(account(s3_endpoint, "no-such-bucket"))
    for photos in (away, strange):
        await photos.open()
        with pytest.raises(PhotoStoreAway) as told:
            await photos.put("a/full.jpg", b"x")
        assert "secret" not in str(told.value)
        await photos.close()


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
    async with another_world(consume=False, **changes) as world:
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
