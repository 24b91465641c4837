"""Proving that a phone is one's own: a code that lives for minutes and bears few tries."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from wish_service.domain.errors import CodeExpired, CodeWrong

CODE_DIGITS = 6
TRIES = 5


@dataclass(frozen=True)
class Challenge:
    """One code on its way. `code_hash` is keyed and bound to the challenge; the code itself is nowhere."""

    id: str
    phone_index: str
    code_hash: str
    expires_at: datetime
    tries: int = 0
    used: bool = False


def answer(challenge: Challenge, code_hash: str, now: datetime) -> tuple[Challenge, CodeWrong | None]:
    """The challenge after one try, used up if it was right; else with why not.

    Every try counts, so the caller keeps the challenge in either case.
    Raises: CodeExpired, for one that can't be answered at all.
    """
    if challenge.used or challenge.tries >= TRIES or now >= challenge.expires_at:
        raise CodeExpired(challenge.id)
    tries = challenge.tries + 1
    if compare_digest(challenge.code_hash, code_hash):
        return _with(challenge, tries, used=True), None
    return _with(challenge, tries, used=False), CodeWrong(TRIES - tries)


def _with(challenge: Challenge, tries: int, *, used: bool) -> Challenge:
    return Challenge(
        challenge.id, challenge.phone_index, challenge.code_hash, challenge.expires_at, tries=tries, used=used
    )
