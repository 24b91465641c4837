"""A notify-service in this process on the real servers, and the events of the services around it."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from microwish import logs
from microwish.events import Actor, Category, Community, Event, Role, Source, adoption, contact, signin, wish
from microwish.events.base import Envelope
from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.ids import uuid7
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.testing.feed import Feed
from microwish.testing.waiting import eventually
from microwish.when import system_clock
from notify_service.settings import NotifySettings
from notify_service.wiring import NotifyService

logs.configure("notify-tests", "ERROR", json=False)
SEALING_KEYS = generate_sealing_keys()
BLIND_KEY = generate_blind_key()
SIGNER = TokenSigner.from_jwks(generate_signing_keys())
COMMUNITY = "310117001001"
STAFF = Actor(person_id="staff-actor", role=Role.STAFF)
MEMBER = Actor(person_id="member-actor", role=Role.MEMBER)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A service whose steps the test takes itself hears events straight from the test: no broker has a part in it."""
    here = str(Path(__file__).parent)
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if str(item.path).startswith(here) and asked & {"desk", "make_desk"} and "town" not in asked:
            item.add_marker("brokerless")


class AdjustableClock:
    """The real clock, moved by `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


@dataclass
class Town:
    """A notify-service and the services around it: over Kafka by a feed, or, without one, straight to its handlers."""

    service: NotifyService
    feed: Feed | None
    http: httpx.AsyncClient
    clock: AdjustableClock
    settings: NotifySettings
    published: list[tuple[Event, Envelope]] = field(default_factory=list)
    _versions: dict[tuple[str, str], int] = field(default_factory=dict)

    async def say(self, event: Event, *, time: datetime | None = None, version: int | None = None) -> Envelope:
        """Publish the next event of its stream."""
        stream = (event.source.value, event.subject_id)
        number = version or self._versions.get(stream, 0) + 1
        self._versions[stream] = max(number, self._versions.get(stream, 0))
        moment = time or self.clock()
        if self.feed is not None:
            envelope = await self.feed.publish(event, version=number, time=moment)
        else:
            envelope = Envelope.of(event, id=uuid7(), version=number, time=moment)
            await self.hear(envelope)
        self.published.append((event, envelope))
        return envelope

    async def hear(self, envelope: Envelope) -> None:
        """Give an event to every handler of its source."""
        for subscription in self.service.subscriptions():
            handler = subscription.handlers.get(Source(envelope.source))
            if handler is not None:
                await handler(envelope)

    async def work(self) -> None:
        """Without lanes: do by hand what they would, until nothing is left to do."""
        fanouts, messages = (self.service.mongo.db.get_collection(name) for name in ("fanouts", "messages"))
        while await fanouts.count_documents({"state": "open"}) + await messages.count_documents({"state": "queued"}):
            async for row in fanouts.find({"state": "open"}, {"_id": 1}):
                await self.service.fan_out(row["_id"])
            # In the order in which a lane has them; an index would say otherwise.
            async for row in messages.find({"state": "queued"}, {"_id": 1}).sort("since", 1):
                await self.service.send(row["_id"])

    async def rows(self, collection: str, **query: Any) -> list[dict[str, Any]]:
        """Documents of this service's database."""
        return [row async for row in self.service.mongo.db.get_collection(collection).find(query)]

    async def republish(self) -> None:
        """Everything again, as after a broker that came back empty."""
        assert self.feed is not None
        for event, envelope in self.published:
            await self.feed.publish_again(event.topic, envelope)

    def seal(self, text: str, about: str) -> str:
        return self.settings.sealer().seal(text, about=about)

    async def knows_person(self, person_id: str, phone: str, *, openid: str | None = None) -> None:
        """wish-service saved how to reach a person."""
        about = f"contact:{person_id}"
        await self.say(
            contact.ContactSaved(
                contact_id=person_id,
                kind=contact.ContactKind.PERSON,
                person_id=person_id,
                phone=self.seal(phone, about),
                phone_index=self.settings.blind_index().of(phone),
                openid=self.seal(openid, about) if openid else None,
            )
        )

    async def phone(self, number: str) -> list[dict[str, Any]]:
        """What that sandbox phone shows, newest first."""
        answer = await self.http.get("/api/sandbox/messages", params={"phone": number, "limit": 200})
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def message(self, number: str, template: str) -> dict[str, Any]:
        """The message of this template on this phone, as soon as it is there."""

        async def look() -> dict[str, Any] | None:
            return next((item for item in await self.phone(number) if item["template"] == template), None)

        return await eventually(look, seconds=60)

    async def quiet(self) -> None:
        """Wait until everything published so far has been taken, told and sent."""
        marker = await self.say(
            wish.WishRejected(wish_id=uuid7(), community=COMMUNITY, by=STAFF, reason=self.seal("x", "wish:x"))
        )

        async def settled() -> bool:
            return (
                bool(await self.rows("fanouts", _id=marker.id, state="done"))
                and not await self.rows("fanouts", state="open")
                and not await self.rows("messages", state={"$in": ["queued", "sending"]})
            )

        await eventually(settled, seconds=60)

    def token(self, person_id: str, *roles: Role, communities: tuple[str, ...] = ()) -> dict[str, str]:
        """An Authorization header."""
        token = SIGNER.sign(person_id, [str(role) for role in roles], communities, "138****0000", 3600, self.clock())
        return {"Authorization": f"Bearer {token}"}


@dataclass
class Towns:
    """Builds towns and takes them down."""

    common: dict[str, Any]
    undo: list[Callable[[], Awaitable[Any]]] = field(default_factory=list)

    async def build(self, name: str, *, fed: bool, adapters: Any = None, **own: Any) -> Town:
        clock = AdjustableClock()
        usual = {"sandbox": True, "cookie_secure": False, "sweep_seconds": 0.5, "waiting_sweep_seconds": 0.5}
        usual |= {"quiet_hours": "", "merge_seconds": 0}  # tests pass at any hour; who holds news back says so
        settings = NotifySettings(
            **{**self.common, "mongo_database": f"notify_{name}", "kafka_topic_prefix": f"{name}.", **usual, **own}
        )
        service = NotifyService(settings, clock=clock, keys=SIGNER.key_set(), adapters=adapters)
        if fed:
            await service.start()
            self.undo.append(service.stop)
        else:
            await service.prepare_store()
        self.undo.append(lambda: service.mongo.client.drop_database(settings.mongo_database))
        feed = await self._feed(settings) if fed else None
        transport = httpx.ASGITransport(app=service.app)
        http = httpx.AsyncClient(transport=transport, base_url="http://test")
        self.undo.append(http.aclose)
        return Town(service, feed, http, clock, settings)

    async def _feed(self, settings: NotifySettings) -> Feed:
        feed = Feed(settings.kafka_bootstrap, settings.kafka_topic_prefix, fetch_wait_ms=settings.kafka_fetch_wait_ms)
        await feed.__aenter__()
        self.undo.append(lambda: feed.__aexit__(None, None, None))
        return feed

    async def take_down(self) -> None:
        for step in reversed(self.undo):
            await step()


@pytest.fixture(scope="session")
def common(mongo_uri: str, kafka_bootstrap: str, kafka_idempotence: bool, kafka_fetch_wait_ms: int) -> dict[str, Any]:
    """Where the real servers are."""
    return {
        "mongo_uri": mongo_uri,
        "kafka_bootstrap": kafka_bootstrap,
        "kafka_idempotence": kafka_idempotence,
        "kafka_fetch_wait_ms": kafka_fetch_wait_ms,
        "sealing_keys": SEALING_KEYS,
        "blind_key": BLIND_KEY,
    }


@pytest.fixture(scope="session")
async def town(common: dict[str, Any]) -> AsyncIterator[Town]:
    """One running service over Kafka for all tests that don't need their own; its sweeps are off, so that only the
    direct way can bring a message."""
    towns = Towns(common)
    yield await towns.build(f"t{uuid7()[-8:]}", fed=True, sweep_seconds=3600, waiting_sweep_seconds=3600)
    await towns.take_down()


MakeDesk = Callable[..., Awaitable[Town]]


@pytest.fixture
async def make_desk(common: dict[str, Any], unique: str) -> AsyncIterator[MakeDesk]:
    """Makes a service whose steps the test takes itself, on the real database."""
    towns = Towns(common)

    async def make(**own: Any) -> Town:
        return await towns.build(unique, fed=False, **own)

    yield make
    await towns.take_down()


@pytest.fixture
async def desk(make_desk: MakeDesk) -> Town:
    """One with the usual settings."""
    return await make_desk()


_phones = itertools.count(13_900_000_000)


def fresh_phone() -> str:
    """A mobile that no other test uses."""
    return str(next(_phones))


@dataclass(frozen=True)
class Story:
    """One wish with its people, all of them reachable."""

    town: Town
    wish_id: str = field(default_factory=uuid7)
    resident: str = field(default_factory=uuid7)
    handler: str = field(default_factory=uuid7)
    organisation: str = field(default_factory=uuid7)
    adoption: str = field(default_factory=uuid7)
    resident_phone: str = field(default_factory=fresh_phone)
    handler_phone: str = field(default_factory=fresh_phone)
    community: str = COMMUNITY

    @property
    def of_wish(self) -> dict[str, Any]:
        by = Actor(person_id=self.resident, role=Role.RESIDENT)
        return {"wish_id": self.wish_id, "resident_id": self.resident, "community": self.community, "by": by}

    @property
    def of_adoption(self) -> dict[str, Any]:
        return {
            "wish_id": self.wish_id,
            "adoption_id": self.adoption,
            "organisation_id": self.organisation,
            "handler_id": self.handler,
            "by": MEMBER,
        }

    async def people(self) -> None:
        await self.town.knows_person(self.resident, self.resident_phone)
        await self.town.knows_person(self.handler, self.handler_phone)

    async def posted(self, *, time: datetime | None = None, title: str = "想要一台能收戏曲的收音机") -> None:
        await self.town.say(wish.WishSubmitted(**self.of_wish, category=Category.GOODS), time=time)
        place = Community(code=self.community, name="龙潭社区")
        posted = wish.WishPosted(
            **self.of_wish, place=place, category=Category.GOODS, title=title, detail="耳朵不好，声音要大", slots=1
        )
        await self.town.say(posted, time=time)

    async def adopted(self, *, time: datetime | None = None) -> None:
        about = f"wish:{self.wish_id}"
        now = self.town.clock()
        kind = adoption.OrganisationKind.PARTY_ORGANISATION
        name = "和风邮政所党支部"
        await self.town.say(
            adoption.WishAdopted(
                **self.of_adoption,
                organisation=adoption.OrganisationRef(id=self.organisation, name=name, kind=kind),
                handler_name=self.town.seal("李明", about),
                office_phone=self.town.seal("02155550100", about),
                door_code=self.town.seal("4827", about),
                claimed_at=now,
                due_at=datetime(2026, 12, 24, 4, 0, tzinfo=UTC),
            ),
            time=time,
        )


@pytest.fixture
def story_of() -> Callable[..., Story]:
    """Makes a story in a town."""
    return Story


@pytest.fixture(name="fresh_phone")
def _fresh_phone() -> Callable[[], str]:
    return fresh_phone


@pytest.fixture
def issue_code() -> Callable[..., Awaitable[Envelope]]:
    """Publishes a sign-in code as wish-service would."""

    async def issue(town: Town, phone: str, code: str, *, lives: timedelta = timedelta(minutes=5)) -> Envelope:
        challenge = uuid7()
        about = f"challenge:{challenge}"
        event = signin.SignInCodeIssued(
            challenge_id=challenge,
            phone=town.seal(phone, about),
            code=town.seal(code, about),
            expires_at=town.clock() + lives,
        )
        return await town.say(event)

    return issue
