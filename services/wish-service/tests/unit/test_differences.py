"""What staff changed of a resident's words is shown piece by piece, and nothing of either text is lost."""

from hypothesis import given
from hypothesis import strategies as st

from wish_service.domain.differences import Fate, difference

TEXTS = st.text(alphabet="独居想听戏，收音机 ab12。\n", max_size=40)


def test_pieces_are_characters_numbers_and_latin_words() -> None:
    pieces = difference("独居，想听越剧，FM 104 就好", "想听越剧，FM 1046 就好")
    assert [(piece.fate, piece.text) for piece in pieces] == [
        (Fate.REMOVED, "独居，"),
        (Fate.KEPT, "想听越剧，FM "),
        (Fate.REMOVED, "104"),
        (Fate.ADDED, "1046"),
        (Fate.KEPT, " 就好"),
    ]
    assert [piece.fate for piece in difference("一样", "一样")] == [Fate.KEPT]
    assert difference("", "") == []


@given(original=TEXTS, public=TEXTS)
def test_both_texts_can_be_read_from_the_pieces(original: str, public: str) -> None:
    pieces = difference(original, public)
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.ADDED) == original
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.REMOVED) == public
