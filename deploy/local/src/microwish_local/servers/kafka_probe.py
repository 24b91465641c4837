"""Which Kafka cluster answers on a port?"""

from __future__ import annotations

import logging

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from microwish_local.servers.readiness import accepts


async def cluster_at(port: int) -> str | None:
    """The id of the cluster whose broker answers on this port of 127.0.0.1; None while nothing does."""
    if not await accepts(port):
        return None
    client = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=5000)
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)  # a broker that is still starting is expected here, not news
    try:
        await client.start()
        return str((await client.describe_cluster())["cluster_id"])
    except (KafkaError, OSError):
        return None
    finally:
        await client.close()
        log.setLevel(level)
