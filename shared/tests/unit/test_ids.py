from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microwish.ids import derived_id, uuid7

parts = st.lists(
    st.text(alphabet=st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=12),
    min_size=1,
    max_size=4,
)


def test_new_ids_are_version_7_distinct_and_in_order() -> None:
    ids = [uuid7() for _ in range(1000)]
    assert all(UUID(text).version == 7 for text in ids)
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)


def test_a_derived_id_is_the_same_for_ever() -> None:
    assert derived_id("person-1", "/api/wishes", "key-1") == "3c1adfeb-6f46-5ca2-991d-480bf29dae6a"
    assert UUID(derived_id("a")).version == 5


@given(parts, parts)
def test_derived_ids_are_equal_exactly_when_their_parts_are(one: list[str], other: list[str]) -> None:
    assert (derived_id(*one) == derived_id(*other)) == (one == other)


def test_no_parts_and_separators_are_refused() -> None:
    for bad in ([], ["a\x1fb"]):
        with pytest.raises(ValueError, match="at least one part"):
            derived_id(*bad)
