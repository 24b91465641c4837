from microwish.ids import uuid7
from microwish.web.pages import words
from notify_service.domain.facts import short_number


def test_messages_and_pages_name_a_wish_by_the_same_number() -> None:
    wish_id = uuid7()
    assert short_number(wish_id) == words.short_number(wish_id)
    assert len(short_number(wish_id)) == 6
