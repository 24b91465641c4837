"""Tables to import, and ways to send them and to see what became of them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx
from openpyxl import Workbook

from microwish.ids import uuid7
from microwish.testing import eventually

HEADINGS = ("标题", "类别", "社区", "联系人", "电话", "地址", "需要几家")
COMMUNITY = "310117001001"
PATH = "/api/wishes/import"


def fresh_title() -> str:
    """A title that no other table has, of letters alone: digits of an id may look like a telephone number."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid7().replace("-", ""))


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
