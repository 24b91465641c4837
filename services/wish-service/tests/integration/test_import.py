"""Tables of wishes in: all rows or none, each once whatever dies in between, and never the same table twice."""

import asyncio
import csv
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook

from microwish.events import Topic
from microwish.identity.tokens import TokenSigner
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import system_clock
from microwish_local.processes import Process, free_port

pytestmark = pytest.mark.integration

HEADINGS = ("标题", "类别", "社区", "联系人", "电话", "地址", "需要几家")
COMMUNITY = "310117001001"
PATH = "/api/wishes/import"
KILLS = 3


def row(title: str, **changes: str) -> dict[str, str]:
    good = dict(zip(HEADINGS, (title, "物品", COMMUNITY, "王秀英", "139 1234 5678", "三弄 5 号", ""), strict=True))
    return good | changes


def table(*rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*HEADINGS, *sorted({name for one in rows for name in one} - set(HEADINGS))])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def workbook(*rows: dict[str, str]) -> bytes:
    book = Workbook()
    for values in (HEADINGS, *(list(one.values()) for one in rows)):
        book.active.append(list(values))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def send(someone: Any, data: bytes, *, dry_run: bool = False, **headers: str) -> httpx.Response:
    files = {"file": ("wishes.csv", data)}
    url = PATH + ("?dry_run=true" if dry_run else "")
    return await someone.http.post(url, files=files, headers=headers)


async def done(someone: Any, import_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        told = (await someone.get(f"/api/imports/{import_id}")).json()
        assert told["state"] == "done", told
        return told

    return await eventually(look, seconds=60)


async def titles(world: Any, ids: Sequence[str]) -> list[str]:
    wishes = [await world.service.parts.wishes.load(one) for one in ids]
    return [world.seals.of_wish(wish.id, wish.title) for wish in wishes]


async def kept(world: Any) -> tuple[int, int]:
    db = world.service.mongo.db
    return await db.get_collection("wishes").count_documents({}), await db.get_collection("imports").count_documents({})


async def test_every_row_becomes_a_wish_of_its_resident(world: Any) -> None:
    staff = await world.staff()
    name = uuid7()
    for make, phone in ((table, "13912340001"), (workbook, "13912340002")):
        rows = [row(f"{name} {make.__name__} {n}", 电话=phone) for n in range(120)]
        answer = await send(staff, make(*rows))
        assert answer.status_code == 202, answer.text
        told = answer.json()
        assert answer.headers["location"] == f"/api/imports/{told['id']}"
        assert (told["rows"], told["state"]) == (120, "running")
        ended = await done(staff, told["id"])
        assert [item["row"] for item in ended["items"]] == list(range(2, 122))
        assert await titles(world, [item["wish_id"] for item in ended["items"]]) == [one["标题"] for one in rows]
        resident = await world.person(phone)
        mine = await resident.get(f"/api/wishes/{ended['items'][0]['wish_id']}")
        assert mine.json()["on_behalf"] is True
        kept = await world.service.mongo.db.get_collection("imports").find_one({"_id": told["id"]})
        assert kept["chunks"] == {}
        assert "王秀英" not in str(kept)


async def test_a_dry_run_tells_every_fault_and_keeps_nothing(world: Any) -> None:
    staff = await world.staff()
    rows = [
        row("好的"),
        row("想借我点钱"),
        row("请联系 13912345678", 需要几家="9"),
        row("太多", 需要几家="0"),
        row("别处的", 社区="310117005001"),
        row("", 电话="1.38E+10", 备注="记一下"),
    ]
    before = await kept(world)
    answer = await send(staff, table(*rows, encoding="gb18030"), dry_run=True)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["dry_run"], told["format"], told["encoding"], told["rows"], told["bad_rows"]) == (
        True,
        "csv",
        "gb18030",
        6,
        5,
    )
    assert told["ignored_columns"] == [{"column": "H", "heading": "备注"}]
    assert [(one["row"], one["column"], one["heading"], one["code"]) for one in told["errors"]] == [
        (3, "A", "标题", "money"),
        (4, "A", "标题", "number_in_text"),
        (5, "G", "需要几家", "greater_than_equal"),
        (6, "C", "社区", "community_not_yours"),
        (7, "A", "标题", "missing"),
        (7, "E", "电话", "mangled_number"),
    ]
    assert told["errors"][0]["field"] == "rows.3.title"
    english = (
        await staff.http.post(
            PATH, params={"dry_run": "true"}, files={"file": table(*rows)}, headers={"Accept-Language": "en"}
        )
    ).json()
    assert english["errors"][3]["message"] == "You don't serve this community"
    assert (await send(staff, table(rows[0]), dry_run=True)).json()["errors"] == []
    refused = await send(staff, table(*rows))
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "rows_refused"
    assert [one["row"] for one in problem["errors"]] == [3, 4, 5, 6, 7, 7]
    assert await kept(world) == before


async def test_the_same_table_is_told_not_doubled(world: Any) -> None:
    staff, other = await world.staff(), await world.staff()
    rows = [row(f"{uuid7()} {n}") for n in range(3)]
    first = await send(staff, table(*rows), **{"Idempotency-Key": "import-1"})
    again = await send(staff, table(*rows), **{"Idempotency-Key": "import-1"})
    assert (first.status_code, again.status_code) == (202, 202)
    import_id = first.json()["id"]
    assert again.json()["id"] == import_id
    reused = await send(staff, table(*rows[:2]), **{"Idempotency-Key": "import-1"})
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
    for someone, data in ((staff, workbook(*rows)), (other, table(*rows, encoding="gb18030"))):
        told = await send(someone, data)
        assert (told.status_code, told.json()["code"], told.json()["import_id"]) == (409, "already_imported", import_id)
    assert (await send(staff, table(*rows), dry_run=True)).json()["already_imported"] == import_id
    await done(staff, import_id)
    assert (await other.get(f"/api/imports/{import_id}")).status_code == 404


async def test_of_one_table_sent_many_times_at_once_one_import_comes(world: Any) -> None:
    staff = await world.staff()
    data = table(*(row(f"{uuid7()} {n}") for n in range(5)))
    answers = await asyncio.gather(*(send(staff, data) for _ in range(2)), *(send(staff, data) for _ in range(4)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(202) == 1
    assert set(codes) <= {202, 409, 503}


async def test_without_the_unique_content_two_imports_would_come(another_world: Callable[..., Any]) -> None:
    """Negative control: the same race without its index is lost, and the check above would see it."""
    async with another_world() as world:
        staff = await world.staff()
        await world.service.mongo.db.get_collection("imports").drop_index("content")
        data = table(row(uuid7()))
        answers = [await send(staff, data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]


async def test_only_staff_of_the_place_import(world: Any) -> None:
    data = table(row(uuid7()))
    assert (await send(await world.person(), data)).status_code == 403
    assert (await world.client().post(PATH, files={"file": data})).status_code == 401
    elsewhere = await send(await world.staff("310117005"), data)
    assert elsewhere.json()["errors"][0]["code"] == "community_not_yours"
    assert (await (await world.staff()).http.post(PATH, data={"a": "b"})).status_code == 422


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "文件是空的"),
        (b"\xff\xfe\x00", "编码"),
        (b"PK\x03\x04", "Excel"),
        ("标题\n".encode(), "没有心愿"),
    ],
)
async def test_files_that_are_no_table_are_refused_by_name(world: Any, data: bytes, problem: str) -> None:
    answer = await send(await world.staff(), data)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_unusable")
    (error,) = answer.json()["errors"]
    assert error["field"] == "file"
    assert problem in error["message"]


async def test_a_file_beyond_the_limit_is_refused_before_it_is_read(world: Any) -> None:
    staff = await world.staff()
    rows = b"a\n" * (world.service.settings.import_max_rows + 2)
    assert "5000" in (await send(staff, rows)).json()["errors"][0]["message"]
    answer = await send(staff, b"x" * (world.service.settings.import_max_bytes + 100_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_the_template_is_for_staff_and_opens(world: Any) -> None:
    staff = await world.staff()
    answer = await staff.get("/api/wishes/import-template.xlsx")
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert "attachment" in answer.headers["content-disposition"]
    assert (await (await world.person()).get("/api/wishes/import-template.xlsx")).status_code == 403


async def test_a_row_made_twice_is_one_wish(world: Any) -> None:
    """What a crash between the wishes and their tick leads to, and its negative control."""
    staff = await world.staff()
    parts, tables = world.service.parts, world.service.tables
    await tables.worker.stop()
    try:
        told = (await send(staff, table(*(row(f"{uuid7()} {n}") for n in range(3))))).json()
        from wish_service.use_cases.asked import Asked
        from wish_service.use_cases.import_wishes import make_wishes

        chunk = await eventually(tables.imports.take)
        while chunk.of.id != told["id"]:
            chunk = await eventually(tables.imports.take)
        asked = Asked(chunk.of.person, parts.wishes, parts.seals, chunk.of.when)
        before = (await kept(world))[0]
        await make_wishes(chunk, asked, parts.people, parts.communities)
        await make_wishes(chunk, asked, parts.people, parts.communities)
        assert (await kept(world))[0] == before + 3

        class Forgetful(type(chunk.of)):  # type: ignore[misc]
            def wish_id(self, number: int) -> str:
                return uuid7()

        forgetful = Forgetful(**{name: getattr(chunk.of, name) for name in chunk.of.__dataclass_fields__})
        careless = type(chunk)(forgetful, chunk.index, chunk.last, chunk.rows)
        await make_wishes(careless, asked, parts.people, parts.communities)
        assert (await kept(world))[0] == before + 6
        await tables.imports.finished(chunk, now=system_clock())
    finally:
        tables.worker.start()
    assert (await done(staff, told["id"]))["done"] == 3


async def test_an_import_survives_kill_nine_in_its_middle(
    settings_for: Callable[..., Any], another_world: Callable[..., Any], tmp_path: Path
) -> None:
    """All rows arrive, each exactly once, though every process that makes them is killed again and again."""
    settings = settings_for(uuid7()[-12:], import_lease_seconds=1.0, import_poll_seconds=0.2)
    port, rows = free_port(), 600
    token = TokenSigner.from_jwks(settings.signing_keys.get_secret_value()).sign(
        uuid7(), ["admin"], [], "", 3600, system_clock()
    )
    environment = {**os.environ, **environment_of(settings), "MICROWISH_PORT": str(port)}
    base, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token}"}
    names = [f"第 {n} 个" for n in range(rows)]
    data = table(*(row(name, 电话=f"139{n % 40:08d}") for n, name in enumerate(names)))
    killed, told = 0, {"done": 0, "state": "running", "id": ""}
    async with httpx.AsyncClient(trust_env=False, base_url=base, headers=headers, timeout=30) as client:
        while told["state"] != "done":
            argv = [sys.executable, "-m", "wish_service", "all"]
            process = Process("wish", argv, log=tmp_path / f"{killed}.log", env=environment)
            await process.start()
            try:
                await eventually(lambda: _ready(client), seconds=60)
                if not told["id"]:
                    answer = await client.post(PATH, files={"file": data})
                    assert answer.status_code == 202, answer.text
                    told = answer.json()
                before = told["done"]
                told = await eventually(partial(_further, client, told["id"], before, killed < KILLS), seconds=90)
            finally:
                if told["state"] == "done":
                    await process.stop()
                else:
                    killed += 1
                    os.kill(process.pid, signal.SIGKILL)
                    await process.exited()
    assert killed == KILLS
    await _each_once(settings, told, names, another_world)


async def _each_once(settings: Any, told: dict[str, Any], names: list[str], another_world: Any) -> None:
    async with another_world(**_same(settings)) as world:
        wishes = world.service.mongo.db.get_collection("wishes")
        found = await wishes.find({}, {"title": 1}).to_list(None)
        assert sorted(world.seals.of_wish(one["_id"], one["title"]) for one in found) == sorted(names)
        assert {one["_id"] for one in found} == {item["wish_id"] for item in told["items"]}

        async def announced() -> bool:
            events = world.feed.events(Topic.WISH, lambda e: e.type.endswith("WishSubmitted.v1"))
            return len({event.subject for event in events}) == len(names)

        await eventually(announced, seconds=90)
        assert len({event.id for event in world.feed.events(Topic.WISH, _submitted)}) == len(names)


def _submitted(event: Any) -> bool:
    return bool(event.type.endswith("WishSubmitted.v1"))


def _same(settings: Any) -> dict[str, Any]:
    secrets = {
        name: getattr(settings, name).get_secret_value() for name in ("sealing_keys", "blind_key", "signing_keys")
    }
    return {**settings.model_dump(exclude_defaults=True), **secrets}


def environment_of(settings: Any) -> dict[str, str]:
    return {f"MICROWISH_{name.upper()}": str(value) for name, value in _same(settings).items()}


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def _further(client: httpx.AsyncClient, import_id: str, seen: int, kill: bool) -> dict[str, Any] | None:
    """How far it is, once it has come a bit further and is to be killed, or once it is done."""
    told = (await client.get(f"/api/imports/{import_id}")).json()
    return told if told["state"] == "done" or (kill and told["done"] > seen) else None
