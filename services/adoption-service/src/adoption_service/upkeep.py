"""What follows when people come, leave, or ask to be forgotten; safe with several replicas."""

from dataclasses import dataclass

from adoption_service.store.claims import ClaimsStore
from adoption_service.use_cases.claim_wish import DoorCode
from adoption_service.use_cases.follow_invitations import FollowInvitations
from adoption_service.use_cases.forget_person import Kept, follow_erasures
from adoption_service.use_cases.replace_handlers import replace_handlers
from microwish.when import Clock, When


@dataclass(frozen=True)
class Upkeep:
    """Looked at every `upkeep_poll_seconds` in the worker role."""

    kept: Kept
    claims: ClaimsStore
    invitations: FollowInvitations
    door_code: DoorCode
    clock: Clock

    async def tick(self) -> None:
        """One round: who was forgotten has left before what they handled gets another handler."""
        when = When.now(self.clock)
        await follow_erasures(self.kept, when=when)
        await self.invitations(when=when)
        kept = self.kept
        await replace_handlers(kept.organisations, self.claims, kept.sealer, door_code=self.door_code, when=when)
