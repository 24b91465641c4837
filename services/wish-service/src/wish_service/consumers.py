"""Who listens to what: one table."""

from microwish.events import Envelope, Source, Topic
from microwish.messaging.backbone import Backbone
from microwish.messaging.consumer import Subscription
from microwish.messaging.streams import Outcome
from microwish.store.views import View
from wish_service.store.wishes import Wishes
from wish_service.use_cases.take_claims_event import take_claims_event
from wish_service.views.wall import Feeding


def subscribe(backbone: Backbone, *, wishes: Wishes, wall: View, facts: View) -> None:
    """The reaction to claims, and the two views, each in its own group."""

    async def react(event: Envelope) -> Outcome:
        return await take_claims_event(event, wishes=wishes)

    subscriptions = [
        Subscription(group="reactions", topics=(Topic.ADOPTION,), handlers={Source.CLAIMS: react}),
        _view(wall),
        _view(facts),
    ]
    for subscription in subscriptions:
        backbone.subscribe(subscription)


def _view(view: View) -> Subscription:
    feeding = Feeding(view)
    return Subscription(
        group=f"{view.name}.g{view.generation}",
        topics=(Topic.WISH, Topic.ADOPTION),
        handlers={Source.WISH: feeding.take_wish, Source.CLAIMS: feeding.take_claims},
    )
