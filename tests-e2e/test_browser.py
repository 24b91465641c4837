"""The story in a real browser: a resident and a manager on their phones, staff at a desk; every page is looked over."""

from io import BytesIO
from random import SystemRandom

import pytest
from PIL import Image

from microwish.testing import eventually
from microwish_local.environment import ADMIN_PHONE
from microwish_local.story.cast import Cast

from .visitors import DESK, PHONE, NewVisitor, Visitor, sign_in

pytestmark = pytest.mark.e2e

PAGES_OF_STAFF = (
    *("/desk/tasks", "/desk/import", "/desk/staff", "/campaigns", "/campaigns/new", "/post?on_behalf=yes"),
    *("/adopt/verify", "/adopt/organisations", "/stats", "/adopt", "/notify", "/notify/preferences"),
    *("/notify/ops", "/notify/ops/messages", "/notify/ops/letters", "/notify/ops/providers"),
)
TITLE = "客厅的灯不亮了，想请人来看看"


async def test_one_wish_from_sign_in_to_thanks(visitor: NewVisitor) -> None:
    cast = Cast.invented(SystemRandom())
    resident, staff, manager, phone = [await visitor(screen) for screen in (PHONE, DESK, PHONE, PHONE)]

    await resident.open("/")
    await sign_in(resident, phone, cast.resident_phone, "/post")
    wish_id = await _post(resident, cast)
    await sign_in(staff, phone, ADMIN_PHONE, "/desk")
    await _approve(staff, wish_id)
    await sign_in(manager, phone, cast.manager_phone, "/adopt/register")
    await _join(manager, staff, cast)
    await _claim_and_deliver(manager, wish_id, cast)
    await _confirm(resident, wish_id, cast)

    await resident.sees(".tag.fulfilled", f"/wishes/{wish_id}")
    assert cast.organisation_name in await resident.text()
    await _everybody_was_told(phone, cast)
    for page in ("/", "/stats", "/mine", f"/wishes/{wish_id}"):
        await resident.open(page)
    await staff.open("/notify/ops")
    for visited in (resident, staff, manager, phone):
        assert not visited.faults, "\n".join(dict.fromkeys(visited.faults))


async def test_staff_from_a_wish_on_behalf_to_the_wall_and_a_duplicate(visitor: NewVisitor) -> None:
    """For somebody with a landline: posted, reviewed with a photo, live on the wall, merged with, called, imported."""
    staff, reader, phone = await visitor(DESK), await visitor(PHONE), await visitor(PHONE)
    await sign_in(staff, phone, ADMIN_PHONE, "/desk")
    await reader.open("/")

    wish_id = await _post_on_behalf(staff, "独居老人卫生间的排气扇坏了", "洗澡满屋都是水汽，镜子看不清。")
    await staff.open(f"/desk?wish={wish_id}")
    assert "独居" in await staff.page.locator(".box.info").first.inner_text()
    await staff.send(f"/desk/{wish_id}/claim")
    await _photograph(staff, wish_id)
    await _approve(staff, wish_id, public_title="卫生间的排气扇坏了", public_detail="洗澡满屋都是水汽，镜子看不清。")
    await reader.page.locator("#news:not([hidden]) a").click()
    await reader.sees('img[src*="/thumbnail"]', f"/wishes/{wish_id}")
    assert "独居" not in await reader.text()

    again = await _post_on_behalf(
        staff, "卫生间排气扇坏了，想请人看看", "洗澡满屋都是水汽。", similar="卫生间的排气扇坏了"
    )
    await staff.sees(f'form[action="/desk/{again}/merge"] input[value="{wish_id}"]', f"/desk?wish={again}")
    await staff.send(f"/desk/{again}/merge")
    await staff.open(f"/desk?wish={again}")
    assert await staff.page.locator("#wish .tag.merged").count() == 1

    await _call(staff, wish_id)
    await _try_a_bad_table(staff)
    await staff.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for page in (f"/desk?wish={wish_id}", f"/desk/{wish_id}/correction", *PAGES_OF_STAFF):
        await staff.open(page)
    assert not staff.faults + reader.faults, "\n".join(dict.fromkeys(staff.faults + reader.faults))


async def test_a_page_that_does_not_exist_says_so_to_people(visitor: NewVisitor) -> None:
    reader = await visitor(PHONE)
    for path in ("/wishes/nothing-of-ours", "/wishes/%E5%BF%83"):
        answer = await reader.page.goto(reader.base_url + path)
        assert answer is not None
        assert answer.status == 404
        await reader.look_over()
    assert [fault for fault in reader.faults if ": 404" not in fault and "404 (Not Found)" not in fault] == []


async def test_the_look_over_finds_what_is_wrong(visitor: NewVisitor) -> None:
    """Negative control: a page with one fault of each kind."""
    reader = await visitor(PHONE)
    await reader.page.set_content(
        "<html><body style='margin:0'><p style='font-size:17px'>small</p><input name='bare'>"
        "<button class='btn'>b</button><img src='data:,'><p style='color:#999'>pale</p><p>party_organisation</p>"
        "<div style='width:500px;height:5px'></div><p hidden>hidden</p></body></html>"
    )
    await reader.look_over()
    for kind in (
        "text of 17 px",
        "no label",
        "button of",
        "no alt",
        "scrolls sideways",
        "no title or language",
        "contrast of",
        "raw word",
        "target of",
    ):
        assert len([fault for fault in reader.faults if kind in fault]) == 1, kind


async def _post(resident: Visitor, cast: Cast) -> str:
    """The three steps of a new wish; its id."""
    page = resident.page
    await page.locator('label:has(input[name="category"][value="repair"])').click()
    await resident.send("/post", title=TITLE, detail="够不着，想请师傅来看看是灯还是线路。")
    await page.locator('select[name="community"]').select_option("310117001001")
    await resident.send("/post", name=cast.resident_name, phone=cast.resident_phone, address=cast.address)
    assert cast.address in await resident.text()
    for consent in ("agree_publishing", "agree_sensitive"):
        await page.locator(f'input[name="{consent}"]').check()
    await resident.send("/post")
    assert "/mine" in page.url
    card = page.locator('[id^="wish-"]').first
    assert TITLE in await card.inner_text()
    return (await card.get_attribute("id") or "").removeprefix("wish-")


async def _approve(staff: Visitor, wish_id: str, **public: str) -> None:
    await staff.open(f"/desk?wish={wish_id}")
    approve = f'form[action="/desk/{wish_id}/review"]:has(input[value="approve"])'
    for name, value in (public or {"public_detail": "够不着，想请师傅来看看。"}).items():
        await staff.page.locator(f"{approve} [name={name}]").fill(value)
    form_id = await staff.page.locator(approve).get_attribute("id")
    await staff.press(staff.page.locator(f'{approve} button[type=submit]:not([name]), button[form="{form_id}"]').first)
    assert await staff.page.locator(f'a[href="/desk?wish={wish_id}"]').count() == 0


async def _post_on_behalf(staff: Visitor, title: str, detail: str, similar: str = "") -> str:
    """The three steps for somebody with a landline; the id. similar: what the last step shows as much the same."""
    page = staff.page
    await staff.open("/post?on_behalf=yes")
    await page.locator('label:has(input[name="category"][value="repair"])').click()
    await staff.send("/post", title=title, detail=detail)
    await page.locator('select[name="community"]').select_option("310117001002")
    await staff.send("/post", name="吴阿婆", phone="021-57812345", address="三弄 7 号")
    assert similar in " ".join(await page.locator(".similar").all_inner_texts())
    await page.locator('select[name="consent_basis"]').select_option("by_telephone")
    for consent in ("agree_publishing", "agree_sensitive"):
        await page.locator(f'input[name="{consent}"]').check()
    await staff.send("/post", consent_note="电话里说可以")
    chosen = await page.locator(".queue a", has_text=title).first.get_attribute("href")
    return (chosen or "").removeprefix("/desk?wish=")


async def _photograph(staff: Visitor, wish_id: str) -> None:
    """Staff add a photo and let everybody see it."""
    picture = BytesIO()
    Image.new("RGB", (640, 480), "#88aacc").save(picture, "JPEG")
    upload = staff.page.locator(f'form[action="/desk/{wish_id}/photos"] input[type=file]')
    await upload.set_input_files({"name": "fan.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    await staff.send(f"/desk/{wish_id}/photos")
    await staff.press(staff.page.locator('form[action$="/approval"] button'))


async def _call(staff: Visitor, wish_id: str) -> None:
    """Who has no mobile is called by telephone, and that is a task."""
    task = f'article:has(a[href="/desk?wish={wish_id}"])'
    await staff.sees(task, "/desk/tasks?kind=telephone")
    contact = await staff.page.locator(f'{task} form[action$="/contact"]').get_attribute("action") or ""
    await staff.send(contact)
    assert "57812345" in (await staff.text()).replace(" ", "").replace("-", "")
    await staff.send(contact.replace("/contact", "/done"))
    assert await staff.page.locator(task).count() == 0


async def _try_a_bad_table(staff: Visitor) -> None:
    """A dry run names row and column of what is wrong, and keeps nothing."""
    rows = ["标题,类别,社区,联系人,电话,地址", "想要一把折叠椅,物品,龙潭社区,王秀英,13912345678,三弄 5 号"]
    rows.append("想修一修窗户,修理,龙潭社区,王秀英,139,三弄 5 号")
    await staff.open("/desk/import")
    table = {"name": "wishes.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    await staff.page.locator("input[name=file]").set_input_files(table)  # type: ignore[arg-type]
    async with staff.refused(422):
        await staff.send("/desk/import")
    places = await staff.page.locator(".faults tbody tr").all_inner_texts()
    assert [place.split()[:3] for place in places] == [["3", "B", "类别"], ["3", "E", "电话"]]


async def _join(manager: Visitor, staff: Visitor, cast: Cast) -> None:
    """The manager registers the organisation, staff verify it."""
    await manager.page.locator('select[name="kind"]').select_option("resident_unit")
    contact = {"contact__name": cast.manager_name, "contact__phone": "021-57720000"}
    await manager.send("/adopt/register", name=cast.organisation_name, uscc=cast.uscc, **contact)
    await staff.open("/adopt/verify")
    card = staff.page.locator(".card", has_text=cast.organisation_name)
    await staff.press(card.locator('form:has(input[value="approve"]) button'))
    assert await staff.page.locator(".card", has_text=cast.organisation_name).count() == 0


async def _claim_and_deliver(manager: Visitor, wish_id: str, cast: Cast) -> None:
    claim = f'form[action="/adopt/claim"]:has(input[name=wish_id][value="{wish_id}"])'
    await manager.sees(claim, f"/adopt?wish={wish_id}")
    await manager.press(manager.page.locator(f"{claim} button").first)
    await manager.sees('form[action$="/contact"]', "/adopt/ours")
    contact = await manager.page.locator('form[action$="/contact"]').first.get_attribute("action")
    await manager.send(contact or "")
    shown = await manager.text()
    assert cast.address in shown
    assert cast.resident_phone in shown.replace(" ", "")
    await manager.open("/adopt/ours")
    await manager.send((contact or "").replace("/contact", "/delivery"), note="换了一只新的灯，试过开关。")


async def _confirm(resident: Visitor, wish_id: str, cast: Cast) -> None:
    await resident.sees(f'form[action="/mine/{wish_id}/confirm"]', "/mine")
    assert cast.organisation_name in await resident.text()
    await resident.send(f"/mine/{wish_id}/confirm", thanks="灯亮堂堂的，谢谢。")
    assert await resident.page.locator(f"#wish-{wish_id} .tag.fulfilled").count() == 1


async def _everybody_was_told(phone: Visitor, cast: Cast) -> None:
    """The sandbox phone shows the whole story as messages."""

    async def all_there() -> bool:
        await phone.open(f"/notify?phone={cast.resident_phone}")
        said = await phone.text()
        return said.count(TITLE) >= 4 and "圆梦" in said

    await eventually(all_there, seconds=60)
    await phone.open(f"/notify?phone={cast.manager_phone}")
    assert "认领" in await phone.text()
