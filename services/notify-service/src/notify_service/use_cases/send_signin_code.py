"""A sign-in code on its fast path: one write, then straight to the provider in a lane of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta

from microwish.events import Envelope
from microwish.events.signin import SignInCodeIssued
from microwish.ids import derived_id
from microwish.logs import get_logger
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.domain.message import State
from notify_service.domain.rules import RULES
from notify_service.store.messages import Messages
from notify_service.use_cases.prepare import Prepare, Ready
from notify_service.use_cases.send import Send, Taken

_log = get_logger(__name__)


class SendSignInCode:
    """Makes the message as one that this process has taken already, so that nothing stands between it and the phone.

    The code rests in the message only as sealed as it came, and is removed when the message has left.
    """

    def __init__(
        self, messages: Messages, prepare: Prepare, send: Send, wake: Callable[[Taken], None], clock: Clock
    ) -> None:
        self._messages = messages
        self._prepare = prepare
        self._send = send
        self._wake = wake
        self._clock = clock

    async def __call__(self, event: Envelope) -> None:
        """Send it, once; one past its time is dropped without a trace. Raises: CannotOpen."""
        payload = event.payload()
        assert isinstance(payload, SignInCodeIssued)
        when = When.now(self._clock)
        if when.at >= payload.expires_at:
            _log.info("signin_code_expired", challenge=payload.challenge_id)
            return
        message_id = derived_id("message", event.id)
        message = _message(message_id, event, payload, when.recorded_at)
        ready = await self._prepare.signin_code(message)
        if not isinstance(ready, Ready):
            return  # it has expired this very moment
        deadline, out = self._send.out(message_id, ready)
        message |= {"out": out, "tries": 1}
        fields = {name: value for name, value in message.items() if name != "_id"}
        if await self._messages.create(message_id, fields, State.SENDING, when=when):
            self._wake(Taken(message, ready.channel, ready.outgoing, deadline, allowed=False))


def _message(id: str, event: Envelope, payload: SignInCodeIssued, now: datetime) -> Document:
    line = RULES[SignInCodeIssued][0]
    return {
        "_id": id,
        "lane": "signin",
        "template": line.template,
        "event_type": event.type,
        "event_time": event.time,
        "wish_id": None,
        "community": None,
        "recipient": None,
        "person_id": None,
        "notices": [],
        "channels": [channel.value for channel in line.channels],
        "waits_for": [],
        "round": 1,
        "use_until": payload.expires_at,
        "give_up_at": now + timedelta(days=1),
        "secret": {
            "challenge_id": payload.challenge_id,
            "phone": payload.phone,
            "code": payload.code,
            "expires_at": payload.expires_at,
        },
    }
