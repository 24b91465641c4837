"""What SMS providers push: carriers' words and people's answers, through addresses that only they know."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from providers.alibaba import Alibaba
from providers.server import serving
from providers.sms import SECRETS, settings_of
from providers.tencent import Tencent

from microwish import logs
from microwish.events.notify import Channel

pytestmark = pytest.mark.integration

TAKEN = {"alibaba": {"code": 0, "msg": "成功"}, "tencent": {"result": 0, "errmsg": "OK"}}


@dataclass(frozen=True)
class Street:
    """A service whose SMS go to a provider that the test plays, and the message that it sent."""

    town: Any
    provider: Any
    name: str
    secret: str

    async def push(self, what: str, body: Any, *, secret: str | None = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.town.http.post(f"/callbacks/{self.name}/{secret or self.secret}/{what}", content=raw)

    async def message(self) -> dict[str, Any]:
        [message] = await self.town.rows("messages")
        return dict(message)

    async def told(self) -> list[str]:
        """The steps in the message's timeline."""
        return [entry["what"] for entry in (await self.message())["timeline"]]


@pytest.fixture(params=["alibaba", "tencent"])
async def street(request: Any, make_desk: Any, story_of: Any, tmp_path: Path) -> AsyncIterator[Street]:
    """One message has been accepted."""
    name = request.param
    provider = Alibaba() if name == "alibaba" else Tencent(reports_at_once=False)
    async with serving(provider) as server:
        town = await make_desk(**settings_of(tmp_path, **{name: server}))
        story = story_of(town)
        await story.people()
        await story.posted()
        await town.work()
        yield Street(town, provider, name, SECRETS[name])
        for adapter in town.service.adapters[Channel.SMS]:
            await adapter.close()


def report_of(street: Street, message: dict[str, Any], code: str) -> dict[str, Any]:
    report: dict[str, Any] = street.provider.report(message["out"]["id"], code)
    return report


def delivered(street: Street) -> str:
    return "DELIVERED" if street.name == "alibaba" else "DELIVRD"


async def test_a_carriers_word_comes_once_in_effect_and_in_any_order(street: Street) -> None:
    message = await street.message()
    assert message["state"] == "sent"
    word = report_of(street, message, delivered(street))
    strange = {**word, "out_id": "of-another-system", "biz_id": "0^0", "sid": "2:of-another-system"}
    for batch in ([word, strange], [word], []):
        answer = await street.push("reports", batch)
        assert answer.status_code == 200
        assert answer.json() == TAKEN[street.name]
    assert (await street.message())["state"] == "delivered"
    late = await street.push("reports", [report_of(street, message, "UNDELIV")])
    assert late.status_code == 200
    assert (await street.message())["state"] == "delivered"
    assert (await street.told()).count("delivered") == 1


async def test_a_failure_is_undelivered(street: Street) -> None:
    word = report_of(street, await street.message(), "MK:0001")
    assert (await street.push("reports", [word])).status_code == 200
    message = await street.message()
    assert (message["state"], message["cause"]) == ("undelivered", "MK:0001")


WRONG: list[tuple[Any, int, str | None]] = [
    (b"{not json", 400, None),
    ({"success": True}, 422, "body"),
    ([{"success": "perhaps", "report_status": "MAYBE", "sid": "2:1"}], 422, "0."),
    ([{"err_code": "DELIVERED"}], 422, "0."),
    ([{"success": True, "report_status": "SUCCESS", "sid": "s" * 300, "out_id": "o" * 300}], 422, "0."),
    ([{"success": True, "report_status": "SUCCESS", "sid": "2:1"}] * 1001, 422, "body"),
]


async def test_what_is_no_report_changes_nothing(street: Street) -> None:
    before = await street.message()
    for body, status, field in WRONG:
        answer = await street.push("reports", body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        if field:
            assert answer.json()["errors"][0]["field"].startswith(field)
    assert (await street.push("replies", [{"mobile": 1}])).status_code == 422
    assert await street.message() == before


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Torn down after what was captured, so that later lines don't go to a stream that is closed."""
    yield
    logs.configure("notify-tests", "ERROR", json=False)


async def test_to_who_does_not_know_the_secret_there_is_nothing_here(
    street: Street, logs_as_before: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("notify-service")
    word = report_of(street, await street.message(), delivered(street))
    for secret in ("guessed-by-somebody", street.secret.upper(), "ä"):
        answer = await street.push("reports", [word], secret=secret)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        # Before anything is read: what could not be read is not even looked at.
        assert (await street.push("reports", b"{not json", secret=secret)).status_code == 404
    assert (await street.message())["state"] == "sent"
    assert (await street.push("reports", [word])).status_code == 200
    logs.get_logger("test").warning("end")  # brings forward what waits to be written
    lines = capsys.readouterr().err
    assert street.secret not in lines
    assert "/callbacks/" in lines


async def test_an_answer_that_asks_for_no_more_is_heard(street: Street, fresh_phone: Any) -> None:
    stays, goes = fresh_phone(), fresh_phone()
    for phone, text in ((stays, "T恤收到了，谢谢"), (goes, "ＴＤ"), (goes, "ＴＤ")):
        assert (await street.push("replies", reply_of(street, phone, text))).status_code == 200
    index = street.town.settings.blind_index()
    suppressions = street.town.service.store.suppressions
    assert await suppressions.barred(index.of(goes)) == {Channel.SMS}
    assert not await suppressions.barred(index.of(stays))


def reply_of(street: Street, phone: str, text: str) -> Any:
    if street.name == "alibaba":
        said = {"phone_number": phone, "content": text, "send_time": "2099-01-01 00:00:00"}
        return [{**said, "sign_name": "微心愿", "dest_code": "1234", "sequence_id": 1234567890}]
    return {"mobile": phone, "text": text, "nationcode": "86", "extend": "", "sign": "微心愿", "time": 4_070_880_000}


async def test_without_a_secret_nothing_is_let_in(desk: Any) -> None:
    for name in ("alibaba", "tencent"):
        for secret in ("", "a", "%00"):
            answer = await desk.http.post(f"/callbacks/{name}/{secret}/reports", json=[])
            assert answer.status_code == 404
