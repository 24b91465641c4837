"""Taking people out of what is kept of wishes: the words about a resident, the name of a handler, a mobile.

`claims` gets {words_gone_at} when its resident is forgotten, so that what is written later keeps no words either.
"""

from collections.abc import Callable
from typing import Final

from adoption_service.store.claims import ClaimsStore
from adoption_service.store.wordless import adoption_without_words, line_without_words
from microwish.events import Source
from microwish.messaging.backbone import Backbone
from microwish.privacy.phones import is_mobile
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.aggregate import Change
from microwish.store.mongo import Document
from microwish.store.refusals import NotFound
from microwish.when import When

GONE: Final = "（已注销）"
"""What stands for the name of a handler who asked to be forgotten."""
_WRITTEN: Final = ("reason", "note", "thanks")
_NAMES: Final = ("handler_name", "reader_name")
Edit = Callable[[Document], Document]


class Forgetting:
    """Guarantee: every step may be repeated, and by several processes at once; what was done before changes nothing."""

    def __init__(self, claims: ClaimsStore, backbone: Backbone, sealer: Sealer) -> None:
        self._claims = claims
        self._backbone = backbone
        self._sealer = sealer

    async def words(self, wish_id: str, *, when: When) -> bool:
        """Take out of one wish what anybody wrote about it. False: some of it is still to be published."""

        def emptied(document: Document) -> Change | None:
            lines = [line_without_words(one) for one in document["timeline"]]
            parts = {name: [adoption_without_words(one) for one in document[name]] for name in ("adoptions", "ended")}
            same = lines == document["timeline"] and all(parts[name] == document[name] for name in parts)
            if same and "words_gone_at" in document:
                return None
            return Change({**parts, "timeline": lines, "words_gone_at": document.get("words_gone_at", when.at)})

        try:
            document = await self._claims.aggregates.change(wish_id, emptied, when=when)
        except NotFound:
            return True
        await self._past({"wish_id": wish_id}, adoption_without_words)
        if document["outbox"] or document["ended"]:
            return False
        nothing = self._sealer.seal("", about=f"wish:{wish_id}")

        def reworded(data: Document) -> Document:
            return {**data, **{name: nothing for name in _WRITTEN if data.get(name)}}

        await self._backbone.journal.reword(Source.CLAIMS.value, wish_id, reworded)
        for parking in self._backbone.parking:
            for source in (Source.WISH, Source.CLAIMS):
                await parking.reword(source.value, wish_id, reworded)
        return True

    async def name(self, person_id: str, *, when: When) -> bool:
        """Take the name of a handler out of every adoption and of what was published. False: some waits to be sent."""

        def edit(wish_id: str) -> Edit:
            return lambda stored: self._unnamed(stored, f"wish:{wish_id}", person_id)

        return await self._everywhere("handler_id", "handler_id", person_id, edit, when)

    async def office(self, organisation_id: str, current: str, *, when: When) -> bool:
        """Take mobiles that the organisation could be called at before out of its adoptions and of what was published.

        current: the phone that residents may call now. False: some waits to be sent.
        """

        def edit(wish_id: str) -> Edit:
            return lambda stored: self._uncalled(stored, f"wish:{wish_id}", organisation_id, current)

        return await self._everywhere("organisation.id", "organisation_id", organisation_id, edit, when)

    async def _everywhere(
        self, held_by: str, told_by: str, value: str, edit: Callable[[str], Edit], when: When
    ) -> bool:
        """Edit the adoptions and events that say this, each in its own wish; whether all had been published."""
        journal, claims = self._backbone.journal, self._claims
        ending = {"ended_since": {"$exists": True}, f"ended.{held_by}": value}
        held = claims.collection.find({"$or": [{f"adoptions.{held_by}": value}, ending]}, {"_id": 1})
        wishes = [row["_id"] async for row in held]
        for wish_id in wishes:
            await claims.aggregates.change(wish_id, _edited(edit(wish_id)), when=when)
        async for row in claims.ended.find({held_by: value}, {"wish_id": 1}):
            await self._past({"_id": row["_id"]}, edit(row["wish_id"]))
        told = await journal.subjects(Source.CLAIMS.value, told_by, value)
        for wish_id in told:
            await journal.reword(Source.CLAIMS.value, wish_id, edit(wish_id))
        unsent = {"_id": {"$in": [*wishes, *told]}, "outbox.0": {"$exists": True}}
        return await claims.collection.find_one(unsent, {"_id": 1}) is None

    def _unnamed(self, stored: Document, about: str, person_id: str) -> Document:
        """An adoption, or an event of one, without the name of this handler."""
        if stored.get("handler_id") != person_id:
            return stored
        named = [name for name in _NAMES if stored.get(name) and self._opened(stored[name], about) != GONE]
        return {**stored, **{name: self._sealer.seal(GONE, about=about) for name in named}}

    def _uncalled(self, stored: Document, about: str, organisation_id: str, current: str) -> Document:
        """An adoption of this organisation, or an event of one, without a mobile that is not its own any more."""
        whose = stored.get("organisation_id") or stored.get("organisation", {}).get("id")
        phone = self._opened(stored.get("office_phone", ""), about)
        if whose != organisation_id or not is_mobile(phone) or phone == current:
            return stored
        return {**stored, "office_phone": self._sealer.seal("", about=about)}

    def _opened(self, sealed: str, about: str) -> str:
        try:
            return self._sealer.open(sealed, about=about)
        except CannotOpen:
            return ""

    async def _past(self, which: Document, edit: Edit) -> None:
        async for row in self._claims.ended.find(which):
            changed = edit(row)
            if changed != row:
                await self._claims.ended.replace_one({"_id": row["_id"]}, changed)


def _edited(edit: Edit) -> Callable[[Document], Change | None]:
    def change(document: Document) -> Change | None:
        parts = {name: [edit(one) for one in document[name]] for name in ("adoptions", "ended")}
        return Change(parts) if any(parts[name] != document[name] for name in parts) else None

    return change
