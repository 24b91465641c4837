"""For whom a wish is, how their consent is known, and who agrees for a child (PIPL art. 14, 29, 31; ADR 0014)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from wish_service.domain.errors import Fault


class Relation(StrEnum):
    """Who the beneficiary is to the person whose contact is given."""

    PARENT = "parent"
    GRANDPARENT = "grandparent"
    SPOUSE = "spouse"
    CHILD = "child"
    GRANDCHILD = "grandchild"
    SIBLING = "sibling"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    WARD = "ward"
    """Somebody whom the community looks after."""
    OTHER = "other"


WORDS: Final[dict[Relation, tuple[str, ...]]] = {
    # The first is what is shown.
    Relation.PARENT: ("父母", "父亲", "母亲", "爸爸", "妈妈", "公公", "婆婆", "岳父", "岳母"),
    Relation.GRANDPARENT: ("祖辈", "爷爷", "奶奶", "外公", "外婆", "祖父", "祖母"),
    Relation.SPOUSE: ("老伴", "丈夫", "妻子", "爱人", "配偶"),
    Relation.CHILD: ("子女", "儿子", "女儿", "孩子"),
    Relation.GRANDCHILD: ("孙辈", "孙子", "孙女", "外孙", "外孙女"),
    Relation.SIBLING: ("兄弟姐妹", "哥哥", "弟弟", "姐姐", "妹妹"),
    Relation.RELATIVE: ("其他亲属", "亲戚", "舅舅", "姑姑", "叔叔", "阿姨", "侄子", "侄女"),
    Relation.NEIGHBOUR: ("邻居", "楼上邻居", "隔壁邻居"),
    Relation.WARD: ("社区照看的居民", "结对老人", "服务对象"),
    Relation.OTHER: ("其他",),
}
_RELATION_OF: Final = {word: relation for relation, words in WORDS.items() for word in words}


def relation_of(text: str) -> tuple[Relation, str]:
    """The entry of the catalogue, and the words to show, for its code or for somebody's own words (孙女)."""
    if text in set(Relation):
        relation = Relation(text)
        return relation, WORDS[relation][0]
    return _RELATION_OF.get(text, Relation.OTHER), text


class ConsentBasis(StrEnum):
    """How staff know that the person agrees whom they write for."""

    IN_PERSON = "in_person"
    """当面: the person said so."""
    BY_TELEPHONE = "by_telephone"
    """电话: the person said so on the telephone."""
    SIGNED_PAPER = "signed_paper"
    """书面: signed, and kept at the office."""
    GUARDIAN = "guardian"
    """监护人: somebody who decides for the person."""


@dataclass(frozen=True)
class Consents:
    """What the person agreed to, each by itself; None: not recorded, staff have to ask.

    basis, recorded_by, recorded_at: how staff who write on somebody's behalf know it, and who noted it when (UTC).
    note and guardian_* are texts of people: sealed for `wish:<id>` where they are kept.
    """

    publishing: bool | None = None
    sensitive: bool | None = None
    guardian: bool | None = None
    basis: str | None = None
    note: str | None = None
    guardian_name: str | None = None
    guardian_relation: str | None = None
    recorded_by: str | None = None
    recorded_at: datetime | None = None


NOT_RECORDED = Consents()


def consent_faults(consents: Consents, *, for_child: bool) -> list[Fault]:
    """What is missing. For a child under 14, and where a guardian decides, the guardian is named and agrees."""
    faults = [Fault("consents.publishing", "field.consent_needed")] if consents.publishing is False else []
    if for_child and not consents.guardian:
        faults.append(Fault("consents.guardian", "field.guardian_needed"))
    if for_child or consents.basis == ConsentBasis.GUARDIAN:
        named = {"name": consents.guardian_name, "relation": consents.guardian_relation}
        faults += [
            Fault(f"guardian.{part}", f"field.guardian_{part}_needed") for part, text in named.items() if not text
        ]
    return faults
