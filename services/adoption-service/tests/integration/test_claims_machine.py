"""Whatever happens to one wish's claims, in whatever order and at the same moment, invariants 1, 2 and 5 hold.

On the real database, through the use cases, by a clock of its own. After every step the events that the claims have
caused are told again from the first one, and must lead to the state that is stored (`claims_replay.py`).
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from bench.adoption_stack import new_claimer, organisation_row
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.identity.people import Person, Role
from microwish.ids import uuid7
from microwish.privacy.sealing import Sealer, generate_sealing_keys
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.mongo import Document, Mongo
from microwish.when import When

from .claims_machine import BY_ADOPTION, BY_ORGANISATION, ClaimsLives
from .claims_stage import Stage

pytestmark = [
    pytest.mark.integration,
    # The service on its loop draws random numbers while Hypothesis draws in its thread.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"),
]

SEARCH = int(os.environ.get("MICROWISH_SEARCH", "0"))
"""How many random lives to try; without it the same ones every time, though what wins at one moment is chance."""
LIVES = settings(
    max_examples=SEARCH or 30,
    stateful_step_count=12,
    derandomize=not SEARCH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    # A race that was lost once is seldom lost again: nothing to shrink.
    phases=(Phase.generate,),
    report_multiple_bugs=False,
)


class Promising(ClaimsStore):
    """A claim that does not look whether a slot is free."""

    def _free_for(self, organisation_id: str, now: Any) -> Document:
        return {"$literal": True}


class Forgetful(ClaimsStore):
    """Decisions that are written whoever wrote meanwhile."""

    def __init__(self, db: Any) -> None:
        super().__init__(db)
        self.aggregates = _Unguarded(self.collection)


class _Unguarded(Aggregates):
    async def write(
        self,
        id: str,
        where: Mapping[str, Any],
        change: Change,
        *,
        when: When,
        expressions: Mapping[str, Any] | None = None,
        idempotency: Idempotency | None = None,
    ) -> Document | None:
        return await super().write(id, {}, change, when=when, expressions=expressions, idempotency=idempotency)


@pytest.fixture(scope="module")
async def mongo(mongo_uri: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_uri, f"machine-{uuid7()[-10:]}")
    yield mongo
    mongo.close()


async def stage(mongo: Mongo, claims: ClaimsStore) -> Stage:
    """Six verified organisations of one member each."""
    organisations, sealer = OrganisationStore(mongo.db), Sealer.from_keys(generate_sealing_keys())
    await asyncio.gather(claims.ensure_indexes(), organisations.ensure_indexes())
    claimers = [new_claimer() for _ in range(6)]
    rows = [organisation_row(serial, one, sealer) for serial, one in enumerate(claimers)]
    await organisations.collection.insert_many(rows)
    members = {one.organisation_id: Person(one.person_id, frozenset({Role.RESIDENT}), (), "") for one in claimers}
    return Stage(claims, organisations, sealer, asyncio.get_running_loop(), members)


async def live(on: Stage) -> None:
    machine = type("Machine", (ClaimsLives,), {"stage": on})
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=LIVES)


async def test_whatever_happens_at_once_no_slot_is_promised_twice_and_the_events_tell_the_state(mongo: Mongo) -> None:
    acted = await stage(mongo, ClaimsStore(mongo.db))
    await live(acted)
    assert acted.done == {*BY_ORGANISATION, *BY_ADOPTION, "withdraw", "time_passes"}, "not everything came to pass"


@pytest.mark.parametrize("broken", [Promising, Forgetful])
async def test_a_store_with_a_broken_guard_is_found_out(mongo: Mongo, broken: type[ClaimsStore]) -> None:
    with pytest.raises(AssertionError):
        await live(await stage(mongo, broken(mongo.db)))
