"""A joint claim (联合认领): several organisations hold one slot together, and one of them leads.

The slot is the lead's from the first moment; who is asked counts as a partner once it has agreed (ADR 0026).
"""

from dataclasses import replace

from adoption_service.domain import waiting
from adoption_service.domain.adoption import Adoption, Step
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.errors import AlreadyHeld, Invalid, NotAsked, NotFound
from adoption_service.domain.tending import Act, decided
from microwish.events import Actor
from microwish.events.adoption import OrganisationRef, PartnersChanged

MOST = 10
"""How many organisations may stand beside the one that leads, those asked included."""


def partners_changed(wish_id: str, adoption: Adoption, by: Actor) -> PartnersChanged:
    """What is told of an adoption whose partners, or those asked, are others now."""
    return PartnersChanged(
        wish_id=wish_id,
        by=by,
        adoption_id=adoption.id,
        organisation_id=adoption.organisation.id,
        handler_id=adoption.handler_id,
        partners=list(adoption.partners),
        asked_ids=[one.id for one in adoption.asked],
    )


def ask(claims: Claims, adoption_id: str, act: Act, *, whom: OrganisationRef) -> Decided | None:
    """The organisation that leads asks one more; None if it asked that one before.

    Raises: NotFound, NotActive, Invalid (it holds the wish, or they are too many).
    """
    adoption = claims.adoption(adoption_id).stepped(Step.CHANGE_PARTNERS, at=act.when.at)
    if any(one.id == whom.id for one in adoption.asked):
        return None
    if claims.holder(whom.id) is not None:
        raise Invalid("organisation_id", "field.holds_already")
    if len(adoption.partners) + len(adoption.asked) >= MOST:
        raise Invalid("organisation_id", "field.too_many_partners")
    return _changed(claims, replace(adoption, asked=(*adoption.asked, whom)), act)


def agree(claims: Claims, adoption_id: str, act: Act, *, who: OrganisationRef) -> Decided | None:
    """An organisation that was asked is a partner from now on; None if it is one already.

    Raises: NotFound, NotActive, NotAsked, AlreadyHeld (another slot of the wish, invariant 2).
    """
    adoption = claims.adoption(adoption_id).stepped(Step.CHANGE_PARTNERS, at=act.when.at)
    if any(one.id == who.id for one in adoption.partners):
        return None
    if not any(one.id == who.id for one in adoption.asked):
        raise NotAsked
    if (held := claims.holder(who.id)) is not None:
        raise AlreadyHeld(held.id)
    # It has what it waited for.
    done = waiting.leave(claims, who.id, act) or Decided(claims)
    settled = done.claims.settled(who.id)
    return done.then(_changed(settled, _with_partner(adoption, who), act))


def leave(claims: Claims, adoption_id: str, act: Act, *, organisation_id: str) -> Decided:
    """An organisation that was asked says no, or a partner leaves. Raises: NotFound, NotActive, NotAsked."""
    adoption = claims.adoption(adoption_id).stepped(Step.CHANGE_PARTNERS, at=act.when.at)
    if (after := without(adoption, organisation_id)) is None:
        raise NotAsked
    return _changed(claims, after, act)


def let_go(claims: Claims, adoption_id: str, act: Act, *, organisation_id: str) -> Decided:
    """The organisation that leads takes its question back, or lets a partner go. Raises: NotFound, NotActive."""
    adoption = claims.adoption(adoption_id).stepped(Step.CHANGE_PARTNERS, at=act.when.at)
    if (after := without(adoption, organisation_id)) is None:
        raise NotFound(organisation_id)
    return _changed(claims, after, act)


def without(adoption: Adoption, organisation_id: str) -> Adoption | None:
    """The adoption without this partner, or without the question to it; None if it was neither."""
    partners = tuple(one for one in adoption.partners if one.id != organisation_id)
    asked = tuple(one for one in adoption.asked if one.id != organisation_id)
    if len(partners) + len(asked) == len(adoption.partners) + len(adoption.asked):
        return None
    return replace(adoption, partners=partners, asked=asked)


def _with_partner(adoption: Adoption, who: OrganisationRef) -> Adoption:
    asked = tuple(one for one in adoption.asked if one.id != who.id)
    return replace(adoption, partners=(*adoption.partners, who), asked=asked)


def _changed(claims: Claims, adoption: Adoption, act: Act) -> Decided:
    return decided(claims, adoption, partners_changed(claims.wish_id, adoption, act.by))
