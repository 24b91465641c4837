"""Every router of the service, in one list each."""

from fastapi import APIRouter

from wish_service.web.api import commands, desk, public, signin, wishes
from wish_service.web.pages import desk as desk_page
from wish_service.web.pages import mine, post, wall
from wish_service.web.pages import signin as signin_page

API: list[APIRouter] = [signin.router, public.router, wishes.router, commands.router, desk.router]
PAGES: list[APIRouter] = [wall.router, signin_page.router, post.router, mine.router, desk_page.router]
