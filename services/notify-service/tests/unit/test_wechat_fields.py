"""Our variables in the fields of templates that WeChat approved."""

import pytest

from notify_service.channels.wechat_fields import NotACard, card_of, fitted
from notify_service.domain.texts import TEMPLATES

ID = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"


def test_an_id_alone_has_the_usual_fields() -> None:
    card = card_of(ID, ("title", "number", "posted", "office_phone"))
    assert card.id == ID
    assert list(card.fields.values()) == ["thing1", "character_string2", "number3", "phone_number4"]


def test_the_file_may_name_the_fields() -> None:
    card = card_of(f"{ID}|title=thing7|number=keyword2", ("title", "number"))
    data = card.data({"title": "收音机", "number": "A1B2C3", "due": "24"})
    assert data == {"thing7": {"value": "收音机"}, "keyword2": {"value": "A1B2C3"}}


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "short",
        f"{ID}|title=thing1",
        f"{ID}|title=thing1|number=thing1",
        f"{ID}|title",
        f"{ID}|title=thing1|due=date2",
    ],
)
def test_an_entry_that_does_not_fit_is_refused(entry: str) -> None:
    with pytest.raises(NotACard):
        card_of(entry, ("title", "number"))


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("thing1", "收音机", "收音机"),
        ("thing1", "两\n行", "两 行"),
        ("thing1", "长" * 21, "长" * 19 + "…"),
        ("phrase3", "很长的短语", "很长的短语"),
        ("phrase3", "很长很长的短语", "很长很长…"),
        ("name2", "某" * 11, "某" * 9 + "…"),
        ("date4", "12 月 24 日", "12月24日"),
        ("time4", "12 月 24 日 10:00", "12月24日 10:00"),
        ("keyword1", "", "—"),
    ],
)
def test_a_value_is_made_to_fit_its_field(field: str, value: str, shown: str) -> None:
    assert fitted(field, value) == shown


def test_every_template_fits_a_card() -> None:
    for template in TEMPLATES:
        card = card_of(ID, template.fields)
        data = card.data(dict.fromkeys(template.fields, "二十个字" * 6))
        assert all(0 < len(row["value"]) <= 20 and "\n" not in row["value"] for row in data.values())
