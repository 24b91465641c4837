"""The desk's page for tables, without JavaScript: try a file, see its faults, say yes, export by a form."""

import re
from html import unescape
from typing import Any

import pytest

from microwish.ids import uuid7
from microwish.testing import eventually

pytestmark = pytest.mark.integration

HEADINGS = "标题,类别,社区,联系人,电话,地址,备注"
GOOD = "{title},物品,龙潭社区,王秀英,13912345678,三弄 5 号,x"


async def browser(world: Any, someone: Any) -> Any:
    client = world.client(Accept="text/html")
    client.cookies.set("microwish_session", someone.token)
    return client


def csrf(html: str) -> dict[str, str]:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return {"csrf": unescape(found[1])}


async def test_a_file_is_tried_corrected_and_imported(world: Any) -> None:
    staff = await world.staff()
    client = await browser(world, staff)
    start = await client.get("/desk/import")
    assert start.status_code == 200
    form, name = csrf(start.text), uuid7()
    none = await client.post("/desk/import", data=form, files={"file": ("", b"")})
    assert (none.status_code, "请选择一个" in none.text) == (422, True)
    broken = await client.post("/desk/import", data=form, files={"file": ("a.csv", b"\xff\xff")})
    assert (broken.status_code, "编码认不出来" in broken.text) == (422, True)
    bad = f"{HEADINGS}\n{GOOD.format(title=name)}\n{GOOD.format(title='<b>').replace('13912345678', '1.39E+10')}\n"
    tried = await client.post("/desk/import", data=form, files={"file": ("a.csv", bad.encode())})
    assert tried.status_code == 422
    assert "共 2 行，有 1 行要改" in tried.text
    assert "科学计数" in tried.text
    assert "备注" in tried.text
    before = await world.service.mongo.db.get_collection("wishes").count_documents({})
    good = f"{HEADINGS}\n{GOOD.format(title=name)}\n{GOOD.format(title='另一台')}\n"
    ready = await client.post("/desk/import", data=form, files={"file": ("a.csv", good.encode("gb18030"))})
    assert ready.status_code == 200
    assert "共 2 行，都可以导入" in ready.text
    assert await world.service.mongo.db.get_collection("wishes").count_documents({}) == before
    (yes,) = set(re.findall(r'action="(/desk/import/[^"]+)"', ready.text))
    other = await browser(world, await world.staff())
    await other.get("/desk/import")
    assert (await other.post(yes, data=csrf((await other.get("/desk/import")).text))).status_code == 404
    for _ in range(2):
        went = await client.post(yes, data=form)
        assert (went.status_code, went.headers["location"]) == (303, yes)

    async def done() -> bool:
        return "已导入 2 个心愿" in (await client.get(yes)).text

    await eventually(done)
    assert await world.service.mongo.db.get_collection("wishes").count_documents({}) == before + 2
    again = await client.post("/desk/import", data=form, files={"file": ("a.csv", good.encode())})
    assert (again.status_code, "已经导入过" in again.text) == (409, True)


async def test_the_form_exports_with_what_is_left_empty(world: Any) -> None:
    resident, staff, name = await world.person(), await world.staff(), uuid7()
    wish_id = await world.submitted(resident, title=name)
    client = await browser(world, staff)
    empty = dict.fromkeys(("status", "community", "category", "submitted_from", "submitted_to"), "")
    answer = await client.get("/desk/export", params={**empty, "q": name, "format": "csv"})
    assert answer.status_code == 200
    assert answer.content.decode("utf-8-sig").splitlines()[0].startswith("编号,状态,")
    assert answer.text.count(wish_id) == 1
    assert (await client.get("/desk/export", params={**empty, "q": name})).content.startswith(b"PK")
    refused = await client.get("/desk/export", params={**empty, "submitted_from": "2999-01-01"})
    assert refused.status_code == 422
    assert (await (await browser(world, resident)).get("/desk/import")).status_code == 403
    assert (await client.get("/desk/import/template.xlsx")).content.startswith(b"PK")
    desk = await client.get("/desk")
    assert desk.status_code == 200, desk.text
    assert 'href="/desk/import"' in desk.text, re.sub(r"<[^>]*>", "", desk.text)
