"""Prints the story as a timeline: every call, event and message with when it was, from the start of the story."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from rich.console import Console
from rich.text import Text

from microwish_local.story.director import Arrived, Heard, Performance
from microwish_local.story.watch import Sighting

_CHANNELS = {"sms": "短信", "wechat": "微信"}


class Timeline:
    """Lines of one story. `began`: its start on the monotonic clock, seconds."""

    def __init__(self, console: Console, began: float) -> None:
        self._console = console
        self._began = began
        self._scenes = 0

    def show(self, performance: Performance) -> None:
        """One scene, in order of time."""
        self._scenes += 1
        self._console.print()
        self._say(Text(f"{self._scenes:>2}  {performance.scene.title}", style="bold"))
        for at, line in sorted(_lines(performance), key=lambda timed: timed[0]):
            self._say(Text(f"    +{max(0.0, at - self._began):7.3f} s  ", style="dim") + line)

    def happy_end(self, seconds: float, events: int, messages: int) -> None:
        """Everything was seen."""
        self._console.print()
        words = f"✓ {events} events and {messages} messages were seen at their destination in {seconds:.1f} s"
        self._say(Text(words, style="bold green"))

    def broken(self, why: str) -> None:
        """What was not seen, or went wrong."""
        self._console.print()
        self._say(Text(f"✗ {why}", style="bold red"))

    def _say(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)


def _lines(performance: Performance) -> Iterator[tuple[float, Text]]:
    for heard, following in zip_longest(performance.calls, performance.calls[1:]):
        if following is None or following.call.path != heard.call.path:  # of several looks in a row the last one
            yield heard.sent_at, _call(heard)
    for sighting in performance.events:
        yield sighting.seen_at, _event(sighting, sighting.seen_at - performance.cause_of(sighting.seen_at))
    for arrived in performance.messages:
        yield arrived.at, _message(arrived)


def _call(heard: Heard) -> Text:
    call = heard.call
    line = Text(f"{call.method:<7}", style="cyan")
    line.append(f"{call.path}  ", style="default")
    line.append(str(call.status), style="green" if call.status < 400 else "yellow")
    return line.append(f"  {call.seconds * 1000:.0f} ms", style="dim")


def _event(sighting: Sighting, latency: float) -> Text:
    event = sighting.event
    name = event.type.removeprefix("microwish.").removesuffix(".v1")
    line = Text("event  ", style="magenta")
    line.append(f"{name} v{event.version}", style="bold")
    line.append(f"  {sighting.topic} [{sighting.partition}] @ {sighting.offset}")
    return line.append(f"  {latency * 1000:.0f} ms after the request", style="dim")


def _message(arrived: Arrived) -> Text:
    message, phone = arrived.message, arrived.told.phone
    line = Text(f"{_CHANNELS.get(message.channel, message.channel)}   ", style="yellow")
    line.append(f"→ {arrived.told.who} {phone[:3]}****{phone[-4:]}  ", style="dim")
    return line.append(message.text)
