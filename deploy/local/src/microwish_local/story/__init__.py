"""`microwish story`: one wish acted out on a running stack, and every step seen at its destination.

play        the scenes: what is done, what has to come of it
cast        people and an organisation, invented afresh
director    has a scene played and waits for all that must come of it
watch       sees every event on Kafka
timeline    prints
"""

from __future__ import annotations

import logging
import os
import time
from random import SystemRandom

from aiokafka.errors import KafkaError
from rich.console import Console

from microwish_local.client import Client
from microwish_local.story.cast import Cast
from microwish_local.story.director import SCENE_SECONDS, Director, StoryBroken
from microwish_local.story.play import SCENES, Play
from microwish_local.story.timeline import Timeline
from microwish_local.story.watch import EventWatch

__all__ = ["act"]


async def act(base_url: str, *, kafka_bootstrap: str, seconds: float = SCENE_SECONDS) -> int:
    """Act out the story through the gateway; the exit code: 0 only if every step was seen at its destination.

    seconds: how long after its commands all of a scene may take to be seen.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is told in one line of our own
    timeline = Timeline(Console(highlight=False), time.monotonic())
    try:
        watch = EventWatch(kafka_bootstrap, os.environ.get("MICROWISH_KAFKA_TOPIC_PREFIX", ""))
        async with watch, Client(base_url, patience=seconds) as client:
            await _tell(Director(Play(client, Cast.invented(SystemRandom())), watch, seconds=seconds), timeline)
    except StoryBroken as broken:
        timeline.broken(str(broken))
        return 1
    except (KafkaError, OSError, TimeoutError) as away:
        timeline.broken(f"Kafka at {kafka_bootstrap} does not answer ({type(away).__name__}): is the stack running?")
        return 1
    return 0


async def _tell(director: Director, timeline: Timeline) -> None:
    began = time.monotonic()
    events = messages = 0
    for scene in SCENES:
        performance = await director.perform(scene)
        timeline.show(performance)
        events += len(performance.events)
        messages += len(performance.messages)
    director.check_streams()
    timeline.happy_end(time.monotonic() - began, events, messages)
