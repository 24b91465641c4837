"""Under which ids providers have approved our templates, from a file that whoever runs an installation writes.

    {<provider>: {<template>: {<language>: <entry>}}}

An entry is the provider's id as a text; or `{"id": …, "variables": [<ours>…]}`, which also says what variables the
approved text has; or, for WeChat, `<id>|<ours>=<field>|…`. A form with links to pages in large print is an entry of the
language `zh-large` or `en-large`; without one the usual text is sent. docs/templates.md lists what is to be handed in.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from notify_service.domain.rules import RULES
from notify_service.domain.templates import Language, Template

_SMS_ID = {"alibaba": re.compile(r"SMS_\d{5,}"), "tencent": re.compile(r"\d{5,}")}
_CARD_ID = re.compile(r"[A-Za-z0-9_-]{10,100}")
CARDS = frozenset({"official", "mini"})
"""Providers that show cards of WeChat."""
PROVIDERS = frozenset(_SMS_ID) | CARDS
LANGUAGES = ("zh", "en")
_LARGE = "-large"
_LANGUAGES = frozenset({*LANGUAGES, *(language + _LARGE for language in LANGUAGES)})
BY_SMS_ALONE = frozenset(
    line.template for lines in RULES.values() for line in lines if [one.value for one in line.channels] == ["sms"]
)
"""Templates that no card of WeChat ever shows."""


@dataclass(frozen=True)
class _Entry:
    """id: what `of` answers. variables: those that the approved text has, None where the file doesn't say."""

    id: str
    variables: frozenset[str] | None = None


class Approved(Protocol):
    """Asked for the provider's id of an approved text (`ApprovedTemplates.of`)."""

    def __call__(self, provider: str, template: str, language: Language, *, large: bool = False) -> str:
        """`large`: of its form for large print, where there is one. Raises: KeyError, where there is none at all."""
        ...


class ApprovedTemplates:
    """The file, read and whole. `checked` makes one."""

    def __init__(self, entries: Mapping[tuple[str, str, str], str]) -> None:
        self._entries = dict(entries)

    def of(self, provider: str, template: str, language: Language, *, large: bool = False) -> str:
        """The provider's id of the approved text; for WeChat with its fields, as the file has it. Raises: KeyError.

        large: of its form for large print, or of the usual text where that form was not approved.
        """
        if large and (found := self._entries.get((provider, template, language + _LARGE))):
            return found
        return self._entries[provider, template, language]


def checked(
    file: object, templates: Sequence[Template], providers: Collection[str]
) -> tuple[ApprovedTemplates, list[str]]:
    """What the file says, and everything that is wrong with it, so that one look is enough.

    providers: those in use here; each needs every template that it may have to send, in both languages.
    """
    by_id = {template.id: template for template in templates}
    entries: dict[tuple[str, str, str], str] = {}
    faults: list[str] = []
    for provider, template, language, value in _flat(file, faults):
        where = f"approved templates: {provider}, {template}, {language}"
        if template not in by_id:
            faults.append(f"{where}: there is no such template")
        elif language not in _LANGUAGES:
            faults.append(f"{where}: not a language, which is one of {', '.join(sorted(_LANGUAGES))}")
        elif (entry := _entry(provider, value)) is None:
            faults.append(f"{where}: not an id of {provider}")
        else:
            faults += [f"{where}: {fault}" for fault in _faults_of(entry, shown(provider, by_id[template]))]
            entries[provider, template, language] = entry.id
    faults += [f"approved templates: no provider {name}" for name in _names(file) if name not in PROVIDERS]
    for provider in sorted(PROVIDERS.intersection(providers)):
        faults += [fault for one in templates for fault in _missing(provider, one, entries)]
    return ApprovedTemplates(entries), faults


def shown(provider: str, template: Template) -> tuple[str, ...]:
    """The variables of a template as this provider has them: of a card its fields, else those of the text."""
    return template.fields if provider in CARDS else template.of_sms


def needs(provider: str, template: Template) -> bool:
    """Whether the provider may ever have to send it."""
    return provider not in CARDS or (bool(template.fields) and template.id not in BY_SMS_ALONE)


def _missing(provider: str, template: Template, entries: Mapping[tuple[str, str, str], str]) -> list[str]:
    if not needs(provider, template):
        return []
    return [
        f"approved templates: {provider}, {template.id}, {language}: missing"
        for language in LANGUAGES
        if (provider, template.id, language) not in entries
    ]


def _faults_of(entry: _Entry, ours: Sequence[str]) -> list[str]:
    if entry.variables is None:
        return []
    lacking = [name for name in ours if name not in entry.variables]
    unknown = sorted(entry.variables.difference(ours))
    return [f"the approved text lacks the variable {name}" for name in lacking] + [
        f"the approved text has a variable {name} that ours lacks" for name in unknown
    ]


def _entry(provider: str, value: object) -> _Entry | None:
    if provider in CARDS and isinstance(value, str):
        card, *pairs = (part.strip() for part in value.split("|"))
        if not _CARD_ID.fullmatch(card) or not all(re.fullmatch(r"[a-z_]+=[a-z_]+\d{1,3}", pair) for pair in pairs):
            return None
        return _Entry(value, frozenset(pair.partition("=")[0] for pair in pairs) if pairs else None)
    variables: Any = None
    if isinstance(value, Mapping):
        variables = value.get("variables")
        if not isinstance(variables, list) or not all(isinstance(one, str) for one in variables):
            return None
        value = value.get("id")
    form = _SMS_ID.get(provider, _CARD_ID)
    if not isinstance(value, str) or not form.fullmatch(value):
        return None
    return _Entry(value, frozenset(variables) if variables is not None else None)


def _names(file: object) -> list[str]:
    return sorted(str(name) for name in file) if isinstance(file, Mapping) else []


def _flat(file: object, faults: list[str]) -> list[tuple[str, str, str, object]]:
    """Every entry with where it stands; what is no table where one should be is a fault."""
    found = []
    for provider, by_template in _table(file, "the file", faults):
        for template, by_language in _table(by_template, provider, faults):
            for language, value in _table(by_language, f"{provider}, {template}", faults):
                found.append((provider, template, language, value))
    return found


def _table(value: object, where: str, faults: list[str]) -> list[tuple[str, object]]:
    if not isinstance(value, Mapping):
        faults.append(f"approved templates: {where}: not a table")
        return []
    return [(str(name), inside) for name, inside in value.items()]
