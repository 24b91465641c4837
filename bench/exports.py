"""Memory and time of an export of 100 000 wishes, beside one of 1 000 by the same process in the same run.

`python -m bench.exports` measures this alone. Memory is the peak of the whole process (VmHWM, set back before every
export); if a file were built before it is sent, 100 000 rows would add some hundred megabytes.
"""

import asyncio
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.figures import Figure, compared
from bench.wish_stack import WishStack, wish_stack
from microwish.events import Category, Community
from microwish.identity.people import Role
from microwish.ids import uuid7
from microwish.store.mongo import Mongo
from wish_service.domain.wish import Wish
from wish_service.store.documents import to_document
from wish_service.store.seals import OpenContact, Seals

FEW, MANY = 1_000, 100_000
PLACES = {FEW: "310117001002", MANY: "310117001001"}
ROUNDS = 3
AT_ONCE = 2_000
MEMORY_GOAL, TIME_GOAL = 1.3, 1.5
DETAIL = "家里的旧收音机坏了，想每天听听越剧和天气预报，按键大一点、声音响一点就更好了，第 {n} 位。"
_KILOBYTES = 1024


async def measure_exports() -> list[Figure]:
    """Figures in the form of `bench/latest.json`: peak memory in MB, and milliseconds per 1 000 rows."""
    async with wish_stack() as stack:
        seals = Seals(stack.settings.sealer(), stack.settings.blind_index())
        for count, place in PLACES.items():
            await _stock(stack.mongo, seals, count, place)
        signed = stack.signer.sign(uuid7(), [Role.ADMIN], [], "", 3600, datetime.now(UTC))
        headers = {"Authorization": f"Bearer {signed}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.port}", headers=headers, timeout=600) as http:
            figures: list[Figure] = []
            for kind in ("xlsx", "csv"):
                figures += await _rounds(stack, http, kind)
            return figures


async def _rounds(stack: WishStack, http: httpx.AsyncClient, format: str) -> list[Figure]:
    peaks: dict[int, list[float]] = {FEW: [], MANY: []}
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    await _export(stack.pid, http, format, FEW)  # the first of a kind imports and compiles
    for _ in range(ROUNDS):
        for count in (FEW, MANY):
            peak, took = await _export(stack.pid, http, format, count)
            peaks[count].append(peak)
            seconds[count].append(took / count * 1e6)
    return [
        compared(f"export_{format}_peak_memory", peaks[MANY], peaks[FEW], goal=MEMORY_GOAL, unit="MB"),
        compared(f"export_{format}_per_1000_rows", seconds[MANY], seconds[FEW], goal=TIME_GOAL, unit="ms"),
    ]


async def _export(pid: int, http: httpx.AsyncClient, format: str, count: int) -> tuple[float, float]:
    """The peak of the process in MB and how many seconds it took; what comes is thrown away as it comes."""
    process = Path(f"/proc/{pid}")
    (process / "clear_refs").write_text("5")
    started, read = time.perf_counter(), 0
    async with http.stream("GET", f"/api/wishes/export.{format}", params={"community": PLACES[count]}) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_raw():
            read += len(part)
    took = time.perf_counter() - started
    assert read > count, "the export was empty"
    status = (process / "status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return peak / _KILOBYTES, took


async def _stock(mongo: Mongo, seals: Seals, count: int, place: str) -> None:
    rows: list[dict[str, Any]] = []
    start = datetime(2026, 1, 1, tzinfo=UTC)
    pattern = _wish(seals, place, start)
    for n in range(count):
        wish_id = uuid7()
        title, detail = seals.for_wish(wish_id, f"想要一台收音机 {n}"), seals.for_wish(wish_id, DETAIL.format(n=n))
        wish = replace(pattern, id=wish_id, title=title, detail=detail, submitted_at=start + timedelta(seconds=n))
        rows.append({"_id": wish_id, **to_document(wish), "revision": 1, "streamversion": 0, "outbox": []})
        if len(rows) == AT_ONCE or n + 1 == count:
            await mongo.db.get_collection("wishes").insert_many(rows)
            rows = []


def _wish(seals: Seals, place: str, at: datetime) -> Wish:
    return Wish(
        id="",
        resident_id=uuid7(),
        posted_by=uuid7(),
        on_behalf=False,
        community=Community(code=place, name="龙潭社区"),
        category=Category.GOODS,
        title="",
        detail="",
        contact=seals.contact("", OpenContact("王秀英", "13912345678", "龙潭社区三弄 5 号")),
        submitted_at=at,
        public_title="想要一台收音机",
        public_detail="想每天听听越剧。",
    )


def main() -> None:
    """Measure and say what was found."""
    for figure in asyncio.run(measure_exports()):
        line = "{figure}: {value} {unit} for 100 000 rows; {baseline} {unit} for 1 000; ratio {ratio} (goal {goal})"
        sys.stdout.write(line.format(**figure) + "\n")


if __name__ == "__main__":
    main()
