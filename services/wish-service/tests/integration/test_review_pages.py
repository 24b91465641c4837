"""The desk without JavaScript: take the next, compare the words, choose a reason, publish several."""

import re
from html import unescape
from typing import Any

import pytest

pytestmark = pytest.mark.integration

PLACE, STREET = "310117005001", "310117005"


async def desk_of(world: Any, someone: Any) -> Any:
    client = world.client(Accept="text/html")
    client.cookies.set("microwish_session", someone.token)
    return client


def csrf(html: str) -> dict[str, str]:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return {"csrf": unescape(found[1])}


async def test_the_desk_shows_who_reviews_what_changed_and_publishes_several(another_world: Any) -> None:
    async with another_world(consume=False) as world:
        resident, mine, other = await world.person(), await world.staff(STREET, name="周敏"), await world.staff(STREET)
        first = await world.submitted(resident, community=PLACE, title="想要收音机", detail="独居，想听越剧")
        rest = [await world.submitted(resident, community=PLACE, title=f"第{n}个心愿") for n in range(3)]
        desk, others = await desk_of(world, mine), await desk_of(world, other)
        form = csrf((await desk.get("/desk")).text)
        other_form = csrf((await others.get("/desk")).text)

        taken = await desk.post("/desk/next", data=form)
        assert (taken.status_code, taken.headers["location"]) == (303, f"/desk?wish={first}")
        assert "您正在审核" in (await desk.get(f"/desk?wish={first}")).text
        seen = (await others.get(f"/desk?wish={first}")).text
        assert "周敏正在审核" in seen
        assert 'id="approve"' not in seen
        late = await others.post(f"/desk/{first}/review", data={**other_form, "decision": "approve"})
        assert late.status_code == 409
        assert "周敏" in late.text
        assert f'value="{first}" form="batch"' not in seen

        words = {**form, "decision": "approve", "public_title": "想要收音机", "public_detail": "想听越剧"}
        compared = await desk.post(f"/desk/{first}/review", data={**words, "compare": "yes"})
        assert compared.status_code == 200
        assert re.search(r"<del>.*独居，</del>", compared.text, re.S)
        assert "想听越剧</textarea>" in compared.text
        assert (await desk.post(f"/desk/{first}/review", data=words)).status_code == 303
        posted = (await desk.get(f"/desk?wish={first}")).text
        assert re.search(r"<del>.*独居，</del>", posted, re.S)
        assert "公开时改过文字" in posted

        back = await desk.post(f"/desk/{rest[0]}/claim", data=form)
        assert back.status_code == 303
        assert (await desk.post(f"/desk/{rest[0]}/give-back", data=form)).status_code == 303
        reason = {**form, "decision": "return", "reason_code": "time_missing"}
        assert (await desk.post(f"/desk/{rest[0]}/review", data=reason)).status_code == 303
        assert (await resident.get(f"/api/wishes/{rest[0]}")).json()["reason"] == "请说说什么时候方便上门。"

        await others.post(f"/desk/{rest[1]}/claim", data=other_form)
        done = await desk.post("/desk/batch", data={**form, "wish_ids": rest[1:]})
        assert done.status_code == 303
        told = (await desk.get("/desk")).text
        assert "已发布 1 个" in told
        assert "同事正在审核 1" in told
        assert (await desk.post("/desk/batch", data=form)).status_code == 303
        assert "请先勾选" in (await desk.get("/desk")).text
        assert (await desk.post("/desk/next", data=form)).headers["location"] == "/desk"
        assert "没有可以领取的心愿" in (await desk.get("/desk")).text

        # What was revised while somebody had the page open is not published unread.
        revised, listed = [await world.submitted(resident, community=PLACE) for _ in range(2)]
        page = (await desk.get(f"/desk?wish={revised}")).text
        [version] = set(re.findall(r'name="version" value="([0-9]+)"', page))
        batch = {f"version-{listed}": version, "wish_ids": [listed]}
        assert f'name="version-{listed}" value="{version}" form="batch"' in page
        for wish_id in (revised, listed):
            await resident.http.patch(f"/api/wishes/{wish_id}", json={"detail": "独居"})
        late = await desk.post(f"/desk/{revised}/review", data={**words, "version": version})
        assert late.status_code == 409
        assert "居民刚改过" in late.text
        assert (await desk.post("/desk/batch", data={**form, **batch})).status_code == 303
        assert "居民刚改过 1" in (await desk.get("/desk")).text
