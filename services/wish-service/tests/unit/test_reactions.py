"""What adoption-service tells beside the ends of an adoption: who holds it together, and who comes to the door."""

from collections.abc import Callable

from microwish.events.adoption import HandlerNamed, OrganisationKind, OrganisationRef, PartnersChanged
from microwish.when import When
from wish_service.domain.adoptions import Adoption, Partner
from wish_service.domain.reactions import react
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish
from wish_service.store.documents import from_document, to_document

from .life import SEALED, same

JOINED = OrganisationRef(id="o9", name="清河物业", kind=OrganisationKind.RESIDENT_UNIT)


def test_who_agreed_to_hold_it_together_is_named_and_who_was_only_asked_is_not(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    held = wish(status=Status.ADOPTED, adoptions=(adoption("a1"),))
    assert react(held, PartnersChanged(**same("a1"), partners=[], asked_ids=["o9"]), when) is None
    joined = react(held, PartnersChanged(**same("a1"), partners=[JOINED]), when)
    assert joined is not None
    assert joined.wish.adoption("a1").partners == (Partner("o9", "清河物业", "resident_unit"),)
    kept = {"_id": "w1", "streamversion": 1, **to_document(joined.wish)}
    assert from_document(kept).adoptions == joined.wish.adoptions
    assert joined.wish.status is Status.ADOPTED
    assert [line.what for line in joined.wish.timeline] == ["PartnersChanged"]
    left = react(joined.wish, PartnersChanged(**same("a1"), partners=[]), when)
    assert left is not None
    assert left.wish.adoption("a1").partners == ()


def test_another_handler_may_bring_another_door_code(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    held = wish(status=Status.ADOPTED, adoptions=(adoption("a1", door_code="v1.k1.OLD"),))
    for code, holds in ((None, "v1.k1.OLD"), ("v1.k1.NEW", "v1.k1.NEW")):
        named = react(held, HandlerNamed(**same("a1"), handler_name=SEALED, door_code=code), when)
        assert named is not None
        assert (named.wish.adoption("a1").handler_name, named.wish.adoption("a1").door_code) == (SEALED, holds)
