"""Photos by forms alone: a resident uploads, staff approve, everybody sees, and errors stand at their field."""

import re
from typing import Any

import pytest

from microwish.testing import eventually

pytestmark = pytest.mark.integration

HTML = {"Accept": "text/html"}


async def browser(world: Any, someone: Any) -> Any:
    client = world.client(**HTML)
    client.cookies.set("microwish_session", someone.token)
    return client


def form_to(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes there."""
    [form] = [one for one in re.findall(r"<form.*?</form>", html, re.S) if f'action="{action}"' in one]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


async def upload(client: Any, page: str, action: str, content: bytes) -> Any:
    form = form_to((await client.get(page)).text, action)
    assert set(form) == {"csrf", "key"}
    return await client.post(action, data=form, files={"photo": ("a.jpg", content, "image/jpeg")})


async def test_from_the_residents_form_to_the_wall(world: Any, photo_samples: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    mine, desk, anyone = await browser(world, resident), await browser(world, staff), world.client(**HTML)
    wish_id = await world.posted(resident, staff)
    await world.on_wall(wish_id, "posted")
    action = f"/mine/{wish_id}/photos"
    assert 'enctype="multipart/form-data"' in (await mine.get("/mine")).text
    done = await upload(mine, "/mine", action, photo_samples.jpeg())
    assert (done.status_code, done.headers["location"]) == (303, f"/mine#wish-{wish_id}")
    page = (await mine.get("/mine")).text
    [photo_id] = re.findall(r'src="/photos/([0-9a-f-]+)/thumbnail"', page)
    assert "社区还没看" in page
    assert re.search(r'alt="“[^"]+”的照片 1"', page)

    assert f"/photos/{photo_id}" not in (await anyone.get(f"/wishes/{wish_id}")).text
    queue = (await desk.get("/desk")).text
    assert "等您看的照片" in queue
    assert f'href="/desk?wish={wish_id}#photos"' in queue
    at_desk = f"/desk?wish={wish_id}"
    approval = f"/desk/{wish_id}/photos/{photo_id}/approval"
    form = form_to((await desk.get(at_desk)).text, approval)
    approved = await desk.post(approval, data=form)
    assert (approved.status_code, approved.headers["location"]) == (303, f"{at_desk}#photos")

    async def shown() -> bool:
        return f'src="/photos/{photo_id}/thumbnail"' in (await anyone.get(f"/wishes/{wish_id}")).text

    await eventually(shown, seconds=60)
    removal = f"/mine/{wish_id}/photos/{photo_id}/removal"
    gone = await mine.post(removal, data=form_to((await mine.get("/mine")).text, removal))
    assert gone.status_code == 303
    assert photo_id not in (await mine.get("/mine")).text


async def test_what_is_wrong_stands_beside_the_field_and_a_form_sent_twice_is_one_photo(
    world: Any, photo_samples: Any
) -> None:
    resident, staff = await world.person(), await world.staff()
    mine, desk = await browser(world, resident), await browser(world, staff)
    wish_id = await world.submitted(resident)
    action = f"/mine/{wish_id}/photos"
    broken = await upload(mine, "/mine", action, photo_samples.jpeg()[:3000])
    assert broken.status_code == 422
    assert f'id="photo-{wish_id}-error"' in broken.text
    assert f'href="#photo-{wish_id}"' in broken.text
    nothing = await mine.post(action, data=form_to((await mine.get("/mine")).text, action))
    assert nothing.status_code == 422
    form, files = form_to((await mine.get("/mine")).text, action), {"photo": ("a.jpg", photo_samples.jpeg())}
    for _ in range(2):
        assert (await mine.post(action, data=form, files=files)).status_code == 303
    assert len(set(re.findall(r"/photos/([0-9a-f-]+)/thumbnail", (await mine.get("/mine")).text))) == 1
    foreign = await mine.post(action, data={"key": form["key"]}, files=files)
    assert foreign.status_code == 403

    at_desk = f"/desk/{wish_id}/photos"
    page = f"/desk?wish={wish_id}"
    wrong = await upload(desk, page, at_desk, b"GIF89a")
    assert wrong.status_code == 422
    assert 'id="photo-error"' in wrong.text
    for _ in range(8):
        assert (await upload(desk, page, at_desk, photo_samples.jpeg(40, 30))).status_code == 303
    full = (await desk.get(page)).text
    assert "已经有 9 张照片了" in full
    assert f'action="{at_desk}"' not in full
    form = form_to((await mine.get("/mine")).text, f"/mine/{wish_id}/withdraw")
    tenth = await mine.post(action, data=form, files=files)
    assert tenth.status_code == 409
    assert "最多 9 张" in tenth.text
