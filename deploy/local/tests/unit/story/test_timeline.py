"""How the story is printed."""

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from microwish.events import Envelope
from microwish.events.wish import WishPosted
from microwish_local.client import Call, Message
from microwish_local.story.director import Arrived, Heard, Performance
from microwish_local.story.play import Play, Scene, Told
from microwish_local.story.timeline import Timeline
from microwish_local.story.watch import Sighting

NOW = datetime(2026, 6, 12, 8, tzinfo=UTC)
EVENT = Envelope("e1", "microwish.WishPosted.v1", "/microwish/wish-service/wish", "w1", NOW, 2, {})
MESSAGE = Message("m1", "sms", "15012345678", "您的心愿[审核]通过", "wish_posted.v1", EVENT.type, "w1", NOW)


def printed(performance: Performance) -> list[str]:
    out = StringIO()
    Timeline(Console(file=out, width=60, highlight=False), began=100.0).show(performance)
    return [line.strip() for line in out.getvalue().splitlines() if line.strip()]


def test_calls_events_and_messages_stand_in_order_of_time() -> None:
    looks = [Heard(Call("GET", "/api/sandbox/messages", 200, 0.01), 100.0 + look / 10) for look in range(3)]
    review = Heard(Call("POST", "/api/wishes/w1/review", 200, 0.02), 101.0)
    seen = Sighting("microwish.wish.v1", 4, 17, 101.055, EVENT)
    told = Arrived(Told("resident", "15012345678", WishPosted), MESSAGE, 101.2)
    scene = Scene("审核通过", Play.staff_approve)

    lines = printed(Performance(scene, 100.0, 102.0, [*looks, review], [seen], [told]))

    assert lines == [
        "1  审核通过",
        "+  0.200 s  GET    /api/sandbox/messages  200  10 ms",
        "+  1.000 s  POST   /api/wishes/w1/review  200  20 ms",
        "+  1.055 s  event  WishPosted v2  microwish.wish.v1 [4] @ 17  55 ms after the request",
        "+  1.200 s  短信   → resident 150****5678  您的心愿[审核]通过",
    ]
