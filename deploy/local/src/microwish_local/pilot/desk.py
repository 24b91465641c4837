"""The people of the sample at work: who is signed in, and commands dated back with the admin's word (补录).

Every command carries an `Idempotency-Key` made of the refs of the sample, so that a load which was broken off is
simply run again: what was done answers as before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from microwish_local.client import Body, Client, Session
from microwish_local.environment import ADMIN_PHONE
from microwish_local.pilot.district import District


class Desk:
    """Sessions by phone, and the day that all ages of the sample are counted from."""

    def __init__(self, client: Client, district: District, today: datetime) -> None:
        self.client = client
        self.district = district
        self.today = today
        self._sessions: dict[str, Session] = {}

    @property
    def admin(self) -> Session:
        """The platform's admin, who vouches for every date."""
        return self._sessions[ADMIN_PHONE]

    def session(self, phone: str) -> Session:
        """Of somebody who has signed in."""
        return self._sessions[phone]

    async def sign_in(self, phone: str) -> None:
        """Open a session and keep it. Raises: Refused, Silent."""
        self._sessions[phone] = await self.client.sign_in(phone)

    def staff_of(self, code: str, number: int = 0) -> Session:
        """Who looks after a division; where nobody of the sample does, the admin."""
        staff = self.district.staff_of(code, number)
        return self.admin if staff is None else self.session(staff.phone)

    async def command(self, path: str, body: Body, by: Session, *, key: str, days_ago: float) -> Body:
        """Let somebody do something on its day. Fields that are None are left out. Raises: Refused, Silent."""
        said = {name: value for name, value in body.items() if value is not None}
        as_of = self.today - timedelta(days=days_ago)
        return await self.client.post(path, said, by, key=f"pilot:{key}", as_of=as_of, recorder=self.admin)
