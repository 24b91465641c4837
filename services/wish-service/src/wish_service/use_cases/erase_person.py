"""Forget a person who asks for it: at once what says who they are, then everything that their wishes hold of them."""

from microwish.identity.people import Person
from microwish.when import When
from wish_service.store.challenges import Challenges
from wish_service.store.imports import Imports
from wish_service.store.limits import HourlyLimits
from wish_service.store.people import People
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes
from wish_service.use_cases.post_wish import PostWish
from wish_service.use_cases.request_code import limit_of_phone


async def erase_person(
    person: Person,
    *,
    people: People,
    wishes: Wishes,
    imports: Imports,
    challenges: Challenges,
    limits: HourlyLimits,
    seals: Seals,
    when: When,
) -> None:
    """Leave of the person that there was one (PersonErased); their phone is nobody's from now on.

    Guarantee: one write decides; what their wishes and the rows of imports hold is read from the truth afterwards, by
    `follow_erasures`. A second time changes nothing. Raises: Contended, OutboxFull.
    """
    known = await people.find(person.id)
    if known is None:
        return
    phone = people.phone_of(known)

    def theirs(row: PostWish) -> bool:
        return row.contact.phone == phone

    rows = await imports.rows_with(theirs)
    await people.erase(known, await wishes.ids_of_resident(known.id), rows, when=when)
    # Last, since a code may have been on its way; where this is not reached, both end by themselves within the hour.
    await challenges.forget(phone)
    await limits.forget(limit_of_phone(phone, seals))
