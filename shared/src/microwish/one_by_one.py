"""Work on many documents of which one must not hold up the others."""

from collections.abc import Awaitable
from typing import TypeVar

from microwish.logs import get_logger
from microwish.store.mongo import STORE_OUTAGES
from microwish.store.refusals import Busy

log = get_logger(__name__)
T = TypeVar("T")


async def by_itself(work: Awaitable[T], *, what: str, subject: str) -> T | None:
    """Do it; what fails is logged, gives None and stays to be done in the next round.

    Raises: a store outage; it concerns all.
    """
    try:
        return await work
    except STORE_OUTAGES:
        raise
    except Busy as busy:
        log.warning("waits", what=what, subject=subject, code=busy.code)  # a full outbox, or many writers
    except Exception as error:  # a fault must show, but not stop the rest
        log.error("failed", what=what, subject=subject, exc_info=error)
    return None
