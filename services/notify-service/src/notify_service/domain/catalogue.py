"""The templates of this release, checked against the table that names them and what providers have approved."""

from collections.abc import Collection
from dataclasses import dataclass

from notify_service.domain.approved import ApprovedTemplates, checked
from notify_service.domain.rules import RULES
from notify_service.domain.templates import TemplateFaults, Templates, faults_of_all
from notify_service.domain.texts import TEMPLATES


@dataclass(frozen=True)
class Catalogue:
    """What may be sent, and under which ids providers know it."""

    templates: Templates
    approved: ApprovedTemplates


def catalogue(site: str) -> Templates:
    """All templates with this installation's address in their links. Raises: TemplateFaults, all at once."""
    return checked_catalogue(site, file={}, providers=()).templates


def checked_catalogue(site: str, *, file: object, providers: Collection[str]) -> Catalogue:
    """The same with the file of approved templates, for the providers in use here.

    Raises: TemplateFaults with everything that is wrong with the templates, the table and the file.
    """
    approved, faults = checked(file, TEMPLATES, providers)
    known = {template.id for template in TEMPLATES}
    named = {line.template for lines in RULES.values() for line in lines}
    unnamed = [f"{name}: the table names it, but there is none" for name in sorted(named - known)]
    if found := [*faults_of_all(TEMPLATES), *unnamed, *faults]:
        raise TemplateFaults(found)
    return Catalogue(Templates(TEMPLATES, site=site), approved)
