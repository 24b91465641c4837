"""Shapes of what those who run the service ask for and get: searches, resends, dead letters, alerts, providers."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from microwish.messaging.dead_letters import Letter
from notify_service.alerts import Alert
from notify_service.domain.message import State
from notify_service.figures import Figure
from notify_service.use_cases.providers_now import ProviderNow
from notify_service.use_cases.resend_many import AT_MOST
from notify_service.views.message_list import Wanted
from notify_service.web.schemas import Moment, rfc3339

Short = Annotated[str, Field(max_length=80)]


class Filter(BaseModel):
    """Which messages; what is left out is not asked."""

    model_config = ConfigDict(extra="forbid")

    wish_id: Short | None = None
    state: State | None = None
    person: Short | None = None
    provider: Short | None = None
    template: Short | None = None
    cause: Short | None = None

    def wanted(self, phone_index: str | None = None) -> Wanted:
        """As a question to the list."""
        states = [self.state] if self.state else []
        return Wanted(
            self.wish_id,
            states,
            self.person,
            phone_index,
            provider=self.provider,
            template=self.template,
            cause=self.cause,
        )


class SearchBody(Filter):
    """A search, also by phone."""

    phone: Annotated[str, Field(max_length=40)] | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Annotated[str, Field(max_length=400)] | None = None


class ResendBody(BaseModel):
    """These messages, or those that the filter finds; only counted unless `dry_run` is false."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Short] = Field(default_factory=list, max_length=AT_MOST)
    filter: Filter = Field(default_factory=Filter)
    dry_run: bool = True


class ResentOut(BaseModel):
    """asked: how many it concerns, at most 500; resent: are queued again, or settled; refused: the rest, by why."""

    dry_run: bool
    asked: int
    resent: int
    refused: dict[str, int]


class DropBody(BaseModel):
    """Why a dead letter is given up."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class LetterOut(BaseModel):
    """A dead letter: what could not be processed, by whom and why; never what it says or whom it concerns."""

    id: str
    group: str
    topic: str
    partition: int
    offset: int
    event_type: str | None = Field(description="Absent where the record is no event of this project.")
    version: int | None
    error: str
    state: Literal["waiting", "replayed", "dropped"]
    since: Moment
    last_at: Moment
    times: int
    reason: str | None = Field(default=None, description="Why it was dropped.")
    timeline: list[dict[str, object]]


class LettersOut(BaseModel):
    """A page of them, newest first, and how many wait altogether."""

    items: list[LetterOut]
    waiting: int
    next_cursor: str | None


class ReplayedOut(BaseModel):
    """What became of those that were tried again."""

    replayed: int
    failed: int


class AlertOut(BaseModel):
    """An alert."""

    id: str
    code: str
    subject: str
    values: dict[str, str]
    open: bool
    first_at: Moment
    last_at: Moment
    times: int


class FigureOut(BaseModel):
    """One provider over some time; latency in seconds, cost in fen."""

    provider: str
    attempts: int
    success_rate: float | None
    answers: dict[str, int]
    mean_seconds: float
    slowest_seconds: float
    segments: int
    fen: float


class ProviderOut(BaseModel):
    """How a provider is now, and how it did. arrivals: messages of the last day by state (of the newest 20 000)."""

    provider: str
    channels: list[str]
    paused_until: Moment | None
    why: str | None
    breaker: str = Field(description="closed, half_open, or open: it does not answer.")
    rate: float | None = Field(description="Messages a second, all replicas together; absent: no limit.")
    hour: FigureOut | None
    day: FigureOut | None
    arrivals: dict[str, int]


class ProvidersOut(BaseModel):
    """Every provider of this installation, and those that messages of the last day went by."""

    items: list[ProviderOut]
    alerts: list[AlertOut]


def alert_out(alert: Alert) -> AlertOut:
    """An alert as it is shown."""
    return AlertOut(
        id=alert.id,
        code=alert.code,
        subject=alert.subject,
        values=dict(alert.values),
        open=alert.open,
        first_at=alert.first_at,
        last_at=alert.last_at,
        times=alert.times,
    )


def figure_out(figure: Figure) -> FigureOut:
    """Figures as they are shown."""
    return FigureOut(
        provider=figure.provider,
        attempts=figure.attempts,
        success_rate=figure.success_rate,
        answers=dict(figure.answers),
        mean_seconds=round(figure.mean_seconds, 3),
        slowest_seconds=figure.slowest,
        segments=figure.segments,
        fen=figure.fen,
    )


def provider_out(now: ProviderNow) -> ProviderOut:
    """A provider as it is shown."""
    return ProviderOut(
        provider=now.provider,
        channels=list(now.channels),
        paused_until=now.paused_until,
        why=now.why,
        breaker=now.breaker.name.lower(),
        rate=now.rate,
        hour=figure_out(now.hour) if now.hour else None,
        day=figure_out(now.day) if now.day else None,
        arrivals=dict(now.arrivals),
    )


def letter_out(letter: Letter, reason: str | None = None) -> LetterOut:
    """A dead letter as it may be shown."""
    event, whence = letter.event, letter.whence
    return LetterOut(
        id=letter.id,
        group=whence.group,
        topic=whence.topic,
        partition=whence.partition,
        offset=whence.offset,
        event_type=event.type if event else None,
        version=event.version if event else None,
        error=letter.error,
        state=letter.state,
        since=letter.since,
        last_at=letter.last_at,
        times=letter.times,
        reason=reason,
        timeline=_acts(letter.timeline),
    )


def _acts(timeline: Sequence[Any]) -> list[dict[str, object]]:
    return [{"at": rfc3339(entry["at"]), "by": entry["by"], "what": entry["what"]} for entry in timeline]


def fingerprint(body: BaseModel) -> str:
    """What a key stands for: the body whatever its spacing and order."""
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()
