"""A wish as a row of an exported table: with what staff may see at any time, without how to reach anybody."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from microwish.privacy.sealing import CannotOpen
from microwish.store.mongo import Document
from microwish.web.texts import Catalogue, Language
from wish_service.store.seals import Seals

Value = str | int | float | datetime | None
"""What a cell may hold; moments in the reader's zone, without it, as spreadsheets have them."""

COLUMNS: Final = (
    *("id", "status", "category", "community_code", "community", "title", "detail", "own_title", "own_detail"),
    *("public_name", "beneficiary", "on_behalf", "contact_name", "contact_phone", "contact_address"),
    *("slots", "held", "confirmed", "holders", "estimated_value"),
    *("submitted_at", "posted_at", "ended_at", "reason", "merged_into", "campaign"),
)
_HOLDING = frozenset({"active", "delivered", "confirmed"})
_REASONS = {
    "returned": "WishReturned",
    "rejected": "WishRejected",
    "withdrawn": "WishWithdrawn",
    "taken_down": "WishTakenDown",
    "closed": "WishClosed",
}


class ExportRows:
    """Opens what is sealed of a wish and says it in the reader's language.

    words: only wishes with all of them in their title or detail, the resident's or the public one, are wanted.
    campaigns: the names of all campaigns, by id.
    """

    def __init__(
        self,
        seals: Seals,
        catalogue: Catalogue,
        language: Language,
        zone: ZoneInfo,
        words: str | None = None,
        campaigns: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._campaigns = campaigns
        self._seals, self._catalogue, self._language, self._zone = seals, catalogue, language, zone
        self._words = words.casefold().split() if words else []

    def headings(self) -> list[str]:
        """The first row."""
        return [self._text(f"export.column.{name}") for name in COLUMNS]

    def rows(self, documents: Sequence[Document]) -> list[list[Value]]:
        """The wishes that are wanted."""
        return [row for document in documents if (row := self._row(document)) is not None]

    def _row(self, document: Document) -> list[Value] | None:
        own_title, own_detail = self._opened(document, "title"), self._opened(document, "detail")
        public_title, public_detail = document.get("public_title"), document.get("public_detail")
        texts = "\n".join(filter(None, (own_title, own_detail, public_title, public_detail))).casefold()
        if not all(word in texts for word in self._words):
            return None
        adoptions, contact = document.get("adoptions", []), document["contact"]
        holding = [one for one in adoptions if one["state"] in _HOLDING]
        value = document.get("estimated_value_fen")
        yes_or_no = "sheet.yes" if document["on_behalf"] else "sheet.no"
        return [
            *(document["_id"], self._text(f"status.{document['status']}")),
            *(self._text(f"category.{document['category']}"), document["community"]["code"]),
            *(document["community"]["name"], public_title, public_detail, own_title, own_detail),
            *(document.get("public_name"), self._opened(document, "beneficiary"), self._text(yes_or_no)),
            *(contact["name_masked"], contact["phone_masked"], contact["address_masked"]),
            *(document["slots"], len(holding), sum(one["state"] == "confirmed" for one in adoptions)),
            *("、".join(_names(holding)), None if value is None else value / 100),
            *(self._moment(document.get(name)) for name in ("submitted_at", "posted_at", "ended_at")),
            *(
                self._reason(document),
                document.get("merged_into"),
                self._campaigns.get(document.get("campaign_id") or ""),
            ),
        ]

    def _reason(self, document: Document) -> str | None:
        """Why it left the road, if it did."""
        telling = _REASONS.get(document["status"])
        lines = [line for line in document.get("timeline", []) if line["what"] == telling and line.get("why")]
        return self._open(document["_id"], lines[-1]["why"]) if lines else None

    def _opened(self, document: Document, name: str) -> str | None:
        return self._open(document["_id"], document.get(name))

    def _open(self, wish_id: str, sealed: str | None) -> str | None:
        try:
            return self._seals.of_wish(wish_id, sealed)
        except CannotOpen:
            # One damaged text must not keep a street from its other 99 999 wishes.
            return self._text("export.unreadable")

    def _moment(self, moment: datetime | None) -> datetime | None:
        return moment.astimezone(self._zone).replace(tzinfo=None, microsecond=0) if moment else None

    def _text(self, key: str) -> str:
        return self._catalogue.text(key, self._language)


def _names(holding: list[Document]) -> Iterator[str]:
    """Who holds each slot: the one that leads, then its partners."""
    for one in holding:
        yield one["organisation_name"] or ""
        yield from (partner["name"] for partner in one.get("partners", []))
