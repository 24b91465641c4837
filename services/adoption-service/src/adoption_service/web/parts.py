"""What routes work with, built in `wiring.py` and kept on the application."""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request

from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.claim_wish import ClaimTerms
from adoption_service.use_cases.tend_adoption import Tending
from adoption_service.views.board import Board
from adoption_service.views.contacts import Contacts
from microwish.identity.guards import commanded_at, current_person, idempotency_key, optional_person
from microwish.identity.people import Person
from microwish.ids import derived_id, uuid7
from microwish.privacy.sealing import BlindIndex, Sealer
from microwish.store.aggregate import Idempotency
from microwish.web.pages.kit import Pages
from microwish.when import When


@dataclass(frozen=True)
class Parts:
    """Stores, views and terms of this process."""

    organisations: OrganisationStore
    claims: ClaimsStore
    board: Board
    contacts: Contacts
    sealer: Sealer
    blind_index: BlindIndex
    terms: ClaimTerms
    pages: Pages

    @property
    def tending(self) -> Tending:
        """What the use cases of an adoption work with."""
        return Tending(self.claims, self.organisations, self.sealer, self.terms.lease)


async def parts(request: Request) -> Parts:
    """The parts of this application."""
    return cast(Parts, request.app.state.parts)


PartsHere = Annotated[Parts, Depends(parts)]
SignedIn = Annotated[Person, Depends(current_person)]
MaybeSignedIn = Annotated[Person | None, Depends(optional_person)]
Commanded = Annotated[When, Depends(commanded_at)]
Key = Annotated[str | None, Depends(idempotency_key)]


def retry_of(person: Person, request: Request, key: str | None, body: BaseModel | None) -> Idempotency | None:
    """The caller's own key with what it stands for: person, path and body; None without a key."""
    if key is None:
        return None
    said = body.model_dump(mode="json") if body is not None else None
    told = json.dumps([person.id, request.url.path, said], sort_keys=True, ensure_ascii=True)
    return Idempotency(f"{person.id}:{key}", hashlib.sha256(told.encode()).hexdigest())


def creation_id(person: Person, request: Request, key: str | None) -> str:
    """The id of what this request creates: the same for each retry under the key, fresh without one."""
    return uuid7() if key is None else derived_id(person.id, request.url.path, key)
