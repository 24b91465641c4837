"""Lives of wishes as events, and their statistics counted by hand: what tests compare the cells with."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from microwish.events import Actor, Category, Community, Envelope, Event, Role
from microwish.events.adoption import AdoptionReleased, OrganisationKind, OrganisationRef, PartnersChanged, WishAdopted
from microwish.events.wish import DeliveryConfirmed, WishFulfilled, WishMoved, WishPosted, WishSubmitted, WishTakenDown

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 30, tzinfo=UTC)
BY = Actor(role=Role.SYSTEM)
SEALED = "v1.k1." + "A" * 40
COMMUNITIES = ("310117001001", "310117001002", "310117005001", "310118001001")
KINDS = (OrganisationKind.PARTY_ORGANISATION, OrganisationKind.RESIDENT_UNIT)
TENTH = 8640.0


@dataclass(frozen=True)
class Claim:
    """An adoption: by which organisation, when, and whether it was confirmed, released, or still stands.

    partner: who joined it a little later; left: whether that one went again.
    """

    organisation: int
    after_hours: int
    fate: str
    fate_after_hours: int
    partner: int | None = None
    left: bool = False


@dataclass(frozen=True)
class Life:
    """What becomes of one wish. moved_to: its community goes on under another code."""

    id: str
    community: str
    category: Category
    posted_hour: int
    campaign: str | None = None
    claims: tuple[Claim, ...] = ()
    end: str = "open"
    end_after_hours: int = 0
    moved_to: str | None = None

    @property
    def posted_at(self) -> datetime:
        return START + timedelta(hours=self.posted_hour)

    def streams(self) -> list[list[Envelope]]:
        """The events of the wish and those of its claims, each in order."""
        return [_numbered(self._own()), _numbered(self._of_claims())]

    def _own(self) -> list[tuple[Event, datetime]]:
        about = {"wish_id": self.id, "community": self.community, "by": BY}
        place = Community(code=self.community, name="社区")
        told: list[tuple[Event, datetime]] = [
            (WishSubmitted(**about, category=self.category), self.posted_at - timedelta(hours=9)),
            (
                WishPosted(
                    **about,
                    place=place,
                    category=self.category,
                    title="想要",
                    detail="",
                    slots=3,
                    campaign_id=self.campaign,
                ),
                self.posted_at,
            ),
        ]
        for number, claim in enumerate(self.claims):
            if claim.fate == "confirmed":
                confirmed = DeliveryConfirmed(
                    **about, adoption_id=self._adoption(number), organisation_id=f"o{claim.organisation}"
                )
                told.append((confirmed, self._fate_at(claim)))
        if self.end == "fulfilled":
            told.append((WishFulfilled(**about, adoption_ids=["a"], slots=3), self.ended_at))
        if self.end == "taken_down":
            told.append((WishTakenDown(**about, reason=SEALED), self.ended_at))
        if self.moved_to:
            moved = {**about, "community": self.moved_to}
            place = Community(code=self.moved_to, name="新社区")
            told.append((WishMoved(**moved, place=place, moved_from=self.community), self.ended_at))
        return told

    def _of_claims(self) -> list[tuple[Event, datetime]]:
        told: list[tuple[Event, datetime]] = []
        for number, claim in enumerate(self.claims):
            about = {
                "wish_id": self.id,
                "by": BY,
                "adoption_id": self._adoption(number),
                "organisation_id": f"o{claim.organisation}",
            }
            who = OrganisationRef(id=f"o{claim.organisation}", name="单位", kind=KINDS[claim.organisation % 2])
            sealed = {"handler_name": SEALED, "office_phone": SEALED, "door_code": SEALED}
            at = self._claimed_at(claim)
            told.append((WishAdopted(**about, organisation=who, **sealed, claimed_at=at, due_at=at), at))
            if claim.partner is not None:
                joined = OrganisationRef(id=f"o{claim.partner}", name="单位", kind=KINDS[claim.partner % 2])
                told.append((PartnersChanged(**about, partners=[], asked_ids=[joined.id]), at))
                told.append((PartnersChanged(**about, partners=[joined]), at))
                if claim.left:
                    told.append((PartnersChanged(**about, partners=[]), at))
            if claim.fate == "released":
                told.append((AdoptionReleased(**about), self._fate_at(claim)))
        return told

    @property
    def ended_at(self) -> datetime:
        return self.posted_at + timedelta(hours=self.end_after_hours)

    def _adoption(self, number: int) -> str:
        return f"{self.id}-{number}"

    def _claimed_at(self, claim: Claim) -> datetime:
        return self.posted_at + timedelta(hours=claim.after_hours)

    def _fate_at(self, claim: Claim) -> datetime:
        return self._claimed_at(claim) + timedelta(hours=claim.fate_after_hours)

    def moments(self) -> dict[str, datetime | None]:
        """When it was posted, first claimed by who still holds it, first confirmed, fulfilled."""
        held = [self._claimed_at(claim) for claim in self.claims if claim.fate != "released"]
        confirmed = [self._fate_at(claim) for claim in self.claims if claim.fate == "confirmed"]
        return {
            "posted": self.posted_at,
            "claimed": min(held, default=None),
            "confirmed": min(confirmed, default=None),
            "fulfilled": self.ended_at if self.end == "fulfilled" else None,
        }

    def holders(self) -> list[tuple[str, str, datetime]]:
        """(kind, organisation, when) of what still stands."""
        return [
            (KINDS[one % 2].value, f"o{one}", self._claimed_at(claim))
            for claim in self.claims
            if claim.fate != "released"
            for one in (claim.organisation, *([] if claim.left or claim.partner is None else [claim.partner]))
        ]


def _numbered(told: list[tuple[Event, datetime]]) -> list[Envelope]:
    return [
        Envelope.of(event, id=f"{event.subject_id}-{version}", version=version, time=at)
        for version, (event, at) in enumerate(told, 1)
    ]


CLAIMS = st.builds(
    Claim,
    organisation=st.integers(0, 4),
    after_hours=st.integers(0, 900),
    fate=st.sampled_from(("active", "confirmed", "released")),
    fate_after_hours=st.integers(0, 900),
    partner=st.none() | st.integers(0, 4),
    left=st.booleans(),
)
LIVES = st.lists(
    st.builds(
        Life,
        id=st.uuids().map(str),
        community=st.sampled_from(COMMUNITIES),
        category=st.sampled_from((Category.GOODS, Category.MEDICAL, Category.REPAIR)),
        posted_hour=st.integers(0, 1200),
        campaign=st.sampled_from((None, "c1", "c2")),
        claims=st.lists(CLAIMS, max_size=3).map(tuple),
        end=st.sampled_from(("open", "fulfilled", "taken_down")),
        end_after_hours=st.integers(0, 2000),
        moved_to=st.sampled_from((None, None, *COMMUNITIES[1:3])),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda life: life.id,
)


def by_hand(
    lives: list[Life], *, area: str = "", campaign: str | None = None, months: tuple[str, str] = ("0000-00", "9999-99")
) -> dict[str, Any]:
    """Totals, and the same by month, category and community, each counted from all lives anew."""
    chosen = [life for life in lives if _place(life).startswith(area) and campaign in {None, life.campaign}]

    def happened(life: Life) -> set[str]:
        times = [*life.moments().values(), *(at for _, _, at in life.holders())]
        return {_month(at) for at in times if at is not None and months[0] <= _month(at) <= months[1]}

    all_months = sorted({month for life in chosen for month in happened(life)})
    categories = sorted({life.category.value for life in chosen if happened(life)})
    places = sorted({_place(life) for life in chosen if happened(life)})
    return {
        "totals": _row(chosen, months),
        "months": [{"month": month, **_row(chosen, (month, month))} for month in all_months],
        "categories": [
            {"category": name, **_row([life for life in chosen if life.category.value == name], months)}
            for name in categories
        ],
        "communities": [
            {"code": code, **_row([life for life in chosen if _place(life) == code], months)} for code in places
        ],
    }


def _place(life: Life) -> str:
    return life.moved_to or life.community


def _month(at: datetime) -> str:
    day: date = at.astimezone(SHANGHAI).date()
    return day.isoformat()[:7]


def _row(lives: list[Life], months: tuple[str, str]) -> dict[str, Any]:
    def within(at: datetime | None) -> bool:
        return at is not None and months[0] <= _month(at) <= months[1]

    organisations: dict[str, set[str]] = defaultdict(set)
    days: dict[str, list[float]] = {"to_claim": [], "to_confirm": [], "from_posted_to_confirm": []}
    counts = dict.fromkeys(("posted", "claimed", "confirmed", "fulfilled"), 0)
    for life in lives:
        at = life.moments()
        for name in counts:
            counts[name] += within(at[name])
        for kind, organisation, claimed_at in life.holders():
            if within(claimed_at):
                organisations[kind].add(organisation)
        for name, start, end in (
            ("to_claim", at["posted"], at["claimed"]),
            ("to_confirm", at["claimed"], at["confirmed"]),
            ("from_posted_to_confirm", at["posted"], at["confirmed"]),
        ):
            if start is not None and end is not None and within(end):
                days[name].append(max(0, round((end - start).total_seconds() / TENTH)))
    return {
        **counts,
        "organisations": {kind: len(ids) for kind, ids in sorted(organisations.items())},
        **{f"median_days_{name}": round(median(some) / 10, 1) if some else None for name, some in days.items()},
    }
