"""Every knob of adoption-service. Durations are seconds, so that a test lives through a lease."""

from datetime import timedelta

from pydantic import Field

from adoption_service.domain.lease import Lease
from adoption_service.domain.waiting import WaitingTerms
from microwish.settings import ServiceSettings

DAY = 24 * 60 * 60


class AdoptionSettings(ServiceSettings):
    """What an installation may choose about organisations and leases."""

    mongo_database: str = "adoption"
    lease_seconds: int = Field(default=15 * DAY, ge=1, description="How long an organisation holds a wish.")
    lease_reminder_seconds: int = Field(default=3 * DAY, ge=0, description="How long before the end it is reminded.")
    lease_extension_seconds: int = Field(default=7 * DAY, ge=1, description="What the one extension adds.")
    waiting_offer_seconds: int = Field(
        default=2 * DAY, ge=1, description="How long a freed slot is reserved for the first of the waiting list."
    )
    dispute_grace_seconds: int = Field(default=3 * DAY, ge=0, description="What is left at least after a dispute.")
    overdue_claims_allowed: int = Field(
        default=5, ge=0, description="An organisation with more active adoptions past half their term can't claim."
    )
    invitation_seconds: int = Field(
        default=30 * DAY, ge=1, description="How long an invitation waits for somebody to sign in."
    )
    upkeep_poll_seconds: float = Field(
        default=1.0, gt=0, description="How often the worker looks for who came, left, or asked to be forgotten."
    )
    timer_poll_seconds: float = Field(default=1.0, gt=0, description="How often the worker looks for leases that end.")

    @property
    def waiting(self) -> WaitingTerms:
        """The terms of the waiting list."""
        return WaitingTerms(timedelta(seconds=self.waiting_offer_seconds), self.overdue_claims_allowed)

    @property
    def lease(self) -> Lease:
        """The terms of a lease."""
        return Lease(
            term=timedelta(seconds=self.lease_seconds),
            reminder=timedelta(seconds=self.lease_reminder_seconds),
            extension=timedelta(seconds=self.lease_extension_seconds),
            grace=timedelta(seconds=self.dispute_grace_seconds),
        )
