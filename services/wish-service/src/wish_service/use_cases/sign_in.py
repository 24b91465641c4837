"""Open a session for whoever knows the code that their phone was sent."""

from dataclasses import dataclass

from microwish.identity.people import Person
from microwish.identity.tokens import TokenSigner
from microwish.privacy.masking import mask_phone
from microwish.when import When
from wish_service.domain.people import roles_of
from wish_service.settings import WishSettings
from wish_service.store.challenges import Challenges
from wish_service.store.people import People


@dataclass(frozen=True)
class Session:
    """A signed token and whom it names."""

    token: str
    person: Person


async def sign_in(
    challenge_id: str,
    code: str,
    *,
    challenges: Challenges,
    people: People,
    signer: TokenSigner,
    settings: WishSettings,
    when: When,
) -> Session:
    """Redeem the code; the first sign-in of a phone makes its person. Roles are those of this moment.

    Raises: CodeWrong, CodeExpired.
    """
    phone = await challenges.redeem(challenge_id, code, when=when)
    known = await people.with_phone(phone, when=when)
    roles = roles_of(known, is_first_admin=phone in settings.admins)
    person = Person(known.id, frozenset(roles), known.communities, mask_phone(phone))
    token = signer.sign(
        person.id, roles, person.communities, person.phone_masked, settings.session_seconds, when.recorded_at
    )
    return Session(token, person)
