"""Sign-in codes on their way to a phone. Never journaled, republished or dead-lettered."""

from typing import ClassVar

from typing_extensions import override

from microwish.events.base import Event, Id, Moment, Sealed, Source
from microwish.events.topics import Topic


class SignInCodeIssued(Event):
    """Tell this phone this code, until `expires_at`; later it is dropped. Sealed for `challenge:<challenge_id>`."""

    topic: ClassVar[Topic] = Topic.SIGNIN
    source: ClassVar[Source] = Source.CHALLENGE

    challenge_id: Id
    phone: Sealed
    code: Sealed
    expires_at: Moment

    @property
    @override
    def subject_id(self) -> str:
        return self.challenge_id
