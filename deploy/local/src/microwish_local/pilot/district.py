"""The sample district as it stands in `data/pilot/*.csv`: typed rows, checked against each other.

Ages are days before the load; a larger number is an earlier moment.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from microwish.privacy.phones import is_mobile, normalise_phone

Row = Mapping[str, str]
Item = TypeVar("Item")
Poster = Literal["self", "staff"]


class BadSample(ValueError):
    """The files are not a whole district. The message names file, line and fault."""


@dataclass(frozen=True)
class Resident:
    """Somebody with a wish; only a mobile can sign in."""

    ref: str
    name: str
    phone: str
    address: str

    @property
    def signs_in(self) -> bool:
        """Whether a code can reach them."""
        return is_mobile(self.phone)


@dataclass(frozen=True)
class Staff:
    """A community worker; communities are division-code prefixes."""

    ref: str
    name: str
    phone: str
    communities: tuple[str, ...]


@dataclass(frozen=True)
class Organisation:
    """Who claims. The contact signs in with their own mobile; residents are shown the office phone."""

    ref: str
    name: str
    kind: str
    uscc: str | None
    branch_id: str | None
    scope: str | None
    contact_name: str
    contact_phone: str
    office_phone: str
    registered: float


@dataclass(frozen=True)
class Adoption:
    """One organisation's hold of one wish, with what came of it."""

    wish: str
    organisation: str
    claimed: float
    progress_note: str | None
    progressed: float | None
    delivered: float | None
    delivery_note: str | None
    confirmed: float | None
    thanks: str | None
    confirmed_by: Poster
    confirm_note: str | None


@dataclass(frozen=True)
class Wish:
    """One wish and where it stands in the end."""

    ref: str
    community: str
    category: str
    title: str
    detail: str
    public_title: str
    public_detail: str
    slots: int
    estimated_value_fen: int | None
    resident: str
    posted_by: Poster
    submitted: float
    reviewed: float | None
    ended: float | None
    state: str
    reason: str | None


@dataclass(frozen=True)
class District:
    """The whole sample; people and organisations by their refs."""

    residents: Mapping[str, Resident]
    staff: tuple[Staff, ...]
    organisations: Mapping[str, Organisation]
    wishes: tuple[Wish, ...]
    adoptions: Mapping[str, tuple[Adoption, ...]]

    def staff_of(self, code: str, number: int) -> Staff | None:
        """Who looks after a division, the closest first; `number` shares the work among equals. None: nobody does."""
        near = [(len(prefix), one) for one in self.staff for prefix in one.communities if code.startswith(prefix)]
        if not near:
            return None
        closest = max(length for length, _ in near)
        equals = [one for length, one in near if length == closest]
        return equals[number % len(equals)]


def read_district(directory: Path) -> District:
    """Read the five files. Raises: BadSample, OSError."""
    residents = _read(directory / "residents.csv", _resident)
    organisations = _read(directory / "organisations.csv", _organisation)
    wishes = _read(directory / "wishes.csv", _wish)
    adoptions: dict[str, list[Adoption]] = {}
    for adoption in _read(directory / "adoptions.csv", _adoption):
        adoptions.setdefault(adoption.wish, []).append(adoption)
    district = District(
        residents={one.ref: one for one in residents},
        staff=tuple(_read(directory / "staff.csv", _staff)),
        organisations={one.ref: one for one in organisations},
        wishes=tuple(wishes),
        adoptions={wish: tuple(found) for wish, found in adoptions.items()},
    )
    _check(district)
    return district


def _check(district: District) -> None:
    """Every ref leads somewhere. Raises: BadSample."""
    known = {wish.ref for wish in district.wishes}
    for wish in district.wishes:
        if wish.resident not in district.residents:
            raise BadSample(f"wishes.csv: {wish.ref} is of {wish.resident}, who is not in residents.csv")
    for ref, adoptions in district.adoptions.items():
        if ref not in known:
            raise BadSample(f"adoptions.csv: {ref} is not in wishes.csv")
        for adoption in adoptions:
            if adoption.organisation not in district.organisations:
                raise BadSample(f"adoptions.csv: {adoption.organisation} is not in organisations.csv")


def _read(path: Path, read_row: Callable[[Row], Item]) -> list[Item]:
    items = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                items.append(read_row(row))
            except (KeyError, ValueError, TypeError, AttributeError) as fault:
                raise BadSample(f"{path.name}, line {number}: {type(fault).__name__} {fault}") from fault
    return items


def _resident(row: Row) -> Resident:
    return Resident(row["ref"], row["name"], normalise_phone(row["phone"]), row["address"])


def _staff(row: Row) -> Staff:
    communities = tuple(code.strip() for code in row["communities"].split(";") if code.strip())
    return Staff(row["ref"], row["name"], normalise_phone(row["phone"]), communities)


def _organisation(row: Row) -> Organisation:
    return Organisation(
        ref=row["ref"],
        name=row["name"],
        kind=row["kind"],
        uscc=_text(row["uscc"]),
        branch_id=_text(row["branch_id"]),
        scope=_text(row["scope"]),
        contact_name=row["contact_name"],
        contact_phone=normalise_phone(row["contact_phone"]),
        office_phone=row["office_phone"],
        registered=float(row["registered_days_ago"]),
    )


def _adoption(row: Row) -> Adoption:
    return Adoption(
        wish=row["wish"],
        organisation=row["organisation"],
        claimed=float(row["claimed_days_ago"]),
        progress_note=_text(row["progress_note"]),
        progressed=_days(row["progress_days_ago"]),
        delivered=_days(row["delivered_days_ago"]),
        delivery_note=_text(row["delivery_note"]),
        confirmed=_days(row["confirmed_days_ago"]),
        thanks=_text(row["thanks"]),
        confirmed_by=_poster(row["confirmed_by"] or "self"),
        confirm_note=_text(row["confirm_note"]),
    )


def _wish(row: Row) -> Wish:
    value = _text(row["estimated_value_fen"])
    return Wish(
        ref=row["ref"],
        community=row["community"],
        category=row["category"],
        title=row["title"],
        detail=row["detail"],
        public_title=row["public_title"] or row["title"],
        public_detail=row["public_detail"] or row["detail"],
        slots=int(row["slots"] or 1),
        estimated_value_fen=int(value) if value else None,
        resident=row["resident"],
        posted_by=_poster(row["posted_by"]),
        submitted=float(row["submitted_days_ago"]),
        reviewed=_days(row["reviewed_days_ago"]),
        ended=_days(row["ended_days_ago"]),
        state=row["state"],
        reason=_text(row["reason"]),
    )


def _text(cell: str) -> str | None:
    return cell.strip() or None


def _days(cell: str) -> float | None:
    return float(cell) if cell.strip() else None


def _poster(cell: str) -> Poster:
    if cell == "self":
        return "self"
    if cell == "staff":
        return "staff"
    raise ValueError(f"{cell!r} is neither self nor staff")
