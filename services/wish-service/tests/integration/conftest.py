"""A running wish-service on the real servers, people to act in it, and the feed that plays adoption-service."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from microwish.events import Actor, Envelope, Event, Role, Topic
from microwish.events.adoption import DeliveryReported, OrganisationKind, OrganisationRef, WishAdopted
from microwish.events.signin import SignInCodeIssued
from microwish.identity.tokens import generate_signing_keys
from microwish.ids import uuid7
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.testing import eventually
from microwish.testing.feed import Feed
from wish_service.settings import WishSettings
from wish_service.store.seals import Seals
from wish_service.wiring import WishService

ADMIN = "13800000000"
COMMUNITY = "310117001001"
STREET = "310117001"
TREE = """code,name,parent
310117,松江区,
310117001,岳阳街道,310117
310117005,广富林街道,310117
310117001001,龙潭社区居委会,310117001
310117001002,醉白池社区居委会,310117001
310117005001,广富林社区居委会,310117005
"""


@dataclass
class Someone:
    """A signed-in person at a client of their own."""

    http: httpx.AsyncClient
    id: str
    phone: str
    token: str

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.http.post(path, json=body or {}, headers=headers)

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(path, params=params)


@dataclass
class World:
    """One service, its feed, and short ways to do the usual things."""

    service: WishService
    feed: Feed
    seals: Seals
    versions: dict[str, int] = field(default_factory=dict)
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    next_phone: int = 13900000000

    def client(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.service.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://wish.test", headers=headers)
        self.clients.append(client)
        return client

    def phone(self) -> str:
        self.next_phone += 1
        return str(self.next_phone)

    async def code(self, challenge_id: str) -> str:
        """The code as it went to the phone: through Kafka, sealed."""
        envelope = await self.feed.wait_for(Topic.SIGNIN, lambda e: e.subject == challenge_id)
        event = envelope.payload()
        assert isinstance(event, SignInCodeIssued)
        return self.seals.of_challenge(challenge_id, event.code)

    async def person(self, phone: str | None = None) -> Someone:
        phone = phone or self.phone()
        client = self.client()
        asked = await client.post("/api/signin/codes", json={"phone": phone})
        assert asked.status_code == 202, asked.text
        challenge_id = asked.json()["challenge_id"]
        code = await self.code(challenge_id)
        opened = await client.post("/api/signin/sessions", json={"challenge_id": challenge_id, "code": code})
        assert opened.status_code == 201, opened.text
        token = opened.json()["token"]
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {token}"
        return Someone(client, opened.json()["person"]["id"], phone, token)

    async def staff(self, *communities: str, name: str = "周敏") -> Someone:
        admin = await self.person(ADMIN)
        phone = self.phone()
        body = {"phone": phone, "communities": list(communities or [STREET]), "name": name}
        assert (await admin.post("/api/staff", body)).status_code == 201
        return await self.person(phone)

    async def posted(self, resident: Someone, staff: Someone, **changes: Any) -> str:
        wish_id = await self.submitted(resident, **changes)
        answer = await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
        assert answer.status_code == 200, answer.text
        return wish_id

    async def submitted(self, resident: Someone, **changes: Any) -> str:
        answer = await resident.post("/api/wishes", a_wish(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def tell(self, event: Event, *, time: datetime | None = None) -> Envelope:
        """Publish the next event of a claims stream."""
        version = self.versions[event.subject_id] = self.versions.get(event.subject_id, 0) + 1
        return await self.feed.publish(event, version=version, time=time)

    def adopted(self, wish_id: str, name: str = "晨光中学党总支", **changes: Any) -> WishAdopted:
        organisation_id = changes.pop("organisation_id", None) or uuid7()
        kind = changes.pop("kind", OrganisationKind.PARTY_ORGANISATION)
        now = datetime.now(UTC)
        told: dict[str, Any] = {
            "wish_id": wish_id,
            "adoption_id": uuid7(),
            "organisation_id": organisation_id,
            "handler_id": uuid7(),
            "by": Actor(person_id=uuid7(), role=Role.MEMBER),
            "organisation": OrganisationRef(id=organisation_id, name=name, kind=kind),
            "handler_name": self.seals.for_wish(wish_id, "李明"),
            "office_phone": self.seals.for_wish(wish_id, "02155550100"),
            "door_code": self.seals.for_wish(wish_id, "4827"),
            "claimed_at": now,
            "due_at": now + timedelta(days=15),
        }
        return WishAdopted(**{**told, **changes})

    def reported(self, adopted: WishAdopted, note: str = "已送到家") -> DeliveryReported:
        return DeliveryReported(
            **self.same(adopted),
            note=self.seals.for_wish(adopted.wish_id, note),
            delivered_at=datetime.now(UTC),
        )

    @staticmethod
    def same(adopted: WishAdopted) -> dict[str, Any]:
        """What every event of an adoption repeats."""
        return {name: getattr(adopted, name) for name in ("wish_id", "adoption_id", "organisation_id", "by")}

    async def state(self, someone: Someone, wish_id: str, status: str) -> dict[str, Any]:
        """Wait until the wish, as this person sees it, has the state."""

        async def look() -> dict[str, Any] | None:
            wish = (await someone.get(f"/api/wishes/{wish_id}")).json()
            assert wish.get("status") == status, wish
            return wish

        return await eventually(look, seconds=60)

    async def queue(self, staff: Someone) -> dict[str, dict[str, Any]]:
        """All that waits for review in their divisions, by id; every page, since wishes of other tests wait as well."""
        found: dict[str, dict[str, Any]] = {}
        cursor: dict[str, str] = {}
        while True:
            page = (await staff.get("/api/review-queue", limit="100", **cursor)).json()
            found |= {item["id"]: item for item in page["items"]}
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    async def on_wall(self, wish_id: str, status: str) -> dict[str, Any]:
        """Wait until the public view shows the state."""
        anyone = self.client()

        async def look() -> dict[str, Any] | None:
            wish = (await anyone.get(f"/api/wishes/{wish_id}")).json()
            assert wish.get("status") == status, wish
            return wish

        return await eventually(look, seconds=60)


def a_wish(**changes: Any) -> dict[str, Any]:
    wish: dict[str, Any] = {
        "title": "想要一台能收戏曲的收音机",
        "detail": "想每天听听越剧，按键大一点就更好了。",
        "category": "goods",
        "community": COMMUNITY,
        "contact": {"name": "王秀英", "phone": "139 1234 5678", "address": "龙潭社区三弄 5 号 301 室"},
    }
    return {**wish, **changes}


@pytest.fixture(scope="session")
def tree_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tree") / "communities.csv"
    path.write_text(TREE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def settings_for(
    mongo_uri: str, kafka_bootstrap: str, kafka_idempotence: bool, kafka_fetch_wait_ms: int, tree_file: Path
) -> Callable[..., WishSettings]:
    def settings(name: str, **changes: Any) -> WishSettings:
        given: dict[str, Any] = {
            "mongo_uri": mongo_uri,
            "mongo_database": f"wish-{name}",
            "kafka_bootstrap": kafka_bootstrap,
            "kafka_idempotence": kafka_idempotence,
            "kafka_fetch_wait_ms": kafka_fetch_wait_ms,
            "kafka_topic_prefix": f"{name}.",
            "sealing_keys": generate_sealing_keys(),
            "blind_key": generate_blind_key(),
            "signing_keys": generate_signing_keys(),
            "cookie_secure": False,
            "as_of_allowed": True,
            "admin_phones": ADMIN,
            "communities_csv": tree_file,
            "signin_per_phone_per_hour": 1000,
            "signin_per_address_per_hour": 1000,
            "relay_poll_seconds": 0.2,
            "incarnation_poll_seconds": 0.5,
            "timer_poll_seconds": 0.2,
            "erasures_poll_seconds": 0.2,
        }
        return WishSettings(**{**given, **changes})

    return settings


@contextlib.asynccontextmanager
async def running(settings: WishSettings, *, consume: bool = True, **given: Any) -> AsyncIterator[World]:
    """consume: without it the service is one that serves alone, as in the role `api`; that starts and stops fast."""
    service = WishService(settings, **given)
    await service.start(consume=consume)
    try:
        async with Feed(settings.kafka_bootstrap, settings.kafka_topic_prefix) as feed:
            world = World(service, feed, service.parts.seals)
            yield world
            for client in world.clients:
                await client.aclose()
    finally:
        await service.stop()


@pytest.fixture(scope="session")
async def world(settings_for: Callable[..., WishSettings]) -> AsyncIterator[World]:
    """One service for the whole suite; each test has people and wishes of its own in it."""
    async with running(settings_for(uuid7()[-12:])) as world:
        yield world


@pytest.fixture
def another_world(settings_for: Callable[..., WishSettings]) -> Callable[..., Any]:
    """A service of its own, with other settings; `consume=False` where neither views nor timers are looked at."""

    def made(*, consume: bool = True, **changes: Any) -> Any:
        return running(settings_for(uuid7()[-12:], **changes), consume=consume)

    return made


@pytest.fixture(scope="session")
def world_of() -> Callable[..., Any]:
    """A service with these very settings, and what else it is built of, such as a clock."""
    return running


@pytest.fixture
def wish_body() -> Callable[..., dict[str, Any]]:
    return a_wish
