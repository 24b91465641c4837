"""Every text that a person reads here, Chinese first."""

from microwish.web.texts import Catalogue
from wish_service.web.texts_of_answers import ANSWERS
from wish_service.web.texts_of_asking import ASKING
from wish_service.web.texts_of_campaigns import CAMPAIGNS
from wish_service.web.texts_of_communities import COMMUNITIES
from wish_service.web.texts_of_desk import DESK
from wish_service.web.texts_of_erasure import ERASURE
from wish_service.web.texts_of_finding import FINDING
from wish_service.web.texts_of_pages import PAGES
from wish_service.web.texts_of_photos import PHOTOS
from wish_service.web.texts_of_review import REVIEW
from wish_service.web.texts_of_sheets import SHEETS
from wish_service.web.texts_of_steps import STEPS
from wish_service.web.texts_of_tasks import TASKS

TEXTS = Catalogue(
    {
        **ANSWERS,
        **ASKING,
        **CAMPAIGNS,
        **COMMUNITIES,
        **PAGES,
        **PHOTOS,
        **DESK,
        **ERASURE,
        **FINDING,
        **TASKS,
        **REVIEW,
        **SHEETS,
        **STEPS,
    }
)
