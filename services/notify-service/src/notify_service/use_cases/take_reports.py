"""What providers say later, by callback: each word once in effect, in whatever order words come."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from microwish.logs import get_logger
from microwish.telemetry import counter
from microwish.when import Clock
from notify_service.channels.port import Fate, Report
from notify_service.store.early_reports import EarlyReports
from notify_service.store.messages import Messages
from notify_service.use_cases.record import Record

_AT_A_TIME = 200
_SAID = frozenset({Fate.ACCEPTED, Fate.DELIVERED, Fate.UNDELIVERED})
_reports = counter("reports", "Reports of providers, by what they said", ("provider", "said"))
_log = get_logger(__name__)


class TakeReports:
    """Reports go to the message whose last handing over they speak of; those of an earlier one change nothing.

    A report that names the provider's own reference may be here before that reference is written: it is kept and
    looked at again for as long as that may take.
    """

    def __init__(
        self,
        messages: Messages,
        early: EarlyReports,
        record: Record,
        wake: Callable[[str], None],
        clock: Clock,
        *,
        keep_seconds: float,
    ) -> None:
        self._messages = messages
        self._early = early
        self._record = record
        self._wake = wake
        self._clock = clock
        self._keep = timedelta(seconds=keep_seconds)

    async def __call__(self, reports: Sequence[Report]) -> None:
        """Take them; unknown ones are counted and dropped. Raises: a store outage, after which all may come again."""
        await asyncio.gather(*(self._take(report) for report in reports))

    async def early(self) -> None:
        """Look again at those that came before what they speak of was written."""
        now = self._clock()
        for report in await self._early.oldest(limit=_AT_A_TIME):
            if await self._told(report.report):
                await self._early.done(report.id)
            elif report.at + self._keep < now:
                await self._early.done(report.id)
                self._unknown(report.report)

    async def _take(self, report: Report) -> None:
        if report.receipt.fate not in _SAID or not (report.out_id or report.reference):
            self._unknown(report)
        elif await self._told(report):
            _reports.labels(report.provider, report.receipt.fate.value).inc()
        elif report.out_id is None:
            await self._early.keep(report, now=self._clock())
        else:
            self._unknown(report)

    async def _told(self, report: Report) -> bool:
        """Whether there is a message that it speaks of; if so it has been told."""
        found = await self._messages.of_out(out_id=report.out_id, provider=report.provider, reference=report.reference)
        if found is None or found["out"]["provider"] != report.provider:
            return False
        if await self._record(found, report.receipt):
            self._wake(found["_id"])
        return True

    def _unknown(self, report: Report) -> None:
        _reports.labels(report.provider, "unknown").inc()
        _log.info("report_dropped", provider=report.provider)
