"""The embedded servers keep what they promise: same address, mongod keeps its data, the broker forgets."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

from microwish_local.processes import StartFailed
from microwish_local.servers.mongod import Mongod
from microwish_local.testing import OwnBroker, OwnMongod

pytestmark = pytest.mark.integration


async def test_mongod_keeps_acknowledged_writes_over_a_kill(own_mongod: OwnMongod) -> None:
    server = await own_mongod()
    await _insert(server.uri, {"_id": 1})

    server.kill()
    await server.exited()
    await server.start()

    assert await _count(server.uri) == 1


async def test_mongod_serves_the_same_data_on_another_port(own_mongod: OwnMongod) -> None:
    first = await own_mongod()
    await _insert(first.uri, {"_id": 1})
    await first.stop()

    second = Mongod(first.directory)
    await second.start()
    try:
        assert second.port != first.port
        assert await _count(second.uri) == 1
        await _insert(second.uri, {"_id": 2})
    finally:
        await second.stop()


async def test_mongod_that_cannot_start_says_the_remedy(tmp_path: Path, own_mongod: OwnMongod) -> None:
    other = await own_mongod()
    second = Mongod(tmp_path / "second", port=other.port)
    with pytest.raises(StartFailed, match="MICROWISH_MONGO_URI"):
        await second.start()
    assert second.pid is None


async def test_a_record_sent_is_a_record_read(kafka_bootstrap: str, kafka_idempotence: bool, unique: str) -> None:
    await _send(kafka_bootstrap, unique, b"wish", idempotent=kafka_idempotence)
    assert await _first(kafka_bootstrap, unique) == b"wish"


async def test_a_broker_restarted_empty_has_the_same_address_and_another_cluster_id(
    own_broker: OwnBroker, kafka_idempotence: bool, unique: str
) -> None:
    broker = await own_broker()
    address = broker.bootstrap
    await _send(address, unique, b"before", idempotent=kafka_idempotence)
    before = await _cluster(address)

    await broker.restart_empty()

    assert broker.bootstrap == address
    assert await _cluster(address) != before
    await _send(address, unique, b"after", idempotent=kafka_idempotence)
    assert await _first(address, unique) == b"after"


async def _insert(uri: str, document: dict[str, Any]) -> None:
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        await client.test.get_collection("things").insert_one(document)


async def _count(uri: str) -> int:
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        return await client.test.things.count_documents({})


async def _send(bootstrap: str, topic: str, value: bytes, *, idempotent: bool) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=idempotent, acks="all")
    await producer.start()
    await producer.send_and_wait(topic, value)
    await producer.stop()


async def _first(bootstrap: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), 60)
        assert record.value is not None
        return bytes(record.value)
    finally:
        await consumer.stop()


async def _cluster(bootstrap: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    description = await admin.describe_cluster()
    await admin.close()
    return str(description["cluster_id"])
