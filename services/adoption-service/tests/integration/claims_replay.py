"""What the events of one wish's claims say, told one after the other: who holds it, who waits, who was offered a slot.

Each event is held against what was so before it: a claim against free slots, offers and the waiting list.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

HOLDS_NO_MORE = {"AdoptionReleased": "released", "AdoptionLapsed": "lapsed", "AdoptionRevoked": "revoked"}
BY_THE_WISH = ("DeliveryConfirmed", "DeliveryDisputed")
"""Lines of the timeline that tell of events of the wish, which stand in another stream."""


@dataclass
class Told:
    """The state after the events so far."""

    slots: int
    held: dict[str, str] = field(default_factory=dict)
    """Adoptions that hold a slot, and the organisation of each."""
    ended: dict[str, str] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    offers: dict[str, datetime] = field(default_factory=dict)

    def take(self, entry: dict[str, Any]) -> None:
        """The next event."""
        name, data, at = entry["type"].split(".")[1], entry["data"], entry["time"]
        if name == "WishAdopted":
            self._adopted(data, at)
        elif name in HOLDS_NO_MORE:
            del self.held[data["adoption_id"]]
            self.ended[data["adoption_id"]] = HOLDS_NO_MORE[name]
        elif name == "AdoptionExtended":
            self.due[data["adoption_id"]] = datetime.fromisoformat(data["due_at"])
        elif name == "SlotOffered":
            self.offers[data["organisation_id"]] = datetime.fromisoformat(data["until"])
            assert len(self.held) + self._live(at) <= self.slots, "more is promised than there is"
        elif name == "OfferEnded":
            self.offers.pop(data["organisation_id"], None)
        elif name == "QueueChanged":
            self.queue = list(data["organisation_ids"])

    def _adopted(self, data: dict[str, Any], at: datetime) -> None:
        who = data["organisation_id"]
        ahead = self.queue.index(who) if who in self.queue else len(self.queue)
        own_offer = who in self.offers and self.offers[who] > at
        assert who not in self.held.values(), "one organisation holds the wish twice"
        assert len(self.held) < self.slots, "more hold it than there are slots"
        assert own_offer or len(self.held) + self._live(at) + ahead < self.slots, "a stranger took what others wait for"
        self.held[data["adoption_id"]] = who
        self.due[data["adoption_id"]] = datetime.fromisoformat(data["due_at"])
        self.queue = [one for one in self.queue if one != who]
        self.offers.pop(who, None)

    def _live(self, at: datetime) -> int:
        return sum(until > at for until in self.offers.values())


def check(document: dict[str, Any], now: datetime) -> None:
    """Invariants 1, 2 and 5 of a claims document of which no event has left its outbox yet."""
    held, outbox = document["adoptions"], document["outbox"]
    live = [offer for offer in document["offers"] if offer["until"] > now]
    assert len(held) + len(live) <= document["slots"], "invariant 1: more than its slots"
    assert len({one["organisation"]["id"] for one in held}) == len(held), "invariant 2: one organisation twice"
    assert [one["version"] for one in outbox] == list(range(1, document["streamversion"] + 1)), "invariant 5: a gap"
    told = Told(document["slots"])
    for entry in outbox:
        told.take(entry)
    assert told.held == {one["id"]: one["organisation"]["id"] for one in held}
    assert told.ended == {one["id"]: one["state"] for one in document["ended"]}
    assert told.queue == document["queue"] or document["state"] == "closed"
    assert {who: until for who, until in told.offers.items() if until > now} == {
        one["organisation_id"]: one["until"] for one in live
    }
    for one in (*held, *document["ended"]):
        _check_adoption(one, document, told)


def _check_adoption(adoption: dict[str, Any], document: dict[str, Any], told: Told) -> None:
    """Its events and its lines in the timeline tell the same, in the same order, and lead to its state."""
    lines = [line["what"] for line in document["timeline"] if line.get("adoption_id") == adoption["id"]]
    own = [one for one in document["outbox"] if one["data"].get("adoption_id") == adoption["id"]]
    assert [one["type"].split(".")[1] for one in own] == [line for line in lines if line not in BY_THE_WISH]
    assert told.due[adoption["id"]] == adoption["due_at"]
    state = "active"
    for line in lines:
        if line == "DeliveryReported":
            assert state == "active", "delivered from where it can't be"
        if line == "DeliveryDisputed":
            assert state == "delivered", "disputed what was not delivered"
        leads_to = {**HOLDS_NO_MORE, "DeliveryReported": "delivered", "DeliveryConfirmed": "confirmed"}
        state = leads_to.get(line, "active" if line == "DeliveryDisputed" else state)
    assert adoption["state"] == state
