"""What nobody finished is found again: after a crash, for another process, or because its time has come."""

from collections.abc import Callable
from datetime import timedelta

from microwish.when import Clock
from notify_service.domain.known import Waiting
from notify_service.domain.message import Cause, State
from notify_service.store.fanouts import Fanouts
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices
from notify_service.use_cases.assemble import Assemble
from notify_service.use_cases.merge_digests import MergeDigests
from notify_service.use_cases.prepare import Prepare
from notify_service.use_cases.release import Release
from notify_service.use_cases.send import Send
from notify_service.use_cases.take_reports import TakeReports

_AT_A_TIME = 500


class Sweep:
    """The safety net behind the lanes: everything here would also have happened at once, had nothing been lost.

    Only what is older than `rest_seconds` counts as left behind.
    """

    def __init__(
        self,
        fanouts: Fanouts,
        notices: Notices,
        *,
        assemble: Assemble,
        merge: MergeDigests,
        wake_fanout: Callable[[str], None],
        take_reports: TakeReports,
        clock: Clock,
        rest_seconds: float,
    ) -> None:
        self._fanouts = fanouts
        self._notices = notices
        self._assemble = assemble
        self._merge = merge
        self._wake_fanout = wake_fanout
        self._take_reports = take_reports
        self._clock = clock
        self._rest = timedelta(seconds=rest_seconds)

    async def __call__(self) -> None:
        """Look once."""
        left_behind = self._clock() - self._rest
        for fanout in await self._fanouts.since_before(left_behind, ["open"], limit=_AT_A_TIME):
            self._wake_fanout(fanout)
        for notice in await self._notices.undone_since_before(left_behind, limit=_AT_A_TIME):
            if notice["state"] == "taken":
                await self._merge.complete(notice["message_id"])
            else:
                await self._assemble([notice["_id"]])
        await self._take_reports.early()


class SweepWaiting:
    """Looks again at what waits, and gives up what has waited too long."""

    def __init__(
        self,
        fanouts: Fanouts,
        messages: Messages,
        *,
        prepare: Prepare,
        release: Release,
        send: Send,
        wake_fanout: Callable[[str], None],
        clock: Clock,
        wait_seconds: float,
    ) -> None:
        self._fanouts = fanouts
        self._messages = messages
        self._prepare = prepare
        self._release = release
        self._send = send
        self._wake_fanout = wake_fanout
        self._clock = clock
        self._wait = timedelta(seconds=wait_seconds)

    async def __call__(self) -> None:
        """Look once."""
        now = self._clock()
        for fanout in await self._fanouts.since_before(now - self._wait, ["awaiting"], limit=_AT_A_TIME):
            await self._fanouts.give_up(fanout, Cause.NO_AUDIENCE)
        for fanout in await self._fanouts.since_before(now, ["awaiting"], limit=_AT_A_TIME):
            self._wake_fanout(fanout)
        for message in await self._messages.since_before(State.AWAITING, now, limit=_AT_A_TIME):
            if message["give_up_at"] <= now:
                await self._send.give_up(message, Cause.NO_CONTACT.value)
            elif not isinstance(await self._prepare(message), Waiting):
                await self._release.message(message["_id"])
