import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from microwish.privacy.uscc import InvalidUscc, check_character, check_uscc, scope_of

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def codes(authority: str) -> st.SearchStrategy[str]:
    body = st.tuples(
        st.sampled_from(authority),
        st.sampled_from("123459"),
        st.from_regex(r"[1-8][0-9]{5}", fullmatch=True),
        st.text(alphabet=ALPHABET, min_size=9, max_size=9),
    ).map("".join)
    return body.map(lambda first: first + check_character(first))


@given(codes("159ANY"))
def test_codes_with_the_right_check_character_pass_in_any_spelling(code: str) -> None:
    assert check_uscc(code) == code
    assert check_uscc(f" {code[:8].lower()}-{code[8:]} ") == code


@given(codes("159ANY"), st.data())
def test_one_wrong_character_anywhere_is_noticed(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from([character for character in ALPHABET if character != code[place]]))
    with pytest.raises(InvalidUscc):
        check_uscc(code[:place] + wrong + code[place + 1 :])


@given(codes("159ANY"), st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(InvalidUscc):
            check_uscc(swapped)


@given(codes("19"))
def test_our_check_character_is_the_libraries(code: str) -> None:
    assert check_character(code) == stdnum_uscc.calc_check_digit(code)


@pytest.mark.parametrize("code", ["91110000600037341L", "911100006000373 41L"])
def test_a_published_code_passes(code: str) -> None:
    assert check_uscc(code) == "91110000600037341L"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "91110000600037341",
        "91110000600037341LL",
        "9I110000600037341L",
        "Z1110000600037341L",
        "统一社会信用代码",
        "B" * 18,
        "A" * 18,
        "٩1110000600037341L",
    ],
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidUscc) as error:
        check_uscc(text)
    assert error.value.code == "invalid_uscc"


@pytest.mark.parametrize(
    ("division", "scope"),
    [
        ("310117", "310117"),
        ("310100", "3101"),
        ("310000", "31"),
        ("100000", "10"),
        ("000000", ""),
        ("310010", "310010"),
    ],
)
def test_the_scope_is_the_division_without_trailing_zero_pairs(division: str, scope: str) -> None:
    assert scope_of(f"91{division}600037341L") == scope
