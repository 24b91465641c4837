"""What contract tests need: the app for callers on other threads, things that exist, answers held to their schema."""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from microwish.ids import uuid7
from wish_service.use_cases.take_claims_event import take_claims_event

COMMUNITY, STREET = "310117001001", "310117001"
DROP = object()
WORDS = {
    "title": "想要一台能收戏曲的收音机",
    "detail": "按键大一点就更好了。",
    "public_title": "想要一台收音机",
    "public_detail": "按键大一点。",
    "reason": "情况有变化。",
    "note": "电话里说收到了。",
    "thanks": "谢谢。",
    "name": "王秀英",
    "address": "龙潭社区三弄 5 号",
    "phone": "13912345678",
    "text": "暖心过年。",
    "estimated_value_fen": 5000,
    # Each has rules of its own about who may say what; without them it is a wish of one's own.
    **dict.fromkeys(("consents", "guardian", "beneficiary", "on_behalf", "public_name", "reason_code"), DROP),
}
"""Values that the rules behind the schema take."""


class OnTheLoop:
    """The app on the loop that its clients belong to, for callers on another; event streams end after one event."""

    def __init__(self, app: ASGIApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop = app, loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        here = asyncio.get_running_loop()
        exchange = _Exchange(_from(here, receive), _from(here, send))
        task = asyncio.run_coroutine_threadsafe(exchange.run(self._app, scope), self._loop)
        await asyncio.wrap_future(task)


class _Exchange:
    """One request on the app's loop."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._asked = self._open = self._streams = False
        self._enough = asyncio.Event()

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        await app({**scope, "client": tuple(scope["client"])}, self._next, self._tell)
        if self._open:
            await self._send({"type": "http.response.body", "body": b""})

    async def _next(self) -> Message:
        if not self._asked:
            self._asked = True
            return await self._receive()
        await self._enough.wait()
        return {"type": "http.disconnect"}

    async def _tell(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._open = True
            types = [value for name, value in message["headers"] if name.lower() == b"content-type"]
            self._streams = any(value.startswith(b"text/event-stream") for value in types)
        elif not message.get("more_body") or self._streams:
            self._enough.set()
            self._open = bool(message.get("more_body"))
        await self._send(message)


def _from(loop: asyncio.AbstractEventLoop, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def there(*arguments: Any) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_awaited(call, *arguments), loop))

    return there


async def _awaited(call: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    return await call(*arguments)


@dataclass
class Known:
    """Ids of things that exist, by the names under which requests speak of them. ids: for paths, tried in turn."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=lambda: dict(WORDS))

    def path(self, parameters: dict[str, Any], turn: int) -> dict[str, Any]:
        return {
            name: self.ids[name][turn % len(self.ids[name])] if name in self.ids else value
            for name, value in parameters.items()
        }

    def fitted(self, content: Any) -> Any:
        """The content with what is known in it, and without what is better left out."""
        if isinstance(content, list):
            return [self.fitted(one) for one in content]
        if not isinstance(content, dict):
            return content
        kept = {name: value for name, value in content.items() if self.values.get(name) is not DROP}
        return {
            name: self.values[name] if name in self.values and value is not None else self.fitted(value)
            for name, value in kept.items()
        }


async def things_for(operation: str, world: Any, resident: Any, staff: Any, photos: Any) -> Known:
    """What the operation may be about, made anew, so that what it does to one thing is nobody else's matter."""
    known = Known()
    waiting, posted = await world.submitted(resident), await world.posted(resident, staff, slots=3)
    adopted = [world.adopted(posted), world.adopted(posted, "和风供电所")]
    for event in (*adopted, world.reported(adopted[0])):
        await _told(world, event)
    known.ids["wish_id"] = [waiting, posted]
    known.values |= {
        "community": COMMUNITY,
        "communities": [STREET],
        "under": STREET,
        "scope": STREET,
        "adoption_id": adopted[0].adoption_id,
        "organisation_id": uuid7(),
        "wish_ids": [waiting, uuid7()],
        "into": await world.posted(resident, staff),
        "wish_id": waiting,
        "campaign": DROP,
        "cursor": DROP,
    }
    if "campaign" in operation:
        known.values |= {"from": "2026-01-01", "to": "2026-12-31"}
        known.ids["campaign_id"] = [await _campaign(staff)]
    if "communities" in operation:
        known.ids["code"] = [COMMUNITY]
    return await _more(operation, known, world, resident, staff, photos)


async def _more(operation: str, known: Known, world: Any, resident: Any, staff: Any, photos: Any) -> Known:
    if "/move" in operation:
        known.ids["code"], known.values["to"] = ["310117005001"], "310117005009"
    if "photo" in operation:
        known.values["photo"] = photos.jpeg(60, 40)
        files = {"photo": ("a.jpg", known.values["photo"], "image/jpeg")}
        added = await resident.http.post(f"/api/wishes/{known.ids['wish_id'][0]}/photos", files=files)
        known.ids["photo_id"] = [added.json()["id"]]
        known.ids["wish_id"] = known.ids["wish_id"][:1]
    if "import" in operation:
        row = f"想要一盏台灯{uuid7()[-6:]},物品,{COMMUNITY},王秀英,13912345678,三弄 5 号"
        known.values["file"] = f"标题,类别,社区,联系人,电话,地址\n{row}\n".encode()
        other = known.values["file"].replace("台灯".encode(), "吊灯".encode())
        sent = await staff.http.post("/api/wishes/import", files={"file": ("a.csv", other)})
        known.ids["import_id"] = [sent.json()["id"]]
    if operation.endswith("/signin/sessions"):
        phone = world.phone()
        asked = (await world.client().post("/api/signin/codes", json={"phone": phone})).json()["challenge_id"]
        known.values |= {"challenge_id": asked, "code": await world.code(asked)}
    return known


async def _told(world: Any, event: Any) -> None:
    envelope = await world.tell(event)
    await take_claims_event(envelope, wishes=world.service.parts.wishes)


async def _campaign(staff: Any) -> str:
    campaign = {"name": "春节微心愿", "colour": "red", "from": "2026-01-01", "to": "2026-12-31", "scope": STREET}
    return str((await staff.post("/api/campaigns", campaign)).json()["id"])


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every answer held to exactly the fields that it names.

    Readers should bear fields that they don't know; this test must not, or a field that leaks would pass.
    """
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    wanted = {name for operation in _operations(document) for name in _named(operation["responses"])}
    while more := {inner for name in wanted for inner in _named(schemas[name])} - wanted:
        wanted |= more
    for name in wanted - {"Problem"}:
        if "properties" in schemas[name]:
            schemas[name]["additionalProperties"] = False
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        reference = part.get("$ref", "")
        if reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _named(inner)
