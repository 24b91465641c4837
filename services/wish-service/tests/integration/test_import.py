"""Tables of wishes in: all rows or none, every fault by row and column, and never the same table twice."""

from typing import Any

import pytest

from .import_kit import PATH, done, fresh_title, kept, row, send, table, titles, workbook

pytestmark = pytest.mark.integration


async def test_every_row_becomes_a_wish_of_its_resident(world: Any) -> None:
    staff = await world.staff()
    name = fresh_title()
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
    rows = [row(f"{fresh_title()} {n}") for n in range(3)]
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


async def test_only_staff_of_the_place_import(world: Any) -> None:
    data = table(row(fresh_title()))
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
