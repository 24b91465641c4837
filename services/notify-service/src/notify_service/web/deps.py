"""What routes need of the running service; built by wiring, kept in `app.state.notify`."""

from dataclasses import dataclass

from starlette.requests import Request

from microwish.privacy.sealing import BlindIndex
from microwish.web.pages.kit import Pages
from microwish.when import Clock
from notify_service.channels.sandbox import SandboxPhones
from notify_service.channels.wechat_seal import CallbackSeal
from notify_service.domain.templates import Templates
from notify_service.oversight import Desk
from notify_service.settings import NotifySettings
from notify_service.store.fanouts import Fanouts
from notify_service.store.people import CallTasks, PreferenceBook
from notify_service.use_cases.hear_wechat import HearWechat
from notify_service.use_cases.opt_out import OptOut
from notify_service.use_cases.take_reports import TakeReports
from notify_service.views.contacts import Contacts


@dataclass(frozen=True)
class Rooms:
    """The parts that the web side calls."""

    settings: NotifySettings
    clock: Clock
    pages: Pages
    templates: Templates
    phones: SandboxPhones
    preferences: PreferenceBook
    opt_out: OptOut
    take_reports: TakeReports
    desk: Desk
    hear_wechat: HearWechat
    wechat_seal: CallbackSeal | None
    calls: CallTasks
    fanouts: Fanouts
    contacts: Contacts
    phone_index: BlindIndex


async def rooms(request: Request) -> Rooms:
    """The parts of this application's service."""
    found: Rooms = request.app.state.notify
    return found
