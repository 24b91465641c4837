"""What an organisation is asked: to hold an adoption together with another, or to take one over."""

from dataclasses import dataclass
from enum import StrEnum

from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import claims_of

MOST = 100
"""Questions that are listed; an organisation with more answers the first ones first."""


class Question(StrEnum):
    """What is asked."""

    PARTNERSHIP = "partnership"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Proposed:
    """One question that waits for an answer."""

    question: Question
    wish_id: str
    adoption: Adoption


async def proposed_to(claims: ClaimsStore, organisation_id: str) -> list[Proposed]:
    """The questions that wait for this organisation, hand-overs first, then those whose lease ends first."""
    asked = {"$or": [{"adoptions.asked.id": organisation_id}, {"adoptions.handover.to.id": organisation_id}]}
    found = [
        Proposed(question, document["_id"], adoption)
        async for document in claims.collection.find(asked).limit(MOST)
        for adoption in claims_of(document).adoptions
        if adoption.state is AdoptionState.ACTIVE
        for question in _questions(adoption, organisation_id)
    ]
    return sorted(found, key=lambda one: (one.question is not Question.HANDOVER, one.adoption.due_at))


def _questions(adoption: Adoption, organisation_id: str) -> list[Question]:
    questions = []
    if adoption.handover is not None and adoption.handover.to.id == organisation_id:
        questions.append(Question.HANDOVER)
    if any(one.id == organisation_id for one in adoption.asked):
        questions.append(Question.PARTNERSHIP)
    return questions
