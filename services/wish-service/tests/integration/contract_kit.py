"""What contract tests need: answers as the app gives them, things that exist, answers held to their schema."""

import asyncio
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from schemathesis import Case, Response
from starlette.types import ASGIApp, Message

from microwish.ids import uuid7
from microwish.testing import eventually
from wish_service.use_cases.take_claims_event import take_claims_event

from .import_kit import fresh_title

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
    # Named, they have to be of the wish as it is now.
    **dict.fromkeys(("version", "versions"), DROP),
}
"""Values that the rules behind the schema take."""


async def answered(app: ASGIApp, request: requests.PreparedRequest) -> Response:
    """The app's answer to exactly these bytes, as Schemathesis checks it; an event stream is left after one event."""
    told, left = _Told(), asyncio.Event()
    coming: list[Message] = [{"type": "http.request", "body": _bytes(request.body), "more_body": False}]

    async def receive() -> Message:
        if coming:
            return coming.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if told.takes(message):
            left.set()

    await app(_scope(request), receive, send)
    assert told.complete, "the answer was never finished"
    return Response(told.status, told.headers, told.content, request, elapsed=0, verify=False)


@dataclass
class _Told:
    """What has come of an answer."""

    status: int = 0
    headers: dict[str, list[str]] = field(default_factory=dict)
    content: bytes = b""
    complete: bool = False

    def takes(self, message: Message) -> bool:
        """Whether its reader has enough with this message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message["headers"]:
                self.headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
            return False
        self.content += message.get("body", b"")
        streams = self.headers.get("content-type", [""])[0].startswith("text/event-stream")
        self.complete = self.complete or streams or not message.get("more_body")
        return self.complete


def _scope(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(str(request.url))
    headers = [(name.lower().encode("latin-1"), _bytes(value)) for name, value in request.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(b"host", url.netloc.encode()), *headers],
        "server": ("wish.test", 80),
        "client": ("127.0.0.1", 50000),
    }


def _bytes(content: Any) -> bytes:
    if content is None or isinstance(content, bytes):
        return content or b""
    return str(content).encode("utf-8")


@dataclass
class Known:
    """Ids of things that exist, by the names under which requests speak of them.

    ids: for paths, tried in turn. text: a whole body that is a text.
    """

    ids: dict[str, list[str]] = field(default_factory=dict)
    text: str | None = None
    values: dict[str, Any] = field(default_factory=lambda: dict(WORDS))

    def path(self, parameters: dict[str, Any], turn: int) -> dict[str, Any]:
        return {
            name: self.ids[name][turn % len(self.ids[name])] if name in self.ids else value
            for name, value in parameters.items()
        }

    def body(self, content: Any) -> Any:
        """The body, which for tables is a text as a whole."""
        return self.text if self.text is not None and isinstance(content, str) else self.fitted(content)

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


async def leaving(operation: str, world: Any) -> dict[str, dict[str, str]]:
    """Who calls an operation after which they are nobody any more, instead of those who call all the others."""
    if operation != "DELETE /api/me":
        return {}
    leavers = {name: await world.person() for name in ("admin", "resident", "staff")}
    return {name: {"Authorization": f"Bearer {leaver.token}"} for name, leaver in leavers.items()}


async def things_to_read(world: Any, resident: Any, staff: Any, photos: Any) -> Known:
    """What operations that change nothing may be about, the same for all of them."""
    known = await things_for("campaigns communities import", world, resident, staff, photos)
    known.ids["photo_id"] = (await things_for("photo", world, resident, staff, photos)).ids["photo_id"]
    for name in ("from", "to"):  # days of a campaign; statistics have months
        del known.values[name]
    return known


async def _more(operation: str, known: Known, world: Any, resident: Any, staff: Any, photos: Any) -> Known:
    if "communities/import" in operation:
        known.text = "code,name,parent\n310117001003,中山社区居委会,310117001\n"
    if "/tasks/" in operation:
        known.ids["task_id"] = [await _task(world, staff)]
    if "/move" in operation:
        known.ids["code"], known.values["to"] = ["310117005001"], "310117005009"
    if "photo" in operation:
        known.values["photo"] = photos.jpeg(60, 40)
        files = {"photo": ("a.jpg", known.values["photo"], "image/jpeg")}
        added = await resident.http.post(f"/api/wishes/{known.ids['wish_id'][0]}/photos", files=files)
        known.ids["photo_id"] = [added.json()["id"]]
        known.ids["wish_id"] = known.ids["wish_id"][:1]
    if "import" in operation:
        row = f"想要一盏台灯{fresh_title()[-6:]},物品,{COMMUNITY},王秀英,13912345678,三弄 5 号"
        known.values["file"] = f"标题,类别,社区,联系人,电话,地址\n{row}\n".encode()
        other = known.values["file"].replace("台灯".encode(), "吊灯".encode())
        sent = await staff.http.post("/api/wishes/import", files={"file": ("a.csv", other)})
        known.ids["import_id"] = [await _imported(staff, sent.json()["id"])]
    if operation.endswith("/signin/sessions"):
        phone = world.phone()
        asked = (await world.client().post("/api/signin/codes", json={"phone": phone})).json()["challenge_id"]
        known.values |= {"challenge_id": asked, "code": await world.code(asked)}
    return known


async def _task(world: Any, staff: Any) -> str:
    """Somebody with a landline alone has to be called."""
    contact = {"name": "陈桂香", "phone": "021-57771234", "address": "二弄 9 号"}
    wish_id = await world.posted(staff, staff, contact=contact, on_behalf=True)

    async def there() -> str | None:
        tasks = (await staff.get("/api/tasks", kind="telephone", limit="100")).json()["items"]
        return next((task["id"] for task in tasks if task["wish"]["id"] == wish_id), None)

    return str(await eventually(there))


async def _imported(staff: Any, import_id: str) -> str:
    """The import, once its wishes are made: later they would seem to be somebody else's doing."""

    async def done() -> bool:
        return bool((await staff.get(f"/api/imports/{import_id}")).json()["state"] == "done")

    await eventually(done)
    return import_id


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


def may_be_anybody(case: Case[Any]) -> bool:
    """Whether the document lets callers in who aren't signed in."""
    security = case.operation.definition.raw.get("security")
    return not security or {} in security


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
