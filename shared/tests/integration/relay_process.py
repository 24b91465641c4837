"""A relay in a process of its own, which a test may freeze or kill: `python relay_process.py '<settings as JSON>'`."""

import asyncio
import json
import sys

from microwish.messaging.backbone import Backbone
from microwish.settings import ServiceSettings
from microwish.store.mongo import Mongo


async def main() -> None:
    settings = ServiceSettings(**json.loads(sys.argv[1]))
    mongo = Mongo(settings.mongo_uri, settings.mongo_database)
    backbone = Backbone(settings, mongo, service="owner")
    backbone.serve_outbox(mongo.db.get_collection("wishes"))
    await backbone.start(consume=False)
    await backbone.broker.known()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
