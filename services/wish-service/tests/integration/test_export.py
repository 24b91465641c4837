"""Tables of wishes out: what is asked for and served, in all states, without contacts, in pages, and on record."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from microwish.identity.people import Person
from microwish.ids import uuid7
from microwish.store.mongo import Document
from wish_service.domain.states import Status
from wish_service.store.documents import to_document
from wish_service.store.exports import BY_AREA, ORDER, Selection, index_of, queries_of
from wish_service.use_cases.export_wishes import export_wishes

pytestmark = pytest.mark.integration

OTHER_STREET = "310117005001"


async def exported(someone: Any, **filters: Any) -> list[dict[str, str]]:
    answer = await someone.http.get("/api/wishes/export.csv", params=filters, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def sheet(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.content))
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)
    headings, *rows = book.active.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


async def left_the_road(world: Any, resident: Any, staff: Any, name: str) -> dict[str, str]:
    """One wish in each state that is off the wall, and one on it."""
    ids = {state: await world.submitted(resident, title=f"{name} {state}") for state in ("submitted", "returned")}
    ids |= {state: await world.submitted(resident, title=f"{name} {state}") for state in ("rejected", "withdrawn")}
    ids |= {state: await world.posted(resident, staff, title=f"{name} {state}") for state in ("posted", "taken_down")}
    ids |= {state: await world.posted(resident, staff, title=f"{name} {state}") for state in ("closed", "merged")}
    because = {"reason": "=因为"}
    done = [
        await staff.post(f"/api/wishes/{ids['returned']}/review", {"decision": "return", **because}),
        await staff.post(f"/api/wishes/{ids['rejected']}/review", {"decision": "reject", **because}),
        await resident.post(f"/api/wishes/{ids['withdrawn']}/withdrawal", because),
        await staff.post(f"/api/wishes/{ids['taken_down']}/takedown", because),
        await staff.post(f"/api/wishes/{ids['closed']}/closing", because),
        await staff.post(f"/api/wishes/{ids['merged']}/merge", {"into": ids["posted"]}),
    ]
    assert [answer.status_code for answer in done] == [200] * len(done), [answer.text for answer in done]
    return ids


async def test_every_state_is_exported_and_no_contact(world: Any) -> None:
    resident, staff, name = await world.person(), await world.staff(), uuid7()
    ids = await left_the_road(world, resident, staff, name)
    answer = await staff.get("/api/wishes/export.xlsx", q=name)
    found = {row["编号"]: row for row in sheet(answer)}
    assert set(found) == set(ids.values())
    for state, wish_id in ids.items():
        row = found[wish_id]
        assert row["状态"] == world.service.parts.pages.catalogue.text(f"status.{state}")
        assert (row["联系人（隐去）"], row["电话（隐去）"]) == ("王**", "139****5678")
        assert row["原标题"] == f"{name} {state}"
        assert isinstance(row["提出时间"], datetime)
        assert row["原因"] == (
            "'=因为" if state in {"returned", "rejected", "withdrawn", "taken_down", "closed"} else None
        )
    assert found[ids["merged"]]["并入的心愿"] == ids["posted"]
    same = {row["Id"]: row for row in await exported(staff, q=name)}
    assert set(same) == set(found)
    for content in (answer.content, str(same).encode()):
        assert b"13912345678" not in content
    assert "attachment" in answer.headers["content-disposition"]


async def test_filters_are_obeyed(world: Any) -> None:
    resident, staff, name = await world.person(), await world.staff("310117"), uuid7()[-12:]
    goods = await world.submitted(resident, title=f"{name} 收音机", category="goods")
    repair = await world.submitted(resident, title=f"{name} 修灯", category="repair", community=OTHER_STREET)
    posted = await world.posted(resident, staff, title=f"{name} 象棋", detail="Go 也行")

    async def ids(**filters: Any) -> set[str]:
        return {row["Id"] for row in await exported(staff, **{"q": name, **filters})}

    assert await ids() == {goods, repair, posted}
    assert await ids(category="repair") == {repair}
    assert await ids(status="submitted") == {goods, repair}
    assert await ids(status=["submitted", "posted"]) == {goods, repair, posted}
    assert await ids(community="310117005") == {repair}
    assert await ids(community="310117001001") == {goods, posted}
    assert await ids(q=f"{name} 象棋 go") == {posted}
    today = datetime.now(world.service.settings.zone).date()
    assert await ids(submitted_from=today.isoformat(), submitted_to=today.isoformat()) == {goods, repair, posted}
    assert await ids(submitted_to=(today - timedelta(days=1)).isoformat()) == set()
    faults = {
        "status": "lost",
        "community": "31",
        "category": "cars",
        "submitted_from": (today + timedelta(days=1)).isoformat(),
        "submitted_to": "yesterday",
    }
    for field, value in faults.items():
        answer = await staff.get("/api/wishes/export.xlsx", **{field: value})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"].startswith(field)


async def test_staff_export_what_they_serve_and_it_is_on_record(world: Any) -> None:
    resident, name = await world.person(), uuid7()
    here = await world.submitted(resident, title=f"{name} 这里")
    there = await world.submitted(resident, title=f"{name} 那里", community=OTHER_STREET)
    street, both = await world.staff("310117005"), await world.staff("310117001", "310117", "310117001001")
    assert [row["Id"] for row in await exported(street, q=name)] == [there]
    # A division inside another that is served as well brings nothing twice.
    assert [row["Id"] for row in await exported(both, q=name)] == [here, there]
    assert [row["Id"] for row in await exported(street, q=name, community="310117")] == [there]
    foreign = await street.get("/api/wishes/export.xlsx", community="310117001")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "other_community")
    assert (await resident.get("/api/wishes/export.csv")).status_code == 403
    assert (await world.client().get("/api/wishes/export.csv")).status_code == 401
    records = (await street.get("/api/wishes/exports")).json()["items"]
    assert [(one["state"], one["rows"], one["format"]) for one in records] == [("complete", 1, "csv")] * 2
    assert records[1]["by"] == {"id": street.id, "name": "周敏"}
    assert records[1]["filters"]["words"] == name
    assert records[1]["filters"]["areas"] == ["310117005"]
    stored = await world.service.mongo.db.get_collection("exports").find_one({"_id": records[1]["id"]})
    assert name not in str(stored)
    admin = await world.person("13800000000")
    told = (await admin.get("/api/wishes/exports", limit="100")).json()["items"]
    assert {one["by"]["id"] for one in told} >= {street.id, both.id}


async def test_no_more_than_a_page_is_ever_in_memory(world: Any) -> None:
    """By counting what is read at once, not by timing: five pages of 40, whatever the number of wishes."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    await _stock(world, 190, at)
    tables, sizes = world.service.tables, list[int]()
    selection = Selection(("310117",), None, None, at, at + timedelta(days=1))
    seen: list[str] = []

    def encode(documents: Any) -> tuple[bytes, int]:
        sizes.append(len(documents))
        seen.extend(document["_id"] for document in documents)
        assert all("outbox" not in one and set(one["contact"]) <= {"landline", *MASKED} for one in documents)
        return b"x", len(documents)

    export_id = uuid7()
    await tables.exports.begun(export_id, NOBODY, {"format": "csv", "filters": {}}, at=at)
    parts = [
        part
        async for part in export_wishes(
            export_id, selection, encode, tables.exports, clock=world.service.parts.clock, page=40
        )
    ]
    assert (parts, sizes) == ([b"x"] * 5, [40, 40, 40, 40, 30])
    assert len(set(seen)) == 190
    # All but some share one moment, as the rows of an import do: the order is still whole.
    assert seen == [row["_id"] for row in await _in_order(world, at)]


async def test_an_export_that_is_cut_off_is_recorded_as_that(world: Any) -> None:
    at = datetime(2021, 1, 1, tzinfo=UTC)
    await _stock(world, 30, at)
    tables, export_id = world.service.tables, uuid7()
    selection = Selection(None, None, None, at, at + timedelta(days=1))
    await tables.exports.begun(export_id, NOBODY, {"format": "csv", "filters": {}}, at=at)
    pages = export_wishes(
        export_id, selection, lambda d: (b"x", len(d)), tables.exports, clock=world.service.parts.clock, page=10
    )
    async for _ in pages:
        break
    await pages.aclose()
    record = await world.service.mongo.db.get_collection("exports").find_one({"_id": export_id})
    assert (record["state"], record["rows"]) == ("cut", 10)


@pytest.mark.parametrize("area", [None, "310117", "310117001001"])
@pytest.mark.parametrize("states", [None, (Status.RETURNED.value, Status.CLOSED.value)])
async def test_every_page_is_read_along_an_index_without_sorting(world: Any, area: str | None, states: Any) -> None:
    now = datetime.now(UTC)
    selection = Selection(None if area is None else (area,), states, "goods", now - timedelta(days=9), now)
    wishes = world.service.parts.wishes.aggregates.collection
    for after in (None, (now - timedelta(days=3), "0")):
        for query in queries_of(selection, area, after):
            plan = await wishes.find(query).sort(ORDER).hint(index_of(area)).limit(500).explain()
            stages = _stages(plan["queryPlanner"]["winningPlan"])
            assert "IXSCAN" in stages
            assert not {"SORT", "COLLSCAN"} & set(stages)
            bounds = next(iter(_scans(plan["queryPlanner"]["winningPlan"])))["indexBounds"]
            assert "MinKey" not in str(bounds["submitted_at"])
    assert (index_of(area) == BY_AREA) is (area is not None)


NOBODY = Person(uuid7(), frozenset())
MASKED = {"name_masked", "phone_masked", "address_masked"}


def _stages(plan: Document) -> list[str]:
    inner = [plan[name] for name in ("inputStage", "queryPlan") if name in plan] + plan.get("inputStages", [])
    return [plan.get("stage", ""), *(stage for one in inner for stage in _stages(one))]


def _scans(plan: Document) -> list[Document]:
    inner = [plan[name] for name in ("inputStage", "queryPlan") if name in plan] + plan.get("inputStages", [])
    own = [plan] if plan.get("stage") == "IXSCAN" else []
    return [*own, *(scan for one in inner for scan in _scans(one))]


async def _stock(world: Any, count: int, at: datetime) -> None:
    """Wishes straight into the truth; most of one moment."""
    wish = await world.service.parts.wishes.load(await world.submitted(await world.person()))
    rows = []
    for n in range(count):
        one = replace(wish, submitted_at=at if n % 10 else at + timedelta(seconds=n))
        document = {**to_document(one), "status": Status.WITHDRAWN.value}  # in no queue of the desk
        rows.append({**document, "_id": uuid7(), "revision": 1, "streamversion": 0, "outbox": []})
    await world.service.mongo.db.get_collection("wishes").insert_many(rows)


async def _in_order(world: Any, at: datetime) -> list[Document]:
    query = {"submitted_at": {"$gte": at, "$lt": at + timedelta(days=1)}}
    return await world.service.mongo.db.get_collection("wishes").find(query, {"_id": 1}).sort(ORDER).to_list(None)
