"""When digests leave, what they count, and what variables say."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from microwish.events import Actor, Role, adoption, wish
from microwish.events.notify import Channel
from notify_service.domain.digest import ADOPTED, POSTED, SUBMITTED, digest_counts, digest_template, next_morning
from notify_service.domain.facts import short_number, values_for
from notify_service.domain.known import KnownAdoption, KnownOrganisation, KnownWish, Waiting
from notify_service.domain.message import too_late
from notify_service.domain.preferences import channel_order

SHANGHAI = ZoneInfo("Asia/Shanghai")
BY = Actor(person_id="s", role=Role.STAFF)
WISH_ID = "01a20690-944f-7208-8f99-0062331c1465"


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (datetime(2026, 6, 1, 23, 59, tzinfo=UTC), datetime(2026, 6, 2, 0, 0, tzinfo=UTC)),
        (datetime(2026, 6, 2, 0, 0, tzinfo=UTC), datetime(2026, 6, 3, 0, 0, tzinfo=UTC)),
        (datetime(2026, 6, 2, 15, 0, tzinfo=UTC), datetime(2026, 6, 3, 0, 0, tzinfo=UTC)),
    ],
)
def test_digests_leave_at_eight_in_shanghai(now: datetime, morning: datetime) -> None:
    assert next_morning(now, hour=8, zone=SHANGHAI) == morning


def test_a_digest_counts_each_kind() -> None:
    kinds = [SUBMITTED, POSTED, SUBMITTED, ADOPTED]
    assert digest_counts(kinds) == {"submitted": "2", "adopted": "1", "posted": "1"}
    assert digest_template(kinds) == "digest_both.v1"
    assert digest_template([POSTED]) == "digest_organisation.v1"
    assert digest_template([ADOPTED]) == "digest_staff.v1"


def test_an_event_of_yesterday_is_too_late_to_tell() -> None:
    now = datetime(2026, 6, 2, tzinfo=UTC)
    assert not too_late(datetime(2026, 6, 1, tzinfo=UTC), now, 86_400)
    assert too_late(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC), now, 86_400)


def test_sms_is_always_the_last_resort() -> None:
    both = (Channel.WECHAT, Channel.SMS)
    assert channel_order([Channel.WECHAT], both) == both
    assert channel_order([Channel.SMS, Channel.WECHAT], both) == (Channel.SMS, Channel.WECHAT)
    assert channel_order([Channel.WECHAT], (Channel.SMS,)) == (Channel.SMS,)


def _values(needed: set[str], event: Any, known: Any = None, group: Any = None, language: Any = "zh") -> Any:
    def opened(token: str, about: str) -> str:
        return f"{token[-2:]}@{about}"

    return values_for(needed, event, known, group, open_=opened, zone=SHANGHAI, language=language)


def test_variables_come_from_the_event_or_from_what_is_known() -> None:
    event = adoption.LeaseReminderDue(
        wish_id=WISH_ID, adoption_id="a", organisation_id="o", by=BY, due_at=datetime(2026, 6, 27, 16, tzinfo=UTC)
    )
    known = KnownWish(WISH_ID, True, None, "收音机", None, {"a": KnownAdoption("o", "邮政所", None, True)})
    values = _values({"title", "number", "organisation", "due"}, event, known)
    assert values == {"title": "收音机", "number": "1C1465", "organisation": "邮政所", "due": "6 月 28 日"}
    assert _values({"due"}, event, known, language="en") == {"due": "28 Jun"}
    assert short_number(WISH_ID) == "1C1465"


def test_what_is_not_known_yet_is_waited_for() -> None:
    offered = adoption.SlotOffered(wish_id=WISH_ID, organisation_id="o", until=datetime(2026, 6, 1, tzinfo=UTC), by=BY)
    assert _values({"title", "due"}, offered) == Waiting((f"wish:{WISH_ID}",))
    verified = adoption.OrganisationVerified(organisation_id="o", by=BY)
    assert _values({"organisation"}, verified) == Waiting(("organisation:o",))
    assert _values({"organisation"}, verified, group=KnownOrganisation("o", "邮政所")) == {"organisation": "邮政所"}


def test_a_role_is_named() -> None:
    joined = adoption.MemberChanged(organisation_id="o", by=BY, person_id="p", role=adoption.MemberRole.MANAGER)
    assert _values({"role"}, joined) == {"role": "管理员"}


def test_sealed_values_are_opened_for_their_wish_alone() -> None:
    ref = adoption.OrganisationRef(id="o", name="邮政所", kind=adoption.OrganisationKind.COMPANY)
    day = datetime(2026, 6, 1, tzinfo=UTC)
    sealed = {"handler_name": "v1.k.AA", "office_phone": "v1.k.BB", "door_code": "v1.k.CC"}
    event = adoption.WishAdopted(
        wish_id="w", adoption_id="a", organisation_id="o", by=BY, organisation=ref, claimed_at=day, due_at=day, **sealed
    )
    assert _values({"handler", "door_code"}, event) == {"handler": "AA@wish:w", "door_code": "CC@wish:w"}


def test_posted_titles_are_taken_from_the_event() -> None:
    revised = wish.WishRevised(wish_id="w", community="310117001001", by=BY, title="新的标题")
    assert _values({"title"}, revised) == {"title": "新的标题"}
