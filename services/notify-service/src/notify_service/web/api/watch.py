"""How providers do, and what alerts are open: for operations."""

from typing import Annotated

from fastapi import APIRouter, Depends

from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from notify_service.domain.errors import AlertNotFound
from notify_service.web.api.messages import acting
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas_of_ops import AlertOut, ProvidersOut, alert_out, provider_out

router = APIRouter(tags=["providers"])

Operator = Annotated[Person, Depends(require(Role.OPS, Role.ADMIN))]
Room = Annotated[Rooms, Depends(rooms)]
_SHOWN = 100


@router.get("/api/messages/providers")
async def providers(_operator: Operator, room: Room) -> ProvidersOut:
    """Success, latency and cost of the last hour and day, whether they rest, and the alerts that are open."""
    desk = room.desk
    return ProvidersOut(
        items=[provider_out(now) for now in await desk.providers()],
        alerts=[alert_out(alert) for alert in await desk.watch.alerts.newest(open_only=True, limit=_SHOWN)],
    )


@router.post("/api/messages/alerts/{alert_id}/end", status_code=202)
async def end_alert(alert_id: str, operator: Operator, room: Room) -> AlertOut:
    """It is seen to; it is raised anew if it happens again."""
    alerts = room.desk.watch.alerts
    alert = await alerts.find(alert_id)
    if alert is None:
        raise AlertNotFound(alert_id)
    await alerts.resolve(alert.code, alert.subject, by=acting(operator))
    ended = await alerts.find(alert_id)
    assert ended is not None
    return alert_out(ended)
