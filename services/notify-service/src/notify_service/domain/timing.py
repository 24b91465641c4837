"""When something leaves: at once, with other news of its wish, or in the morning, by people's own clock."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from notify_service.domain.digest import next_morning
from notify_service.domain.rules import Mode

_RANGE = re.compile(r"([01]?\d|2[0-3])-([01]?\d|2[0-3])")


class HeldFor(StrEnum):
    """What a notice waits for, and what becomes of it then."""

    MORNING = "morning"
    """One message with everything else that waits for the person's morning."""
    WISH = "wish"
    """One message with what else happened to the wish meanwhile."""
    ALONE = "alone"
    """A message of its own, when quiet hours are over."""


@dataclass(frozen=True)
class Hold:
    """Not before `due`."""

    held_for: HeldFor
    due: datetime


@dataclass(frozen=True)
class QuietHours:
    """From one full hour to another, over midnight if it comes to that, in which no phone should make a sound."""

    begin: int
    end: int
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, zone: tzinfo) -> "QuietHours | None":
        """From a text such as `21-8`; None of an empty one. Raises: ValueError."""
        if not text.strip():
            return None
        found = _RANGE.fullmatch(text.strip())
        if found is None or int(found[1]) == int(found[2]):
            raise ValueError("quiet hours are two different full hours such as 21-8, or empty for none")
        return cls(int(found[1]), int(found[2]), zone)

    def over(self, now: datetime) -> datetime | None:
        """When the quiet hours that it is in are over; None by day. Aware, in the zone of `now`."""
        local = now.astimezone(self.zone)
        quiet = (
            self.begin <= local.hour < self.end if self.begin < self.end else not self.end <= local.hour < self.begin
        )
        if not quiet:
            return None
        day = local.date() if local.hour < self.end else local.date() + timedelta(days=1)
        return datetime.combine(day, time(self.end), self.zone).astimezone(now.tzinfo)


@dataclass(frozen=True)
class Timing:
    """How long what may wait is held. merge: how long the first news of a wish waits for others; zero: not at all."""

    digest_hour: int
    zone: tzinfo
    quiet: QuietHours | None
    merge: timedelta

    def hold(self, mode: Mode, wish_id: str | None, now: datetime) -> Hold | None:
        """What a notice of this mode waits for; None if it may leave now."""
        if mode is Mode.URGENT:
            return None
        if mode is Mode.DIGEST:
            return Hold(HeldFor.MORNING, self.morning_after(now))
        if (morning := self.quiet_until(now)) is not None:
            return Hold(HeldFor.ALONE if mode is Mode.PROMPT else HeldFor.MORNING, morning)
        if mode is Mode.PROMPT or not self.merge or wish_id is None:
            return None
        due = now + self.merge
        if (morning := self.quiet_until(due)) is not None:
            return Hold(HeldFor.MORNING, morning)
        return Hold(HeldFor.WISH, due)

    def late(self, held_for: HeldFor, now: datetime) -> datetime:
        """When what came too late for a message is told instead."""
        return now + self.merge if held_for is HeldFor.WISH else self.morning_after(now)

    def as_chosen(self, *, immediately: bool, now: datetime) -> Mode:
        """What AS_CHOSEN means for somebody. By night a new wish waits for the digest."""
        return Mode.PROMPT if immediately and self.quiet_until(now) is None else Mode.DIGEST

    def quiet_until(self, now: datetime) -> datetime | None:
        """When the quiet hours that it is in are over; None by day."""
        return self.quiet.over(now) if self.quiet else None

    def morning_after(self, now: datetime) -> datetime:
        """When the next digest leaves."""
        return next_morning(now, hour=self.digest_hour, zone=self.zone)
