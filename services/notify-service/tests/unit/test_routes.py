"""The next way of a message: in the person's order, then the providers', without what is barred or rests."""

from datetime import UTC, datetime, timedelta

from microwish.events.notify import Channel
from notify_service.channels.port import Outgoing, Receipt, Sent
from notify_service.use_cases.routes import Route, Way, first_of, in_order, left

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WAYS = (Way(Channel.WECHAT, "openid"), Way(Channel.SMS, "13900000000"))


class Named:
    """An adapter of which only the name matters."""

    channel = Channel.SMS
    repeats_for = timedelta()

    def __init__(self, provider: str) -> None:
        self.provider = provider

    async def send(self, outgoing: Outgoing) -> Receipt:
        raise NotImplementedError(outgoing)

    async def lookup(self, sent: Sent) -> Receipt:
        raise NotImplementedError(sent)

    async def close(self) -> None:
        """Nothing is open."""


ADAPTERS = in_order({Channel.SMS: [Named("alibaba"), Named("tencent")], Channel.WECHAT: [Named("official")]})
CARD = Route(Channel.WECHAT, "official", "openid")
FIRST = Route(Channel.SMS, "alibaba", "13900000000")
SECOND = Route(Channel.SMS, "tencent", "13900000000")


def test_all_that_may_be_tried_in_order() -> None:
    assert left(WAYS, ADAPTERS, []) == [CARD, FIRST, SECOND]
    assert left(reversed(WAYS), ADAPTERS, []) == [FIRST, SECOND, CARD]


def test_what_has_refused_for_good_is_left_out() -> None:
    assert left(WAYS, ADAPTERS, ["wechat"]) == [FIRST, SECOND]
    assert left(WAYS, ADAPTERS, ["sms/alibaba"]) == [CARD, SECOND]
    assert left(WAYS, ADAPTERS, ["wechat", "sms"]) == []


def test_one_adapter_alone_is_a_list_of_one() -> None:
    alone = in_order({Channel.SMS: Named("sandbox")})
    assert [route.provider for route in left(WAYS, alone, [])] == ["sandbox"]


def test_a_resting_provider_is_passed_by() -> None:
    later = NOW + timedelta(minutes=1)
    assert first_of([FIRST, SECOND], {}, urgent=False) == (FIRST, None)
    assert first_of([FIRST, SECOND], {"alibaba": later}, urgent=False) == (SECOND, None)
    assert first_of([], {"alibaba": later}, urgent=False) == (None, None)


def test_where_all_rest_it_waits_for_the_first_unless_it_is_urgent() -> None:
    resting = {"alibaba": NOW + timedelta(hours=1), "tencent": NOW + timedelta(minutes=1)}
    assert first_of([FIRST, SECOND], resting, urgent=False) == (None, resting["tencent"])
    assert first_of([FIRST, SECOND], resting, urgent=True) == (SECOND, None)
