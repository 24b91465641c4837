"""Reports of providers that came before the reference which they name was written.

{_id: <provider>|<reference>|<fate>, provider, reference, fate, cause?, refusal?, at}
"""

from dataclasses import dataclass
from datetime import datetime

from microwish.store.mongo import ASCENDING, Collection, Document, DuplicateKeyError, IndexModel, ensure_indexes
from notify_service.channels.port import Fate, Receipt, Refusal, Report


@dataclass(frozen=True)
class EarlyReport:
    """One, and when it came."""

    id: str
    report: Report
    at: datetime


class EarlyReports:
    """The collection `early_reports`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """Oldest first."""
        await ensure_indexes(self._rows, [IndexModel([("at", ASCENDING)], name="oldest")])

    async def keep(self, report: Report, *, now: datetime) -> None:
        """Look at it again later; a second time changes nothing."""
        said = report.receipt
        row: Document = {
            "_id": f"{report.provider}|{report.reference}|{said.fate.value}",
            "provider": report.provider,
            "reference": report.reference,
            "fate": said.fate.value,
            "cause": said.cause,
            "refusal": said.refusal.value if said.refusal else None,
            "at": now,
        }
        try:
            await self._rows.insert_one(row)
        except DuplicateKeyError:
            return

    async def oldest(self, *, limit: int) -> list[EarlyReport]:
        """Those that have waited longest."""
        return [_early(row) async for row in self._rows.find().sort("at", ASCENDING).limit(limit)]

    async def done(self, id: str) -> None:
        """It has been told, or given up."""
        await self._rows.delete_one({"_id": id})


def _early(row: Document) -> EarlyReport:
    refusal = Refusal(row["refusal"]) if row["refusal"] else None
    receipt = Receipt(Fate(row["fate"]), row["cause"], refusal)
    return EarlyReport(row["_id"], Report(row["provider"], receipt, reference=row["reference"]), row["at"])
