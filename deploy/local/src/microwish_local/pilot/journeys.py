"""Every wish of the sample goes its way: one command after the other, each by the person who did it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from microwish_local.client import Body, Session, patiently
from microwish_local.pilot.desk import Desk
from microwish_local.pilot.district import Adoption, Wish
from microwish_local.pilot.plan import Act, Step
from microwish_local.pilot.work import Rank

_ON_ITS_WAY = frozenset({"not_yet_claimable", "adoption_not_found", "not_delivered"})
"""Refusals that only say that an event hasn't arrived yet."""

_DECISIONS = {Act.APPROVE: "approve", Act.RETURN: "return", Act.REJECT: "reject"}
_ENDINGS = {Act.WITHDRAW: "withdrawal", Act.TAKE_DOWN: "takedown", Act.CLOSE: "closing"}


@dataclass
class Journey:
    """A wish on its way through its steps, with the ids that the services gave it and its adoptions."""

    number: int
    wish: Wish
    steps: list[Step]
    done: int = 0
    id: str = ""
    adoption_ids: dict[str, str] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do."""
        return self.done == len(self.steps)

    @property
    def next(self) -> Step:
        """The step to take now."""
        return self.steps[self.done]

    @property
    def rank(self) -> Rank:
        """First steps of all wishes first, then second steps …, so that events have arrived when they are needed."""
        return (self.done, -self.next.days_ago)


class Journeys:
    """Takes the next step of a journey. Organisations are known by `organisation_ids` (ref to id)."""

    def __init__(self, desk: Desk, organisation_ids: dict[str, str]) -> None:
        self._desk = desk
        self._organisation_ids = organisation_ids

    async def step(self, journey: Journey) -> None:
        """Take it, waiting for events that are on their way. Raises: Refused, Silent."""
        step = journey.next
        await patiently(lambda: self._take(journey, step), codes=_ON_ITS_WAY)
        journey.done += 1

    async def _take(self, journey: Journey, step: Step) -> None:
        if step.act is Act.SUBMIT:
            await self._submit(journey, step)
        elif step.act in _DECISIONS:
            await self._review(journey, step)
        elif step.act in _ENDINGS:
            await self._end(journey, step)
        elif step.adoption is not None:
            acts: dict[Act, Callable[[Journey, Step, Adoption], Awaitable[None]]] = {
                Act.CLAIM: self._claim,
                Act.PROGRESS: self._note_progress,
                Act.DELIVER: self._deliver,
                Act.CONFIRM: self._confirm,
            }
            await acts[step.act](journey, step, step.adoption)

    async def _submit(self, journey: Journey, step: Step) -> None:
        wish, resident = journey.wish, self._desk.district.residents[journey.wish.resident]
        behalf = wish.posted_by == "staff"
        by = self._staff(journey) if behalf else self._desk.session(resident.phone)
        body: Body = {
            "title": wish.title,
            "detail": wish.detail,
            "category": wish.category,
            "community": wish.community,
            "contact": {"name": resident.name, "phone": resident.phone, "address": resident.address},
            "slots": wish.slots,
            "estimated_value_fen": wish.estimated_value_fen,
            "on_behalf": behalf,
            "consents": {"publishing": True, "sensitive": True},
        }
        answer = await self._command(journey, step, "/api/wishes", body, by)
        journey.id = answer["id"]

    async def _review(self, journey: Journey, step: Step) -> None:
        wish = journey.wish
        body: Body = {"decision": _DECISIONS[step.act], "reason": wish.reason}
        if step.act is Act.APPROVE:
            body = {"decision": "approve", "public_title": wish.public_title, "public_detail": wish.public_detail}
        await self._command(journey, step, f"/api/wishes/{journey.id}/review", body, self._staff(journey))

    async def _end(self, journey: Journey, step: Step) -> None:
        resident = self._desk.district.residents[journey.wish.resident]
        by = self._desk.session(resident.phone) if step.act is Act.WITHDRAW else self._staff(journey)
        path = f"/api/wishes/{journey.id}/{_ENDINGS[step.act]}"
        await self._command(journey, step, path, {"reason": journey.wish.reason}, by)

    async def _claim(self, journey: Journey, step: Step, adoption: Adoption) -> None:
        body = {"wish_id": journey.id, "organisation_id": self._organisation_ids[adoption.organisation]}
        answer = await self._command(journey, step, "/api/adoptions", body, self._manager(adoption))
        journey.adoption_ids[adoption.organisation] = answer["id"]

    async def _note_progress(self, journey: Journey, step: Step, adoption: Adoption) -> None:
        path = f"/api/adoptions/{journey.adoption_ids[adoption.organisation]}/progress"
        await self._command(journey, step, path, {"note": adoption.progress_note}, self._manager(adoption))

    async def _deliver(self, journey: Journey, step: Step, adoption: Adoption) -> None:
        path = f"/api/adoptions/{journey.adoption_ids[adoption.organisation]}/delivery"
        await self._command(journey, step, path, {"note": adoption.delivery_note}, self._manager(adoption))

    async def _confirm(self, journey: Journey, step: Step, adoption: Adoption) -> None:
        resident = self._desk.district.residents[journey.wish.resident]
        own = adoption.confirmed_by == "self"
        by = self._desk.session(resident.phone) if own else self._staff(journey)
        body = {
            "adoption_id": journey.adoption_ids[adoption.organisation],
            "thanks": adoption.thanks,
            "note": None if own else adoption.confirm_note,
        }
        await self._command(journey, step, f"/api/wishes/{journey.id}/confirmation", body, by)

    async def _command(self, journey: Journey, step: Step, path: str, body: Body, by: Session) -> Body:
        whose = step.adoption.organisation if step.adoption else "-"
        key = f"{journey.wish.ref}:{step.act}:{whose}"
        return await self._desk.command(path, body, by, key=key, days_ago=step.days_ago)

    def _staff(self, journey: Journey) -> Session:
        return self._desk.staff_of(journey.wish.community, journey.number)

    def _manager(self, adoption: Adoption) -> Session:
        return self._desk.session(self._desk.district.organisations[adoption.organisation].contact_phone)
