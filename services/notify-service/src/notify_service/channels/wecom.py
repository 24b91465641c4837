"""WeCom's group robots (企业微信群机器人): `POST /cgi-bin/webhook/send?key=`, for staff groups and for alerts.

A robot takes 20 messages a minute and up to 2048 bytes of plain text each (developer.work.weixin.qq.com, path 91770);
past that it answers 45009, and limits by the minute last 60 s (path 90454). Its key is all that it takes to speak in
the group, so keys are secrets, and no log line or error names an address of WeCom's.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx

from microwish.events.notify import Channel
from microwish.logs import get_logger
from microwish.when import Clock
from notify_service.channels.calls import NotAccepted, code_of, post
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Refusal, Sent
from notify_service.domain.groups import ROBOTS, prefix_of

_PATH = "/cgi-bin/webhook/send"
_TEXT_MAX_BYTES = 2048
_PER_MINUTE = 20
_MINUTE = timedelta(minutes=1)
_BUSY = -1
_TOO_MANY = 45009
_NO_ROBOT = Receipt(Fate.REFUSED, "no_robot", Refusal.PERSON)
_log = get_logger(__name__)


class GroupRobot:
    """One robot in one group."""

    def __init__(self, key: str, http: httpx.AsyncClient, clock: Clock) -> None:
        self._key = key
        self._http = http
        self._clock = clock
        self._sent: deque[datetime] = deque(maxlen=_PER_MINUTE)

    async def say(self, text: str) -> None:
        """Say it in the group. An alert must not fail over it: what does not get there is logged, without its text."""
        try:
            receipt = await self.post(text)
        except ProviderAway:
            _log.warning("robot_away")
            return
        if receipt.fate is not Fate.ACCEPTED:
            _log.warning("robot_refused", cause=receipt.cause)

    async def post(self, text: str) -> Receipt:
        """Say it in the group, if fewer than 20 were said here in the last minute. Raises: ProviderAway."""
        now = self._clock()
        if len(self._sent) == _PER_MINUTE and now < self._sent[0] + _MINUTE:
            return _later(_TOO_MANY, self._sent[0] + _MINUTE - now)
        self._sent.append(now)
        body = {"msgtype": "text", "text": {"content": shortened(text)}}
        try:
            answer = await post(self._http, _PATH, body, {"key": self._key})
        except NotAccepted as never:
            return never.receipt
        return _judged(code_of(answer))

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()


class GroupRobots:
    """Tells staff groups, each by the robot of its division. `Outgoing.to` names the group (`domain/groups.py`).

    WeCom drops nothing that comes twice and can't be asked, so `repeats_for` is zero. Its messages count as WeChat:
    the channels that events name are closed (a further one would break what older readers were promised), and the
    provider says which of the two it was.
    """

    channel = Channel.WECHAT
    provider = ROBOTS
    repeats_for = timedelta()

    def __init__(self, keys: Mapping[str, str], http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._robots = {prefix: GroupRobot(key, http, clock) for prefix, key in keys.items()}

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Say it in the group. Raises: ProviderAway."""
        robot = self._robots.get(prefix_of(outgoing.to) or "")
        return await robot.post(outgoing.text) if robot else _NO_ROBOT

    async def lookup(self, sent: Sent) -> Receipt:
        """WeCom has no interface that says what a robot has said. Raises: ProviderAway, always."""
        raise ProviderAway(f"WeCom can't be asked what became of {sent.out_id}")

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()


def shortened(text: str) -> str:
    """The text as a robot takes it: at most 2048 bytes of UTF-8, cut between characters."""
    raw = text.encode()
    if len(raw) <= _TEXT_MAX_BYTES:
        return text
    return raw[: _TEXT_MAX_BYTES - len("…".encode())].decode(errors="ignore") + "…"


def _judged(code: int) -> Receipt:
    if code == 0:
        return Receipt(Fate.ACCEPTED)
    if code == _TOO_MANY:
        return _later(code, _MINUTE)
    if code == _BUSY:
        return _later(code, None)
    # 93000: no such key, or the robot was taken out of its group; whatever else it says is for ops to see.
    return Receipt(Fate.REFUSED, _cause(code), Refusal.CONFIGURATION)


def _later(code: int, wait: timedelta | None) -> Receipt:
    return Receipt(Fate.REFUSED, _cause(code), Refusal.LATER, wait)


def _cause(code: int) -> str:
    return f"wecom_{code}"
