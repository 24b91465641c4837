"""Several pieces of news in one message: when a morning's leaves, by which template, and what its variables say."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from microwish.events import adoption, wish
from notify_service.domain.facts import short_number
from notify_service.domain.overtaking import News
from notify_service.domain.rules import RULES, Audience, Mode
from notify_service.domain.templates import Language, fitting
from notify_service.domain.texts_of_news import PHRASES, TOGETHER

SUBMITTED = wish.WishSubmitted.type_name()
ADOPTED = adoption.WishAdopted.type_name()
POSTED = wish.WishPosted.type_name()

_TOGETHER = frozenset(template.id for template in TOGETHER)
_AUDIENCES = {line.template: line.audience for lines in RULES.values() for line in lines}
_OF_A_WISH = {Audience.RESIDENT: "wish_news.v1", Audience.STAFF: "wish_news_staff.v1"}
_ALSO = {"digest_staff.v1": "morning_staff.v1", "digest_organisation.v1": "morning_organisation.v1"}
_OTHER_NEWS = ("有新消息", "there is news")


def next_morning(now: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """The next full `hour` o'clock in the zone, strictly after `now`; aware, in the zone of `now`."""
    local = now.astimezone(zone)
    morning = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning += timedelta(days=1)
    return morning.astimezone(now.tzinfo)


def digest_template(event_types: Sequence[str]) -> str:
    """The template that tells these kinds of news of a day at work together."""
    staff = bool({SUBMITTED, ADOPTED}.intersection(event_types))
    follower = POSTED in event_types
    if staff and follower:
        return "digest_both.v1"
    return "digest_organisation.v1" if follower else "digest_staff.v1"


def digest_counts(event_types: Sequence[str]) -> dict[str, str]:
    """How many of each, as the templates' variables."""
    counts = {"submitted": SUBMITTED, "adopted": ADOPTED, "posted": POSTED}
    return {name: str(event_types.count(type_name)) for name, type_name in counts.items()}


def tells_several(template: str) -> bool:
    """Whether the template tells what several notices say, rather than one."""
    return template.startswith("digest_") or template in _TOGETHER


def template_for(news: Sequence[News]) -> str:
    """What one person is told by, oldest first: a single piece in its own words, several in few (ADR 0030)."""
    work = [one for one in news if one.mode == Mode.DIGEST]
    others = [one for one in news if one.mode != Mode.DIGEST]
    if not others:
        return digest_template([one.event.type_name() for one in work])
    if not work:
        return others[0].template if len(others) == 1 else _of_others(others)
    return _ALSO.get(digest_template([one.event.type_name() for one in work]), "morning_news.v1")


def values_of_several(news: Sequence[News], title: str | None, language: Language) -> dict[str, str]:
    """The variables of the template that `template_for` chose for several. title: of the one wish they are about."""
    work = [one for one in news if one.mode == Mode.DIGEST]
    others = [one for one in news if one.mode != Mode.DIGEST]
    counts = digest_counts([one.event.type_name() for one in work])
    posted = [one.event for one in work if isinstance(one.event, wish.WishPosted)]
    shown = title if others else posted[-1].title if posted else None
    # Where the template counts work by kind, `count` is what comes on top; else it is everything.
    alone = not work or template_for(news) == "morning_news.v1"
    wish_id = next((one.wish_id for one in news if one.wish_id), None)
    return {
        **counts,
        "title": fitting(shown or "", otherwise=_pick(("一个心愿", "a wish"), language)),
        "count": str(len(news) if alone else len(others)),
        "newest": _pick(_newest(others), language),
        "number": short_number(wish_id) if wish_id else "0",
    }


def one_wish(news: Sequence[News]) -> str | None:
    """The wish that all of it is about, if it is about one."""
    found = {one.wish_id for one in news}
    return next(iter(found)) if len(found) == 1 else None


def _of_others(others: Sequence[News]) -> str:
    if one_wish(others) is None:
        return "morning_news.v1"
    return _OF_A_WISH.get(_AUDIENCES.get(others[-1].template, Audience.MANAGERS), "wish_news_handler.v1")


def _newest(others: Sequence[News]) -> tuple[str, str]:
    return PHRASES.get(others[-1].template, _OTHER_NEWS) if others else _OTHER_NEWS


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[1] if language == "en" else pair[0]
