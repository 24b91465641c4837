import pytest

from microwish.privacy.masking import mask_address, mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13912345678", "139****5678"), ("02155550100", "*********00"), ("1234", "****"), ("", "")],
)
def test_phones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"), [("王小明", "王**"), ("王", "*"), (" 李雷 ", "李*"), ("", ""), ("欧阳娜娜", "欧***")]
)
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("龙潭社区三弄5号301室", "龙潭社区******"),
        ("岳阳街道人民路12号", "岳阳街道******"),
        ("5号301室", "******"),
        ("301室龙潭社区", "******"),
        ("龙潭社区", "******"),
        ("", ""),
    ],
)
def test_addresses_show_only_what_the_neighbourhood_shares(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_the_mask_of_an_address_does_not_tell_its_length() -> None:
    assert len(mask_address("龙潭社区1")) == len(mask_address("龙潭社区三弄5号301室，按两次铃"))
