"""A load of the sample that is broken off is simply run again: nothing is there twice."""

import asyncio
import csv
from pathlib import Path
from typing import Any

import pytest

from microwish.testing import eventually
from microwish_local.client import Client
from microwish_local.paths import DATA
from microwish_local.pilot import LoadFailed, load
from microwish_local.pilot.district import District, read_district
from microwish_local.pilot.plan import Act, steps_of
from microwish_local.testing_stack import RunningStack

pytestmark = pytest.mark.e2e

FILES = ("residents", "staff", "organisations", "wishes", "adoptions")
WISHES = 24


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data directory with every fifteenth wish of the pilot, and whoever belongs to them."""
    rows = {name: _read(DATA / "pilot" / f"{name}.csv") for name in FILES}
    wishes = rows["wishes"][::15][:WISHES]
    refs = {wish["ref"] for wish in wishes}
    adoptions = [row for row in rows["adoptions"] if row["wish"] in refs]
    claiming = {row["organisation"] for row in adoptions}
    asking = {wish["resident"] for wish in wishes}
    chosen = {
        "wishes": wishes,
        "adoptions": adoptions,
        "organisations": [row for row in rows["organisations"] if row["ref"] in claiming],
        "residents": [row for row in rows["residents"] if row["ref"] in asking],
        "staff": rows["staff"],
    }
    (tmp_path / "pilot").mkdir()
    for name, kept in chosen.items():
        _write(tmp_path / "pilot" / f"{name}.csv", kept)
    return tmp_path


async def test_a_load_broken_off_half_way_is_run_again(stack: RunningStack, client: Client, small: Path) -> None:
    district = read_district(small / "pilot")
    before = (await client.get("/api/stats"))["totals"]

    first = asyncio.create_task(load(stack.base_url, small))
    await eventually(lambda: _posted_some(client, before, district), seconds=120)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await load(stack.base_url, small)
    await load(stack.base_url, small)

    steps = [step.act for wish in district.wishes for step in steps_of(wish, district.adoptions.get(wish.ref, ()))]
    after = (await client.get("/api/stats"))["totals"]
    assert after["posted"] - before["posted"] == steps.count(Act.APPROVE)
    assert after["claimed"] - before["claimed"] == len(district.adoptions)
    assert steps.count(Act.CLAIM) >= len(district.adoptions) > 10


async def test_files_that_cannot_be_read_are_named_in_one_sentence(small: Path) -> None:
    (small / "pilot" / "wishes.csv").write_text("ref\nW1\n", encoding="utf-8")
    with pytest.raises(LoadFailed, match=r"wishes\.csv, line 2"):
        await load("http://127.0.0.1:9", small)


async def _posted_some(client: Client, before: dict[str, Any], district: District) -> bool:
    posted = (await client.get("/api/stats"))["totals"]["posted"] - before["posted"]
    return bool(posted > len(district.wishes) // 3)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
