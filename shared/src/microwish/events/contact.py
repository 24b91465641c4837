"""How to reach somebody: the only events, with sign-in codes, that carry phones and addresses, and those sealed."""

from enum import StrEnum
from typing import ClassVar

from typing_extensions import override

from microwish.events.base import Event, Id, Sealed, Source
from microwish.events.topics import Topic


class ContactKind(StrEnum):
    """Whose contact it is. The id is the person's, the wish's or the organisation's own."""

    PERSON = "person"
    WISH = "wish"
    ORGANISATION = "organisation"


class ContactSaved(Event):
    """A contact as it is now. On its topic a null value erases it.

    phone_index: keyed hash of the normalised phone, by which a person is found without opening any phone.
    Each sealed field is bound to `contact:<contact_id>`.
    """

    topic: ClassVar[Topic] = Topic.CONTACT
    source: ClassVar[Source] = Source.WISH_CONTACT

    contact_id: Id
    kind: ContactKind
    person_id: Id | None = None
    name: Sealed | None = None
    phone: Sealed | None = None
    address: Sealed | None = None
    openid: Sealed | None = None
    phone_index: str | None = None

    @property
    @override
    def subject_id(self) -> str:
        return self.contact_id


class OrganisationContactSaved(ContactSaved):
    """The same contract from adoption-service, which owns the contacts of organisations."""

    source: ClassVar[Source] = Source.ORGANISATION_CONTACT

    @classmethod
    @override
    def type_name(cls) -> str:
        return ContactSaved.type_name()
