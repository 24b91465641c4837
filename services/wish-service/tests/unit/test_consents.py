"""For whom a wish is, who agrees, and the ceilings of districts."""

from typing import Any

import pytest
from pydantic import ValidationError

from microwish.identity.tokens import generate_signing_keys
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from wish_service.domain.consents import WORDS, Consents, Relation, consent_faults, relation_of
from wish_service.settings import WishSettings


@pytest.mark.parametrize(
    ("given", "relation", "words"),
    [
        ("grandchild", Relation.GRANDCHILD, "孙辈"),
        ("孙女", Relation.GRANDCHILD, "孙女"),
        ("母亲", Relation.PARENT, "母亲"),
        ("干女儿", Relation.OTHER, "干女儿"),
        ("other", Relation.OTHER, "其他"),
    ],
)
def test_relations_are_codes_or_somebodys_words(given: str, relation: Relation, words: str) -> None:
    assert relation_of(given) == (relation, words)


def test_every_relation_has_words_and_none_has_two_relations() -> None:
    assert set(WORDS) == set(Relation)
    every = [word for words in WORDS.values() for word in words]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("consents", "for_child", "fields"),
    [
        (Consents(), False, []),
        (Consents(publishing=False), False, ["consents.publishing"]),
        (Consents(), True, ["consents.guardian", "guardian.name", "guardian.relation"]),
        (Consents(guardian=True, guardian_name="李红"), True, ["guardian.relation"]),
        (Consents(guardian=True, guardian_name="李红", guardian_relation="母亲"), True, []),
        (Consents(basis="guardian"), False, ["guardian.name", "guardian.relation"]),
        (Consents(basis="in_person"), False, []),
    ],
)
def test_a_guardian_is_named_where_one_agrees(consents: Consents, for_child: bool, fields: list[str]) -> None:
    assert [fault.field for fault in consent_faults(consents, for_child=for_child)] == fields


def settings(**changes: Any) -> WishSettings:
    given: dict[str, Any] = {
        "mongo_uri": "mongodb://127.0.0.1",
        "kafka_bootstrap": "127.0.0.1:9092",
        "sealing_keys": generate_sealing_keys(),
        "blind_key": generate_blind_key(),
        "signing_keys": generate_signing_keys(),
    }
    return WishSettings(**{**given, **changes})


def test_a_district_may_have_its_own_ceiling() -> None:
    chosen = settings(value_ceilings="310117=80000, 310118=60000")
    assert chosen.ceiling_of("310117001001") == 80_000
    assert chosen.ceiling_of("310118") == 60_000
    assert chosen.ceiling_of("310120001001") == 50_000
    assert settings().ceiling_of("310117001001") == 50_000
    assert (chosen.highest_ceiling_fen, settings().highest_ceiling_fen) == (80_000, 50_000)


@pytest.mark.parametrize(
    "text", ["310117", "31011=5", "310117001=5", "310117=-5", "310117=5,310117=6", "３１０１１７=5"]
)
def test_ceilings_that_nobody_can_read_stop_the_start(text: str) -> None:
    with pytest.raises(ValidationError):
        settings(value_ceilings=text)
