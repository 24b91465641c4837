import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microwish.privacy.sealing import BlindIndex, CannotOpen, Sealer, generate_blind_key, generate_sealing_keys

KEY_1, KEY_2 = generate_sealing_keys("k1"), generate_sealing_keys("k2")
SEALER = Sealer.from_keys(KEY_1)
ABOUT = "wish:1:reason"


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_what_is_sealed_opens_again(plain: str, about: str) -> None:
    assert SEALER.open(SEALER.seal(plain, about=about), about=about) == plain


def test_the_same_text_is_never_sealed_to_the_same_token() -> None:
    assert len({SEALER.seal("王小明", about=ABOUT) for _ in range(50)}) == 50


def test_the_token_names_version_and_key_and_shows_nothing_else() -> None:
    token = SEALER.seal("13912345678", about=ABOUT)
    assert token.startswith("v1.k1.")
    assert b"139" not in base64.urlsafe_b64decode(token.split(".")[2] + "==")


def test_sealed_for_one_thing_it_does_not_open_for_another() -> None:
    with pytest.raises(CannotOpen):
        SEALER.open(SEALER.seal("x", about="wish:1:reason"), about="wish:2:reason")


def test_after_rotation_old_tokens_open_and_new_ones_use_the_new_key() -> None:
    old = SEALER.seal("x", about=ABOUT)
    rotated = Sealer.from_keys(f"{KEY_2}, {KEY_1}")
    assert rotated.open(old, about=ABOUT) == "x"
    assert rotated.seal("x", about=ABOUT).startswith("v1.k2.")
    with pytest.raises(CannotOpen):
        SEALER.open(rotated.seal("x", about=ABOUT), about=ABOUT)


def test_a_key_id_does_not_open_what_another_key_sealed() -> None:
    token = SEALER.seal("x", about=ABOUT).replace("v1.k1.", "v1.k2.")
    with pytest.raises(CannotOpen):
        Sealer.from_keys(f"{KEY_2},{KEY_1}").open(token, about=ABOUT)


@given(st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    token = SEALER.seal("王小明", about=ABOUT)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda character: character != token[place]))
    with pytest.raises(CannotOpen):
        SEALER.open(token[:place] + other + token[place + 1 :], about=ABOUT)


@pytest.mark.parametrize(
    "token", ["", "v1", "v1.k1", "v1.k1.", "v1.k1.AAAA", "v2.k1.AAAA", "a.b.c.d", "v1.k1.é", "v1.k9.AAAA"]
)
def test_what_is_not_a_token_is_refused(token: str) -> None:
    with pytest.raises(CannotOpen):
        SEALER.open(token, about=ABOUT)


@pytest.mark.parametrize(
    "keys",
    ["", "k1", "k1:", "k1:AAAA", f"{KEY_1},{KEY_1}", "k 1:AAAA", f"{KEY_1},", "k1:" + "é" * 43],
    ids=["none", "no key", "empty", "short", "one id twice", "space in the id", "comma behind", "not ASCII"],
)
def test_unreadable_keys_are_refused_without_showing_them(keys: str) -> None:
    with pytest.raises(ValueError, match="key") as error:
        Sealer.from_keys(keys)
    assert KEY_1.split(":")[1] not in str(error.value)


def test_a_blind_index_is_stable_per_key_and_tells_nothing() -> None:
    key = generate_blind_key()
    index = BlindIndex(key).of("13912345678")
    assert index == BlindIndex(key).of("１３９１２３４５６７８")
    assert index != BlindIndex(key).of("13912345679")
    assert index != BlindIndex(generate_blind_key()).of("13912345678")
    assert len(index) == 64


def test_a_short_blind_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        BlindIndex(b"x" * 31)
