"""What routes work with, built in `wiring.py` and kept on the application."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request

from adoption_service.store.claims import ClaimsStore
from adoption_service.store.erasures import Erasures
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.claim_wish import ClaimTerms
from adoption_service.use_cases.manage_members import Membership
from adoption_service.use_cases.tend_adoption import AdoptionRequest, Tending
from adoption_service.views.board import Board
from adoption_service.views.contacts import Contacts
from microwish.identity.guards import commanded_at, current_person, idempotency_key, optional_person
from microwish.identity.people import Person
from microwish.ids import derived_id, uuid7
from microwish.privacy.sealing import BlindIndex, Sealer
from microwish.store.aggregate import Idempotency
from microwish.turns import Turns
from microwish.web.pages.kit import Pages
from microwish.when import When


@dataclass(frozen=True)
class Parts:
    """Stores, views and terms of this process."""

    organisations: OrganisationStore
    claims: ClaimsStore
    board: Board
    contacts: Contacts
    erasures: Erasures
    sealer: Sealer
    blind_index: BlindIndex
    terms: ClaimTerms
    invitation: timedelta
    turns: Turns
    """At claims, by wish: a stormed one must leave room for the others."""
    pages: Pages

    @property
    def membership(self) -> Membership:
        """What the use cases of members work with."""
        return Membership(
            self.organisations, self.contacts, self.erasures, self.sealer, self.blind_index, self.invitation
        )

    @property
    def tending(self) -> Tending:
        """What the use cases of an adoption work with."""
        return Tending(self.claims, self.organisations, self.sealer, self.terms.lease)


async def parts(request: Request) -> Parts:
    """The parts of this application."""
    return cast(Parts, request.app.state.parts)


@dataclass(frozen=True)
class Order:
    """One command by the API: by whom, when, under which key, to which path."""

    parts: Parts
    person: Person
    when: When
    key: str | None
    path: str

    def new_id(self) -> str:
        """The id of what this command creates: the same for each retry under the key, fresh without one."""
        return uuid7() if self.key is None else derived_id(self.person.id, self.path, self.key)

    def retry_of(self, body: BaseModel | None) -> Idempotency | None:
        """The caller's own key with what it stands for: person, path and body; None without a key."""
        if self.key is None:
            return None
        said = body.model_dump(mode="json") if body is not None else None
        told = json.dumps([self.person.id, self.path, said], sort_keys=True, ensure_ascii=True)
        return Idempotency(f"{self.person.id}:{self.key}", hashlib.sha256(told.encode()).hexdigest())

    def on(self, adoption_id: str, body: BaseModel) -> AdoptionRequest:
        """The same, about one adoption."""
        return AdoptionRequest(adoption_id, self.person, self.when, self.retry_of(body))


async def ordered(request: Request, person: Annotated[Person, Depends(current_person)]) -> Order:
    """The command that this request is. It asks for the rest itself: each dependency costs every claim something."""
    when, key, path = await commanded_at(request), await idempotency_key(request), request.scope["path"]
    # To take something back is another request than to make it, even in the same words.
    return Order(await parts(request), person, when, key, f"DELETE {path}" if request.method == "DELETE" else path)


PartsHere = Annotated[Parts, Depends(parts)]
OrderHere = Annotated[Order, Depends(ordered)]
SignedIn = Annotated[Person, Depends(current_person)]
MaybeSignedIn = Annotated[Person | None, Depends(optional_person)]
Commanded = Annotated[When, Depends(commanded_at)]
