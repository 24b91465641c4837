"""Send a sign-in code to a phone."""

from collections.abc import Callable
from datetime import timedelta

from microwish.when import When
from wish_service.domain.signin import CODE_DIGITS
from wish_service.settings import WishSettings
from wish_service.store.challenges import Challenges
from wish_service.store.limits import HourlyLimits
from wish_service.store.seals import Seals

RandomBelow = Callable[[int], int]
"""A number from 0 to below the argument, not to be guessed."""


async def request_code(
    phone: str,
    address: str,
    *,
    id: str,
    challenges: Challenges,
    limits: HourlyLimits,
    seals: Seals,
    settings: WishSettings,
    random_below: RandomBelow,
    when: When,
) -> int:
    """Issue a code for this normalised phone; it reaches the phone through SignInCodeIssued alone.

    id: the challenge's. address: the caller's network address. Returns the code's life in seconds.
    Raises: TooManyCodes.
    """
    now = when.recorded_at
    per_address, per_phone = settings.signin_per_address_per_hour, settings.signin_per_phone_per_hour
    await limits.spend(f"address:{seals.address_index(address)}", per_address, now=now)
    await limits.spend(limit_of_phone(phone, seals), per_phone, now=now)
    code = f"{random_below(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    lifetime = timedelta(seconds=settings.signin_code_seconds)
    await challenges.issue(id, phone, code, lifetime=lifetime, when=when)
    return settings.signin_code_seconds


def limit_of_phone(phone: str, seals: Seals) -> str:
    """What is counted for a phone."""
    return f"phone:{seals.index(phone)}"
