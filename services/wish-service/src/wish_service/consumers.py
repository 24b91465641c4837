"""Who listens to what: one table."""

from collections.abc import Callable

from microwish.events import Envelope, Source, Topic
from microwish.messaging.backbone import Backbone
from microwish.messaging.consumer import Handler, Subscription
from microwish.messaging.streams import Outcome
from microwish.store.views import View
from wish_service.store.wishes import Wishes
from wish_service.use_cases.take_claims_event import take_claims_event
from wish_service.views.alike import FeedingAlike
from wish_service.views.campaign_board import CampaignBoard
from wish_service.views.facts_of_events import ChangesOf, wish_changes
from wish_service.views.recount import Recount
from wish_service.views.wall import Feeding
from wish_service.views.wall_rows import wall_changes


def subscribe(
    backbone: Backbone,
    *,
    wishes: Wishes,
    wall: View,
    alike: View,
    facts: View,
    recount: Recount,
    campaigns: CampaignBoard,
) -> None:
    """The reaction to claims, and the two views, each in its own group."""

    async def react(event: Envelope) -> Outcome:
        return await take_claims_event(event, wishes=wishes)

    subscriptions = [
        Subscription(group="reactions", topics=(Topic.ADOPTION,), handlers={Source.CLAIMS: react}),
        _view(wall, wall_changes),
        _view(facts, wish_changes, recount.rounds.wake),
        Subscription(
            group=f"{campaigns.view.name}.g{campaigns.view.generation}",
            topics=(Topic.WISH,),
            handlers={Source.CAMPAIGN: campaigns.take},
        ),
        _of_wishes(alike),
    ]
    for subscription in subscriptions:
        backbone.subscribe(subscription)


def _view(view: View, of_wish: ChangesOf, then: Callable[[], None] = lambda: None) -> Subscription:
    feeding = Feeding(view, of_wish)
    return Subscription(
        group=f"{view.name}.g{view.generation}",
        topics=(Topic.WISH, Topic.ADOPTION),
        handlers={Source.WISH: _telling(feeding.take_wish, then), Source.CLAIMS: _telling(feeding.take_claims, then)},
    )


def _of_wishes(alike: View) -> Subscription:
    feeding = FeedingAlike(alike)
    return Subscription(
        group=f"{alike.name}.g{alike.generation}", topics=(Topic.WISH,), handlers={Source.WISH: feeding.take}
    )


def _telling(handler: Handler, then: Callable[[], None]) -> Handler:
    async def take(event: Envelope) -> Outcome:
        outcome = await handler(event)
        then()
        return outcome

    return take
