"""Loads one district: everybody signs in, organisations register, every wish goes its way."""

from __future__ import annotations

from collections.abc import Callable

from microwish_local.environment import ADMIN_PHONE
from microwish_local.pilot.desk import Desk
from microwish_local.pilot.district import Organisation, Staff
from microwish_local.pilot.journeys import Journey, Journeys
from microwish_local.pilot.plan import residents_who_sign_in, steps_of, verified_days_ago
from microwish_local.pilot.work import Ranked, in_order, work_off

HANDS = 24
"""How many people act at once."""


class Loader:
    """The three parts of a load, to be awaited one after the other. `advanced` is called after each thing done."""

    def __init__(self, desk: Desk, advanced: Callable[[], None]) -> None:
        self._desk = desk
        self._advanced = advanced
        self._organisation_ids: dict[str, str] = {}
        self._journeys = Journeys(desk, self._organisation_ids)
        district = desk.district
        self._travellers = [
            Journey(number, wish, steps_of(wish, district.adoptions.get(wish.ref, ())))
            for number, wish in enumerate(district.wishes)
        ]
        managers = [one.contact_phone for one in district.organisations.values()]
        self._phones = list(dict.fromkeys([*managers, *residents_who_sign_in(district)]))

    @property
    def size(self) -> int:
        """How many things there are to do."""
        district = self._desk.district
        steps = sum(len(journey.steps) for journey in self._travellers)
        return 1 + 2 * len(district.staff) + len(self._phones) + 2 * len(district.organisations) + steps

    async def sign_everybody_in(self) -> None:
        """Everybody who acts signs in once; the admin names the staff first. Raises: Refused, Silent."""
        await work_off(in_order([ADMIN_PHONE, *self._phones]), self._sign_in, hands=HANDS)

    async def register_organisations(self) -> None:
        """Their managers register them and staff verify them. Raises: Refused, Silent."""
        await work_off(in_order(self._desk.district.organisations.values()), self._register, hands=HANDS)

    async def live_through(self) -> None:
        """Every wish goes its way. Raises: Refused, Silent."""
        await work_off([(journey.rank, journey) for journey in self._travellers], self._travel, hands=HANDS)

    async def _sign_in(self, phone: str) -> None:
        await self._desk.sign_in(phone)
        self._advanced()
        if phone == ADMIN_PHONE:
            for one in self._desk.district.staff:
                await self._employ(one)

    async def _employ(self, one: Staff) -> None:
        body = {"phone": one.phone, "name": one.name, "communities": list(one.communities)}
        await self._desk.client.post("/api/staff", body, self._desk.admin, key=f"pilot:staff:{one.ref}")
        self._advanced()
        await self._sign_in(one.phone)

    async def _register(self, organisation: Organisation) -> None:
        desk, ref = self._desk, organisation.ref
        body = {
            "name": organisation.name,
            "kind": organisation.kind,
            "uscc": organisation.uscc,
            "branch_id": organisation.branch_id,
            "scope": organisation.scope,
            "contact": {"name": organisation.contact_name, "phone": organisation.office_phone},
        }
        manager, registered = desk.session(organisation.contact_phone), organisation.registered
        answer = await desk.command("/api/organisations", body, manager, key=f"{ref}:register", days_ago=registered)
        self._organisation_ids[ref] = answer["id"]
        self._advanced()
        path = f"/api/organisations/{answer['id']}/verification"
        day = verified_days_ago(desk.district, ref)
        staff = desk.staff_of(organisation.scope or "")
        await desk.command(path, {"decision": "approve"}, staff, key=f"{ref}:verify", days_ago=day)
        self._advanced()

    async def _travel(self, journey: Journey) -> Ranked[Journey] | None:
        await self._journeys.step(journey)
        self._advanced()
        return None if journey.ended else (journey.rank, journey)
