"""/notify/ops/providers: how each provider is now and how it did, with the alerts."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from microwish.web.pages.kit import put_notice, see_other
from notify_service.domain.errors import AlertNotFound
from notify_service.web.api.messages import acting
from notify_service.web.pages.desk import Operator, Room, render

router = APIRouter(include_in_schema=False)

_SHOWN = 30
_HERE = "/notify/ops/providers"


@router.get(_HERE)
async def providers(request: Request, operator: Operator, room: Room) -> Response:
    """Success, latency and cost of the last hour and day."""
    return render(
        request,
        room,
        operator,
        "providers.html",
        providers=await room.desk.providers(),
        alerts=await room.desk.watch.alerts.newest(open_only=False, limit=_SHOWN),
        prices=room.settings.prices_fen,
    )


@router.post("/notify/ops/alerts/{alert_id}/end")
async def end_alert(request: Request, alert_id: str, operator: Operator, room: Room) -> Response:
    """It is seen to; if it happens again it is raised anew."""
    alerts = room.desk.watch.alerts
    alert = await alerts.find(alert_id)
    if alert is None:
        raise AlertNotFound(alert_id)
    await alerts.resolve(alert.code, alert.subject, by=acting(operator))
    answer = see_other(_HERE)
    put_notice(request, answer, room.pages.text(request, "alerts.ended"))
    return answer
