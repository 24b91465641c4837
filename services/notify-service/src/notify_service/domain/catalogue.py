"""The templates of this release, checked against the table that names them."""

from notify_service.domain.rules import RULES
from notify_service.domain.templates import TemplateFaults, Templates
from notify_service.domain.texts import TEMPLATES


def catalogue(site: str) -> Templates:
    """All templates with this installation's address in their links. Raises: TemplateFaults, all at once."""
    templates = Templates(TEMPLATES, site=site)
    named = {line.template for lines in RULES.values() for line in lines}
    missing = sorted(name for name in named if name not in templates)
    if missing:
        raise TemplateFaults([f"{name}: the table names it, but there is none" for name in missing])
    return templates
