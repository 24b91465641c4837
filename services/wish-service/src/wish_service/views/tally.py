"""What one cell of the statistics holds, and how cells add up. Pure arithmetic.

Counts add, organisations are sets of ids (one that took part in two months counts once in their sum), and durations
are kept as how often each number of tenths of a day occurred, so that the median of a sum is exact.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Self

COUNTS = ("posted", "claimed", "confirmed", "fulfilled")
SPANS = {
    "to_claim": ("posted", "claimed"),
    "to_confirm": ("claimed", "confirmed"),
    "from_posted_to_confirm": ("posted", "confirmed"),
}
"""Durations by their names: from which moment to which. They count in the month of the latter."""

_TENTH_SECONDS = 8_640.0


@dataclass
class Tally:
    """Wishes posted, claimed, with a confirmed delivery, fulfilled; who took part; how long it took."""

    counts: Counter[str] = field(default_factory=Counter)
    organisations: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    spans: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in SPANS})

    def add_fact(self, counts: Mapping[str, Any], month: str) -> None:
        """Count what happened to one wish in a month; `counts` as in a row of the facts."""
        months, moments = counts["months"], counts["moments"]
        for name in COUNTS:
            if months[name] == month:
                self.counts[name] += 1
        for name, (start, end) in SPANS.items():
            if months[end] == month and moments[start] is not None:
                self.spans[name][tenths(moments[start], moments[end])] += 1
        for holder in counts["holders"]:
            if holder["month"] == month:
                self.organisations[holder["kind"]].add(holder["id"])

    def add(self, other: Self) -> None:
        """Take in what another cell holds."""
        self.counts.update(other.counts)
        for kind, ids in other.organisations.items():
            self.organisations[kind] |= ids
        for name, span in other.spans.items():
            self.spans[name].update(span)

    @property
    def empty(self) -> bool:
        """Whether nothing was counted."""
        return not any(self.counts.values()) and not any(self.organisations.values())

    def row(self) -> dict[str, Any]:
        """The figures as answers show them; days to a tenth, null where nothing was counted."""
        return {
            **{name: self.counts[name] for name in COUNTS},
            "organisations": {kind: len(ids) for kind, ids in sorted(self.organisations.items()) if ids},
            **{f"median_days_{name}": _median(span) for name, span in self.spans.items()},
        }

    def to_document(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "counts": dict(self.counts),
            "organisations": {kind: sorted(ids) for kind, ids in self.organisations.items()},
            "spans": {name: sorted(span.items()) for name, span in self.spans.items()},
        }

    @classmethod
    def from_document(cls, kept: Mapping[str, Any]) -> Self:
        """The tally that was kept."""
        tally = cls(counts=Counter(kept["counts"]))
        for kind, ids in kept["organisations"].items():
            tally.organisations[kind] = set(ids)
        for name, span in kept["spans"].items():
            tally.spans[name] = Counter(dict(span))
        return tally


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    together = Tally()
    for one in tallies:
        together.add(one)
    return together


def tenths(start: datetime, end: datetime) -> int:
    """The duration in tenths of a day. Clocks of two services may differ: what ends before it began took none."""
    return max(0, round((end - start).total_seconds() / _TENTH_SECONDS))


def _median(span: Counter[int]) -> float | None:
    return round(median(sorted(span.elements())) / 10, 1) if span else None
