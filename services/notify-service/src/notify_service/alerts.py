"""What somebody who runs this has to look at: raised where it is found, told once per window, kept until it is over.

{_id: <code>|<subject>, code, subject, values, open, first_at, last_at, told_at, times, timeline}
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from microwish.logs import get_logger
from microwish.store.mongo import (
    DESCENDING,
    STORE_OUTAGES,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    ensure_indexes,
)
from microwish.telemetry import counter, gauge
from microwish.when import Clock
from notify_service.store.messages import SYSTEM, By

QUOTA = "provider_quota"
CONFIGURATION = "provider_configuration"
OPEN = "provider_open"
SUCCESS_RATE = "success_rate"

_KEPT = 50
_SAY_SECONDS = 10.0
_LAST_SECONDS = 2.0
_raised = counter("alerts", "Alerts raised", ("code",))
_open = gauge("alerts_open", "Alerts that are not over", ("code", "subject"))
_log = get_logger(__name__)


class Robot(Protocol):
    """Tells a group of people."""

    async def say(self, text: str) -> None:
        """One message to all of them."""
        ...

    async def close(self) -> None:
        """End its connections."""
        ...


@dataclass(frozen=True)
class Alert:
    """One that was raised. subject: what it is about, such as a provider; values: what is known, never of a person."""

    id: str
    code: str
    subject: str
    values: Mapping[str, str]
    open: bool
    first_at: datetime
    last_at: datetime
    times: int


class Alerts:
    """The collection `alerts`, shared by all replicas. It never raises an error itself: who alerts has work to do."""

    def __init__(self, rows: Collection, clock: Clock, *, window_seconds: float, robot: Robot | None = None) -> None:
        self._rows = rows
        self._clock = clock
        self._window = timedelta(seconds=window_seconds)
        self.robot = robot
        self._saying: set[asyncio.Task[None]] = set()

    async def ensure_indexes(self) -> None:
        """Open ones first, then the newest."""
        newest = [("open", DESCENDING), ("last_at", DESCENDING)]
        await ensure_indexes(self._rows, [IndexModel(newest, name="newest")])

    async def raise_(self, code: str, subject: str, **values: str) -> None:
        """Something is wrong. Told by log and robot when it begins, and once per window while it goes on."""
        _raised.labels(code).inc()
        try:
            news = await self._keep(code, subject, values)
        except STORE_OUTAGES as error:
            _log.error("alert_not_kept", code=code, subject=subject, error=type(error).__name__, **values)
            return
        if news:
            _log.error("alert", code=code, subject=subject, **values)
            self._say(" ".join([code, subject, *(f"{name}={value}" for name, value in values.items())]))

    async def resolve(self, code: str, subject: str, *, by: By = SYSTEM) -> bool:
        """It is over; False if it was not open."""
        change = {"$set": {"open": False}, **_pushed("over", self._clock(), by)}
        try:
            done = await self._rows.update_one({"_id": _id(code, subject), "open": True}, change)
        except STORE_OUTAGES as error:
            _log.warning("alert_not_ended", code=code, subject=subject, error=type(error).__name__)
            return False
        if done.matched_count:
            _log.info("alert_over", code=code, subject=subject)
        return done.matched_count > 0

    async def show(self) -> None:
        """Let the metrics of this process say which are open, whichever process raised or ended them."""
        async for row in self._rows.find({}, {"code": 1, "subject": 1, "open": 1}):
            _open.labels(row["code"], row["subject"]).set(int(row["open"]))

    async def newest(self, *, open_only: bool, limit: int) -> list[Alert]:
        """Those that are open, the newest first; then, unless only these are wanted, what is over."""
        query: Document = {"open": True} if open_only else {}
        rows = self._rows.find(query, {"timeline": 0}).sort([("open", DESCENDING), ("last_at", DESCENDING)])
        return [_alert(row) async for row in rows.limit(limit)]

    async def find(self, id: str) -> Alert | None:
        """This one."""
        row = await self._rows.find_one({"_id": id}, {"timeline": 0})
        return _alert(row) if row else None

    async def close(self) -> None:
        """Let what is being said be heard, for a moment, and end the rest."""
        saying = list(self._saying)
        if saying:
            await asyncio.wait(saying, timeout=_LAST_SECONDS)
        for task in saying:
            task.cancel()
        await asyncio.gather(*saying, return_exceptions=True)
        if self.robot is not None:
            await self.robot.close()

    async def _keep(self, code: str, subject: str, values: Mapping[str, str]) -> bool:
        """Keep it; True if it has to be told: it is new, over before, or the window since it was told has passed."""
        now = self._clock()
        said: Document = {"code": code, "subject": subject, "values": dict(values), "last_at": now}
        untold = {"_id": _id(code, subject), "$or": [{"open": False}, {"told_at": {"$lt": now - self._window}}]}
        news = {
            "$set": {**said, "open": True, "told_at": now},
            "$setOnInsert": {"first_at": now},
            "$inc": {"times": 1},
            **_pushed("raised", now, SYSTEM),
        }
        try:
            await self._rows.update_one(untold, news, upsert=True)
        except DuplicateKeyError:  # it is open, and was told within the window
            await self._rows.update_one({"_id": _id(code, subject)}, {"$set": said, "$inc": {"times": 1}})
            return False
        return True

    def _say(self, text: str) -> None:
        if self.robot is not None:
            task = asyncio.create_task(_said(self.robot, text), name="alert")
            self._saying.add(task)
            task.add_done_callback(self._saying.discard)


async def _said(robot: Robot, text: str) -> None:
    try:
        async with asyncio.timeout(_SAY_SECONDS):
            await robot.say(text)
    except Exception as error:  # noqa: BLE001  the alert is kept and logged; a group that can't be told changes nothing
        _log.warning("robot_silent", error=type(error).__name__)


def _id(code: str, subject: str) -> str:
    return f"{code}|{subject}"


def _pushed(what: str, now: datetime, by: By) -> dict[str, Any]:
    entry = {"at": now, "by": {"person_id": by.person_id, "role": by.role.value}, "what": what}
    return {"$push": {"timeline": {"$each": [entry], "$slice": -_KEPT}}}


def _alert(row: Document) -> Alert:
    return Alert(
        row["_id"],
        row["code"],
        row["subject"],
        row["values"],
        row["open"],
        row["first_at"],
        row["last_at"],
        row["times"],
    )
