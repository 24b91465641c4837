"""What the payload classes say about themselves: who publishes them, and who listens where."""

import inspect

from microwish.events import EVENTS
from microwish.events.base import Event, Source
from microwish.events.topics import Topic

SERVICES = ("wish-service", "adoption-service", "notify-service")

CONSUMED: dict[str, tuple[Topic, ...]] = {
    "wish-service": (Topic.WISH, Topic.ADOPTION),
    "adoption-service": (Topic.WISH, Topic.ADOPTION, Topic.CONTACT),
    "notify-service": (Topic.WISH, Topic.ADOPTION, Topic.CONTACT, Topic.SIGNIN),
}
"""Which topics each service reads, its own among them where its views are built from them (design, section 2)."""

EVENT_NAMES: dict[str, type[Event]] = {event.__name__: event for event in EVENTS.values()}
"""Every contract by its short name, such as `WishPosted`."""


def events_of(topic: Topic) -> list[type[Event]]:
    """The contracts that travel on a topic, in the order in which they are declared."""
    return [event for event in EVENTS.values() if event.topic is topic]


def sources(event: type[Event]) -> list[Source]:
    """The kinds of aggregate that publish this contract; a contact has two owners."""
    same_contract = [child for child in event.__subclasses__() if child.type_name() == event.type_name()]
    return [event.source, *(child.source for child in same_contract)]


def service_of(source: Source) -> str:
    """The service that a source belongs to: `/microwish/<service>/<aggregate>`."""
    return source.value.split("/")[2]


def publishers(event: type[Event]) -> list[str]:
    """The services that publish this contract."""
    return list(dict.fromkeys(service_of(source) for source in sources(event)))


def readers(topic: Topic) -> list[str]:
    """The services that read a topic."""
    return [service for service in SERVICES if topic in CONSUMED[service]]


def meaning(event: type[Event]) -> str:
    """What the event says, in its own words."""
    return inspect.cleandoc(event.__doc__ or "")


def schema_file(event: type[Event]) -> str:
    """The name of the contract's schema file, such as `WishPosted.v1.json`."""
    return f"{event.__name__}.v1.json"
