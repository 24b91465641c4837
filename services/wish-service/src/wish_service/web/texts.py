"""Every text that a person reads here, Chinese first."""

from microwish.web.texts import Catalogue
from wish_service.web.texts_of_answers import ANSWERS
from wish_service.web.texts_of_desk import DESK
from wish_service.web.texts_of_pages import PAGES

TEXTS = Catalogue({**ANSWERS, **PAGES, **DESK})
