"""How providers do: counted over replicas, an alert when too few are accepted, and its end; the pages that show it."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from microwish.identity.people import Role
from microwish.ids import uuid7
from notify_service.alerts import Alerts
from notify_service.figures import Answer, Figures

pytestmark = pytest.mark.integration
HTML = {"Accept": "text/html"}


class Group:
    """A robot's group: what was said there."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def say(self, text: str) -> None:
        self.said.append(text)

    async def close(self) -> None: ...


def count(figures: Figures, provider: str, **answers: int) -> None:
    for answer, times in answers.items():
        for _ in range(times):
            figures.handed_over(provider, Answer(answer), 0.25, segments=2)


async def test_two_replicas_count_as_one_and_cost_is_by_parts(make_desk: Any) -> None:
    desk = await make_desk(prices_fen={"alibaba": 4.5})
    rows = desk.service.mongo.db.get_collection("figures")
    replicas = [Figures(rows, desk.clock, prices=desk.settings.prices_fen) for _ in range(2)]
    for figures in replicas:
        count(figures, "alibaba", accepted=3, lost=1)
        await figures.write_down()
        await figures.write_down()  # what was written is not written again
    [figure] = await replicas[0].since(desk.clock() - timedelta(hours=1))
    assert dict(figure.answers) == {"accepted": 6, "lost": 2}
    assert (figure.segments, figure.fen, figure.success_rate) == (12, 54.0, 0.75)
    assert (figure.mean_seconds, figure.slowest) == (0.25, 0.25)
    desk.clock.ahead += timedelta(hours=2)
    assert await replicas[0].since(desk.clock() - timedelta(hours=1)) == []


async def test_too_few_accepted_is_told_once_and_over_when_it_recovers(make_desk: Any) -> None:
    desk = await make_desk(success_least=0.9, success_enough=20)
    watch, group = desk.service.watch, Group()
    watch.alerts.robot = group
    count(watch.figures, "tencent", accepted=10, lost=5)
    await watch.providers()
    assert await watch.alerts.newest(open_only=True, limit=9) == []  # too few to say
    count(watch.figures, "tencent", accepted=5, lost=1, person=30)
    for _ in range(3):
        await watch.providers()
    [alert] = await watch.alerts.newest(open_only=True, limit=9)
    assert (alert.code, alert.subject, alert.times) == ("success_rate", "tencent", 3)
    assert alert.values == {"rate": "71%", "least": "90%", "of": "21"}
    await watch.alerts.close()
    assert len(group.said) == 1
    shown = REGISTRY.get_sample_value("microwish_alerts_open", {"code": "success_rate", "subject": "tencent"})
    assert shown == 1
    desk.clock.ahead += timedelta(minutes=20)
    count(watch.figures, "tencent", accepted=40)
    await watch.providers()
    [over] = await watch.alerts.newest(open_only=False, limit=9)
    assert not over.open
    assert [entry["what"] for entry in (await desk.rows("alerts"))[0]["timeline"]] == ["raised", "over"]


async def test_an_alert_that_goes_on_is_told_again_after_its_window(desk: Any) -> None:
    rows = desk.service.mongo.db.get_collection("alerts")
    group = Group()
    replicas = [Alerts(rows, desk.clock, window_seconds=60, robot=group) for _ in range(2)]
    for _ in range(2):
        for alerts in replicas:
            await alerts.raise_("provider_quota", "official", cause="45009")
            await alerts.close()
    assert group.said == ["provider_quota official cause=45009"]
    desk.clock.ahead += timedelta(seconds=61)
    await replicas[1].raise_("provider_quota", "official", cause="45009")
    await replicas[1].close()
    assert len(group.said) == 2


async def test_operations_see_providers_and_end_an_alert(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    await story.posted()
    await desk.work()
    service = desk.service
    await service.watch.providers()
    await service.watch.alerts.raise_("provider_configuration", "sandbox", cause="isv.SMS_TEMPLATE_ILLEGAL")
    ops = desk.token(uuid7(), Role.OPS)
    staff = desk.token(uuid7(), Role.STAFF, communities=("310117",))
    for path in ("/api/messages/providers", "/notify/ops/providers", "/notify/ops/letters"):
        assert (await desk.http.get(path, headers=staff)).status_code == 403
    answer = (await desk.http.get("/api/messages/providers", headers=ops)).json()
    [sandbox] = answer["items"]
    assert (sandbox["provider"], sandbox["channels"], sandbox["breaker"]) == ("sandbox", ["sms", "wechat"], "closed")
    assert (sandbox["hour"]["attempts"], sandbox["hour"]["success_rate"]) == (1, 1.0)
    assert sandbox["arrivals"] == {"delivered": 1}
    await service.watch.alerts.raise_("provider_open", "sandbox")  # as another process would
    other = (await desk.http.get("/api/messages/providers", headers=ops)).json()
    assert other["items"][0]["breaker"] == "open"
    [alert] = answer["alerts"]
    page = (await desk.http.get("/notify/ops", headers={**HTML, **ops})).text
    assert "签名、模板或密钥不对" in page
    assert "isv.SMS_TEMPLATE_ILLEGAL" in (await desk.http.get("/notify/ops/providers", headers={**HTML, **ops})).text
    ended = await desk.http.post(f"/api/messages/alerts/{alert['id']}/end", headers=ops)
    assert (ended.status_code, ended.json()["open"]) == (202, False)
    missing = await desk.http.post("/api/messages/alerts/none%7Cnone/end", headers=ops)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert "签名、模板或密钥不对" not in (await desk.http.get("/notify/ops", headers={**HTML, **ops})).text
