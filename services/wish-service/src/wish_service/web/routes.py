"""Every router of the service, in one list each."""

from fastapi import APIRouter

from wish_service.web.api import (
    campaigns,
    commands,
    communities,
    desk,
    exports,
    imports,
    photos,
    review,
    signin,
    similar,
    stats,
    stream,
    tasks,
    wishes,
)
from wish_service.web.pages import account, mine, post, revising, staff, wall
from wish_service.web.pages import campaigns as campaign_pages
from wish_service.web.pages import desk as desk_page
from wish_service.web.pages import photos as photos_page
from wish_service.web.pages import review as review_page
from wish_service.web.pages import signin as signin_page
from wish_service.web.pages import similar as similar_page
from wish_service.web.pages import stats as stats_page
from wish_service.web.pages import steps as steps_page
from wish_service.web.pages import tables as tables_page
from wish_service.web.pages import tasks as tasks_page

API: list[APIRouter] = [
    wishes.front,
    signin.router,
    stats.router,
    campaigns.router,
    communities.router,
    stream.router,
    imports.router,
    exports.router,
    similar.router,
    wishes.router,
    commands.router,
    photos.router,
    review.router,
    desk.router,
    tasks.router,
]
PAGES: list[APIRouter] = [
    wall.router,
    stats_page.router,
    campaign_pages.router,
    signin_page.router,
    post.router,
    account.router,
    mine.router,
    revising.router,
    photos_page.router,
    review_page.router,
    similar_page.router,
    tables_page.router,
    desk_page.router,
    steps_page.router,
    tasks_page.router,
    staff.router,
]
