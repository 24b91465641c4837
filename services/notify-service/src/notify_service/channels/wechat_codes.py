"""What WeChat's codes mean to us, as one table, for official accounts and mini-programs alike.

Sources: the code tables of the server API (developers.weixin.qq.com: getStableAccessToken, sendTemplateMessage,
sendMessage of subscribe messages, clearQuota; "Global Return Codes") and, for 43107, 43108 and 45168, Tencent Cloud's
table of the same interface (tencentcloud.com/document/product/1219/67648). 45065 to 45067 are documented for the
sibling interface that sends to many, with the same kind of id.

A code other than zero says that nothing was accepted. One that stands in no table is shown to ops and not tried again:
nobody is told twice, and another channel may do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from notify_service.channels.port import Fate, Receipt, Refusal

STALE_TOKEN = frozenset({40001, 40014, 42001})
"""The access token is wrong, not known, or past its time: a new one may do."""

NOT_SUBSCRIBED = 43101
"""The person takes none (any more), or every consent to a subscribe message has been used."""

_EXISTS = 45065
"""A message with this id has been accepted before."""
_EXISTS_TOO_FAST = 45066
"""The same, asked for too soon after the first: what became of that one is not said."""

_MINUTE = timedelta(minutes=1)
_SHANGHAI = timezone(timedelta(hours=8))  # the quota's days: China has no summer time
_QUOTA_SETTLES = timedelta(minutes=5)
"""Past midnight, so that a clock that is a little ahead does not meet yesterday's quota and rest a day for it."""


@dataclass(frozen=True)
class _Meaning:
    refusal: Refusal
    retry_after: timedelta | None = None


_LATER = _Meaning(Refusal.LATER)
_NEXT_MINUTE = _Meaning(Refusal.LATER, _MINUTE)
_PERSON = _Meaning(Refusal.PERSON)
_CONFIGURATION = _Meaning(Refusal.CONFIGURATION)
_QUOTA = _Meaning(Refusal.QUOTA)

_MEANINGS: Mapping[int, _Meaning] = {
    -1: _LATER,  # system busy
    43108: _LATER,  # two requests for one person at the same time
    43117: _LATER,
    45011: _NEXT_MINUTE,  # too many this minute
    45009: _QUOTA,  # the day's quota of the interface is used
    40003: _PERSON,  # no such openid, or not one of this account
    43004: _PERSON,  # does not follow the account
    43019: _PERSON,  # on the account's own block list
    NOT_SUBSCRIBED: _PERSON,
    50005: _PERSON,  # has left the account
    **dict.fromkeys(STALE_TOKEN, _CONFIGURATION),  # again, with a new token
    40013: _CONFIGURATION,  # no such app id
    40036: _CONFIGURATION,  # the template's id has a wrong length
    40037: _CONFIGURATION,  # no such template
    40125: _CONFIGURATION,  # the app secret is wrong
    40164: _CONFIGURATION,  # our address is not on the account's list
    41002: _CONFIGURATION,  # app id missing
    41004: _CONFIGURATION,  # app secret missing
    41030: _CONFIGURATION,  # no such page of the mini-program
    43107: _CONFIGURATION,  # the account may not send subscribe messages
    45067: _CONFIGURATION,  # our id for the message is too long
    45168: _CONFIGURATION,  # a forbidden word
    47001: _CONFIGURATION,  # not readable
    47003: _CONFIGURATION,  # a field of the template is missing, too long, or of another kind
    48001: _CONFIGURATION,  # the account has no right to this interface
    48004: _CONFIGURATION,  # the interface was taken from the account
    50002: _CONFIGURATION,  # the account is limited
    61004: _CONFIGURATION,  # our address is not on the account's list
    89503: _CONFIGURATION,  # an administrator has to confirm our address
    89506: _CONFIGURATION,  # an administrator has refused our address, twice
    89507: _CONFIGURATION,  # an administrator has refused our address
}


def cause_of(code: int) -> str:
    """The stable name of a code."""
    return f"wechat_{code}"


def judged(code: int, now: datetime, reference: str | None = None) -> Receipt | None:
    """What a code says of the message that was handed over; None where it leaves that open.

    reference: WeChat's id of the message, if it gave one. now: UTC.
    """
    if code in {0, _EXISTS}:
        return Receipt(Fate.ACCEPTED, reference=reference)
    if code == _EXISTS_TOO_FAST:
        return None
    meaning = _MEANINGS.get(code, _CONFIGURATION)
    wait = until_quota_resets(now) if meaning.refusal is Refusal.QUOTA else meaning.retry_after
    return Receipt(Fate.REFUSED, cause_of(code), meaning.refusal, wait)


def until_quota_resets(now: datetime) -> timedelta:
    """How long until the day's quotas begin anew: midnight in Shanghai, and a little."""
    local = now.astimezone(_SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return midnight - local + _QUOTA_SETTLES
