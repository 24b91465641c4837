"""Several pieces of news in one message: by which template, with which values, and what is old news by then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microwish.events import Actor, Category, Community, Role, adoption, wish
from notify_service.domain.catalogue import catalogue
from notify_service.domain.digest import template_for, values_of_several
from notify_service.domain.known import KnownWish
from notify_service.domain.overtaking import OVERTAKEN_BY, News, still_news
from notify_service.domain.rules import RULES, Audience, Mode
from notify_service.domain.templates import VARIABLE_MAX
from notify_service.domain.texts import TEMPLATES
from notify_service.domain.texts_of_news import PHRASES, TOGETHER

BY = Actor(person_id="s", role=Role.STAFF)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
OF_WISH: dict[str, Any] = {"wish_id": "w", "community": "310117001001", "by": BY}
SEALED = "v1.k1.AAAA"
POSTED = wish.WishPosted(
    **OF_WISH,
    place=Community(code="310117001001", name="龙潭社区"),
    category=Category.GOODS,
    title="收音机",
    detail="声音大",
    slots=1,
)
SUBMITTED = wish.WishSubmitted(**OF_WISH, category=Category.GOODS)
CLOSED = wish.WishClosed(**OF_WISH, reason=SEALED)


def delivered(adoption_id: str) -> adoption.DeliveryReported:
    return adoption.DeliveryReported(
        wish_id="w", adoption_id=adoption_id, organisation_id="o", by=BY, delivered_at=NOON
    )


def news(template: str, event: Any, *, mode: Mode = Mode.NORMAL, minutes: int = 0, wish_id: str | None = "w") -> News:
    return News(f"{template}+{minutes}", template, mode.value, event, NOON + timedelta(minutes=minutes), wish_id)


OF_RESIDENT = news("delivery_reported.v1", delivered("a"))
ALSO = news("delivery_reported.v1", delivered("b"), minutes=1)
ELSEWHERE = news("wish_returned.v1", POSTED, wish_id="other")
OF_STAFF = news("delivery_disputed_staff.v1", CLOSED)
OF_HANDLER = news("lease_reminder.v1", delivered("a"))
WORK = news("digest_staff.v1", SUBMITTED, mode=Mode.DIGEST)
FOLLOWED = news("wish_posted_follower.v1", POSTED, mode=Mode.DIGEST)


@pytest.mark.parametrize(
    ("told", "template"),
    [
        ([OF_RESIDENT], "delivery_reported.v1"),
        ([OF_RESIDENT, ALSO], "wish_news.v1"),
        ([OF_HANDLER, OF_HANDLER], "wish_news_handler.v1"),
        ([OF_STAFF, OF_STAFF], "wish_news_staff.v1"),
        ([OF_RESIDENT, ELSEWHERE], "morning_news.v1"),
        ([WORK], "digest_staff.v1"),
        ([FOLLOWED], "digest_organisation.v1"),
        ([WORK, FOLLOWED], "digest_both.v1"),
        ([WORK, OF_STAFF], "morning_staff.v1"),
        ([FOLLOWED, OF_HANDLER], "morning_organisation.v1"),
        ([WORK, FOLLOWED, OF_STAFF], "morning_news.v1"),
    ],
)
def test_one_template_tells_it_and_its_values_are_there(told: list[News], template: str) -> None:
    assert template_for(told) == template
    if len(told) == 1 and told[0].mode == Mode.NORMAL:
        return
    templates = catalogue("http://here")
    for language in ("zh", "en"):
        values = values_of_several(told, "收音机", language)
        assert templates.sms(template, values, language)
        assert templates.wechat(template, values, language)


def test_the_counts_say_what_comes_on_top() -> None:
    assert values_of_several([OF_RESIDENT, ALSO], "收音机", "zh") | {"number": "W"} == {
        "submitted": "0",
        "adopted": "0",
        "posted": "0",
        "title": "收音机",
        "count": "2",
        "newest": "说已经送到，请确认",
        "number": "W",
    }
    assert values_of_several([WORK, WORK, OF_STAFF], None, "zh")["count"] == "1"
    assert values_of_several([WORK, FOLLOWED, OF_STAFF], None, "zh")["count"] == "3"
    assert values_of_several([FOLLOWED], None, "zh")["title"] == "收音机"


def test_later_news_drops_what_it_makes_old() -> None:
    posted, adopted = news("wish_posted.v1", POSTED), news("wish_adopted.v1", delivered("a"), minutes=2)
    assert still_news([posted], [posted, adopted], None) == []
    assert still_news([posted], [posted], None) == [posted]
    earlier = news("wish_adopted.v1", delivered("a"), minutes=-1)
    assert still_news([posted], [posted, earlier], None) == [posted]


def test_what_became_of_another_adoption_makes_nothing_old() -> None:
    reminder = news("lease_reminder.v1", delivered("a"))
    lapsed = [news("adoption_lapsed.v1", delivered(one), minutes=1) for one in ("a", "b")]
    assert still_news([reminder], [reminder, lapsed[1]], None) == [reminder]
    assert still_news([reminder], [reminder, *lapsed], None) == []


def test_a_claim_of_a_wish_that_is_over_is_no_news() -> None:
    ref = adoption.OrganisationRef(id="o", name="邮政所", kind=adoption.OrganisationKind.COMPANY)
    sealed = {"handler_name": SEALED, "office_phone": SEALED, "door_code": SEALED}
    claimed = adoption.WishAdopted(
        wish_id="w",
        adoption_id="a",
        organisation_id="o",
        by=BY,
        organisation=ref,
        claimed_at=NOON,
        due_at=NOON,
        **sealed,
    )
    held = news("wish_adopted_handler.v1", claimed)
    assert still_news([held], [held], KnownWish("w", over=True)) == []
    assert still_news([held], [held], KnownWish("w")) == [held]


def test_whatever_may_be_merged_has_a_phrase_and_whatever_is_named_exists() -> None:
    merged = {line.template for lines in RULES.values() for line in lines if line.mode is Mode.NORMAL}
    assert merged == PHRASES.keys()
    assert all(0 < len(phrase) <= VARIABLE_MAX for pair in PHRASES.values() for phrase in pair)
    known = {template.id for template in TEMPLATES}
    assert {*OVERTAKEN_BY, *(later for all_ in OVERTAKEN_BY.values() for later in all_)} <= known
    assert OVERTAKEN_BY.keys() <= merged  # what is told at once is never taken back
    assert {one.id for one in TOGETHER} <= known


def test_what_asks_for_an_act_or_keeps_somebody_safe_is_never_merged() -> None:
    prompt = {line.template for lines in RULES.values() for line in lines if line.mode is Mode.PROMPT}
    assert {"slot_offered.v1", "wish_recommended.v1", "handover_proposed.v1", "partner_asked.v1"} <= prompt
    assert {"wish_adopted.v1", "handler_named.v1", "holder_gone.v1", "member_invited.v1"} <= prompt
    chosen = [line for lines in RULES.values() for line in lines if line.mode is Mode.AS_CHOSEN]
    assert [line.audience for line in chosen] == [Audience.FOLLOWERS]
    door = {"door_code", "handler", "office_phone"}
    assert all(one.id in prompt for one in TEMPLATES if door & one.variables)
