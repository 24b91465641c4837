"""How providers do: every handing over counted, as metrics of this process and, by the minute, for all together.

{_id: <provider>|<minute>, provider, minute, answers: {<answer>: n}, ms, slowest_ms, segments, fen}

What is counted here is for people who watch; the truth about a message is the message. A process that is killed takes
along what it counted since it last wrote it down.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from microwish.store.mongo import ASCENDING, Collection, Document, IndexModel, UpdateOne, ensure_indexes
from microwish.telemetry import counter, histogram
from microwish.when import Clock
from notify_service.channels.port import Fate, Receipt, Refusal

KEPT_SECONDS = 8 * 24 * 3600
SMS_ALONE = 70
SMS_PART = 67

_counted = counter("handed_over", "Messages handed to a provider, by what it said", ("provider", "outcome"))
_seconds = histogram("handed_over_seconds", "Time until a provider answered", ("provider",))
_segments = counter("message_segments", "Parts of messages that a provider accepted, as it bills them", ("provider",))
_fen = counter("message_fen", "What accepted messages cost by the prices set, in fen", ("provider",))


class Answer(StrEnum):
    """What came of handing one message over."""

    ACCEPTED = "accepted"
    PERSON = "person"
    """Refused because of the person: no fault of the provider or of ours."""
    LATER = "later"
    QUOTA = "quota"
    CONFIGURATION = "configuration"
    REFUSED = "refused"
    LOST = "lost"
    """No answer: nobody knows."""


def answer_of(receipt: Receipt | None) -> Answer:
    """What a provider's answer counts as; None: it gave none."""
    if receipt is None:
        return Answer.LOST
    if receipt.fate is not Fate.REFUSED:
        return Answer.ACCEPTED
    if receipt.refusal in (Refusal.PERSON, Refusal.OPTED_OUT):
        return Answer.PERSON
    return Answer(receipt.refusal.value) if receipt.refusal else Answer.REFUSED


def segments_of(text: str) -> int:
    """Parts that carriers make of an SMS, and bill: one up to 70 characters, then 67 in each."""
    return 1 if len(text) <= SMS_ALONE else -(-len(text) // SMS_PART)


@dataclass(frozen=True)
class Figure:
    """One provider over some time. seconds: of all answers together; slowest: of one; fen: what was accepted cost."""

    provider: str
    answers: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    slowest: float = 0.0
    segments: int = 0
    fen: float = 0.0

    @property
    def attempts(self) -> int:
        """How many were handed over."""
        return sum(self.answers.values())

    @property
    def judged(self) -> int:
        """Those that say something about the provider: all but what was refused because of the person."""
        return self.attempts - self.answers.get(Answer.PERSON, 0)

    @property
    def success_rate(self) -> float | None:
        """The part of them that it accepted, 0 to 1; None where there is nothing to judge."""
        return self.answers.get(Answer.ACCEPTED, 0) / self.judged if self.judged else None

    @property
    def mean_seconds(self) -> float:
        """The mean time until an answer."""
        return self.seconds / self.attempts if self.attempts else 0.0


@dataclass
class _Minute:
    answers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    ms: int = 0
    slowest_ms: int = 0
    segments: int = 0
    fen: float = 0.0


class Figures:
    """The collection `figures`, and the metrics. prices: fen per segment that a provider accepts."""

    def __init__(self, rows: Collection, clock: Clock, *, prices: Mapping[str, float]) -> None:
        self._rows = rows
        self._clock = clock
        self._prices = dict(prices)
        self._unwritten: dict[tuple[str, datetime], _Minute] = defaultdict(_Minute)

    async def ensure_indexes(self) -> None:
        """Found by time, and gone after eight days."""
        await ensure_indexes(
            self._rows, [IndexModel([("minute", ASCENDING)], name="minute", expireAfterSeconds=KEPT_SECONDS)]
        )

    def handed_over(self, provider: str, outcome: str, seconds: float, *, segments: int = 1) -> None:
        """Count one handing over; it is written down soon. outcome: one of `Answer`."""
        _counted.labels(provider, outcome).inc()
        _seconds.labels(provider).observe(seconds)
        minute = self._unwritten[provider, self._clock().replace(second=0, microsecond=0)]
        minute.answers[str(outcome)] += 1
        minute.ms += round(seconds * 1000)
        minute.slowest_ms = max(minute.slowest_ms, round(seconds * 1000))
        if outcome != Answer.ACCEPTED:
            return
        fen = self._prices.get(provider, 0.0) * segments
        minute.segments += segments
        minute.fen += fen
        _segments.labels(provider).inc(segments)
        _fen.labels(provider).inc(fen)

    async def write_down(self) -> None:
        """Add what this process has counted to what all have; what an outage keeps back is added later."""
        if not self._unwritten:
            return
        counted, self._unwritten = self._unwritten, defaultdict(_Minute)
        try:
            await self._rows.bulk_write([_added(*key, minute) for key, minute in counted.items()], ordered=False)
        except BaseException:
            for key, minute in counted.items():
                _merge(self._unwritten[key], minute)
            raise

    async def since(self, moment: datetime) -> list[Figure]:
        """Every provider that was handed something since then, by name."""
        found: dict[str, _Minute] = defaultdict(_Minute)
        # At most one row per provider and minute, for eight days.
        async for row in self._rows.find({"minute": {"$gte": moment.replace(second=0, microsecond=0)}}):
            _merge(found[row["provider"]], _minute(row))
        return [
            Figure(
                provider, dict(all_.answers), all_.ms / 1000, all_.slowest_ms / 1000, all_.segments, round(all_.fen, 2)
            )
            for provider, all_ in sorted(found.items())
        ]


def _added(provider: str, minute: datetime, counted: _Minute) -> UpdateOne:
    more: Document = {f"answers.{answer}": count for answer, count in counted.answers.items()}
    more |= {"ms": counted.ms, "segments": counted.segments, "fen": counted.fen}
    change = {
        "$inc": more,
        "$max": {"slowest_ms": counted.slowest_ms},
        "$setOnInsert": {"provider": provider, "minute": minute},
    }
    return UpdateOne({"_id": f"{provider}|{minute.isoformat()}"}, change, upsert=True)


def _minute(row: Document) -> _Minute:
    return _Minute(row["answers"], row["ms"], row["slowest_ms"], row["segments"], row["fen"])


def _merge(into: _Minute, other: _Minute) -> None:
    for answer, count in other.answers.items():
        into.answers[answer] += count
    into.ms += other.ms
    into.slowest_ms = max(into.slowest_ms, other.slowest_ms)
    into.segments += other.segments
    into.fen += other.fen
