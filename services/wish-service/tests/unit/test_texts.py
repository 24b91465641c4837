"""Every step and state that a refusal may name has its words, in both languages."""

import re
from pathlib import Path

import pytest

import wish_service
from microwish.web.pages.texts import KIT_TEXTS
from wish_service.domain.states import REACTIONS, Status, Step
from wish_service.domain.wish import as_markdown
from wish_service.web.texts import TEXTS


@pytest.mark.parametrize("step", [step for step in Step if step not in REACTIONS])
def test_steps_have_words(step: Step) -> None:
    assert TEXTS.text(f"do.{step}", "zh") != TEXTS.text(f"do.{step}", "en")


@pytest.mark.parametrize("status", list(Status))
def test_states_have_words(status: Status) -> None:
    assert KIT_TEXTS.text(f"status.{status}", "zh")


def test_the_readme_shows_the_table_as_it_is() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    assert as_markdown() in readme.read_text(encoding="utf-8")


def test_every_text_of_a_page_template_exists() -> None:
    templates = Path(wish_service.__file__).parent / "web" / "pages" / "templates"
    catalogue = TEXTS.with_base(KIT_TEXTS)
    for template in templates.glob("*.html"):
        named = re.findall(r'(?<!\w)t\("([a-z_.A-Z0-9]+)"[,)]', template.read_text(encoding="utf-8"))
        assert [key for key in named if key not in catalogue] == [], template.name
