"""The three endings of a message: done, retried (bounded, with backoff), dead-lettered (with why and from where).

An outage of the store is none of them: nothing is wrong with the message, so it waits.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import ValidationError

from microwish.messaging.wire import Headers, Record


@dataclass(frozen=True)
class Retries:
    """At most `attempts` tries; before the n-th again a random wait of up to base × 2ⁿ seconds, capped."""

    attempts: int = 5
    base_seconds: float = 0.05
    cap_seconds: float = 2.0

    def wait_before(self, attempt: int) -> float:
        """Seconds to wait before this retry (from 1): exponential with full jitter."""
        return random.uniform(0, min(self.cap_seconds, self.base_seconds * 2**attempt))  # noqa: S311  only jitter

    async def tries(self) -> AsyncIterator[int]:
        """0, 1, … with the waits in between."""
        for attempt in range(self.attempts):
            if attempt:
                await asyncio.sleep(self.wait_before(attempt))
            yield attempt


USUAL_RETRIES = Retries()


def describe(error: BaseException) -> str:
    """What went wrong, without repeating anything that a person wrote: an error's kind, and the fields at fault."""
    if isinstance(error, ValidationError):
        fields = ", ".join(".".join(map(str, fault["loc"])) + ":" + fault["type"] for fault in error.errors())
        return f"ValidationError({fields})"
    return type(error).__name__


def dead_letter(
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    *,
    error: BaseException,
    topic: str,
    partition: int,
    offset: int,
    group: str,
) -> Record:
    """The record as it came, with why it could not be processed and where it was."""
    reasons = {
        "dlq_error": describe(error),
        "dlq_topic": topic,
        "dlq_partition": str(partition),
        "dlq_offset": str(offset),
        "dlq_group": group,
    }
    return Record(key or b"", value, [*headers, *((name, text.encode()) for name, text in reasons.items())])
