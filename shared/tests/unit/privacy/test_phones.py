import pytest
from hypothesis import given
from hypothesis import strategies as st

from microwish.privacy.phones import InvalidPhone, is_landline, is_mobile, normalise_phone

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "13912345678",
        "+8613912345678",
        "+86 139-1234-5678",
        "0086 139 1234 5678",
        "8613912345678",
        " 139 1234 5678 ",
        "１３９１２３４５６７８",
        "(+86)13912345678",
        "139–1234–5678",
    ],
)
def test_one_mobile_number_has_one_form(text: str) -> None:
    assert normalise_phone(text) == "13912345678"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("021-5555 0100", "02155550100"),
        ("+86 21 5555 0100", "02155550100"),
        ("+86 021 5555 0100", "02155550100"),
        ("+86 10 6666 8888", "01066668888"),
        ("0512-6777888", "05126777888"),
        ("0755-26778899", "075526778899"),
    ],
)
def test_landlines_keep_their_area_code(text: str, normal: str) -> None:
    assert normalise_phone(text) == normal
    assert is_landline(normal)
    assert not is_mobile(normal)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110",
        "12345",
        "1391234567",
        "139123456789",
        "12912345678",
        "55550100",
        "021-110",
        "139123x5678",
        "+1 2025550100",
        "١٣٩١٢٣٤٥٦٧٨",
        "13912345678\n1",
        "+86",
        "🙂",
        "0" * 200,
    ],
)
def test_what_is_no_mainland_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidPhone) as error:
        normalise_phone(text)
    assert error.value.code == "invalid_phone"


@given(mobiles, st.sampled_from(["", "+86", "0086", "+86 ", "86"]), st.sampled_from(["", " ", "-"]))
def test_any_spelling_of_a_mobile_number_comes_to_the_same(phone: str, country: str, gap: str) -> None:
    spelled = f"{country}{phone[:3]}{gap}{phone[3:7]}{gap}{phone[7:]}"
    assert normalise_phone(spelled) == phone
    assert is_mobile(phone)


@given(st.text(max_size=30))
def test_normalising_is_total_and_idempotent(text: str) -> None:
    try:
        normal = normalise_phone(text)
    except InvalidPhone:
        return
    assert normalise_phone(normal) == normal
    assert is_mobile(normal) != is_landline(normal)
