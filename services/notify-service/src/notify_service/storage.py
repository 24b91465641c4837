"""The part of the composition root that keeps: every collection and view of this service, on one database."""

from dataclasses import dataclass

from microwish.messaging.backbone import Backbone
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Mongo
from microwish.when import Clock
from notify_service.channels.sandbox import SandboxPhones
from notify_service.settings import NotifySettings
from notify_service.store.credits import CREDITS, Credits
from notify_service.store.fanouts import Fanouts
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices
from notify_service.store.people import CallTasks, PreferenceBook
from notify_service.store.suppressions import Suppressions
from notify_service.use_cases.recipients import Views
from notify_service.views.contacts import Contacts
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties
from notify_service.views.staff import Staff


@dataclass(frozen=True)
class Storage:
    """What use cases read and write."""

    fanouts: Fanouts
    notices: Notices
    messages: Messages
    preferences: PreferenceBook
    suppressions: Suppressions
    credits: Credits
    calls: CallTasks
    phones: SandboxPhones
    contacts: Contacts
    views: Views

    @classmethod
    def over(cls, mongo: Mongo, backbone: Backbone, settings: NotifySettings, clock: Clock) -> "Storage":
        """On this database; what messages have to tell leaves by the backbone."""
        db, sealer = mongo.db, settings.sealer()
        messages = db.get_collection("messages")
        backbone.serve_outbox(messages)
        phones = SandboxPhones(db.get_collection("sandbox"), sealer, settings.blind_index(), clock)
        return cls(
            fanouts=Fanouts(db.get_collection("fanouts")),
            notices=Notices(db.get_collection("notices")),
            messages=Messages(Aggregates(messages, relay=backbone)),
            preferences=PreferenceBook(db.get_collection("preferences"), clock),
            suppressions=Suppressions(db.get_collection("suppressions")),
            credits=Credits(db.get_collection(CREDITS)),
            calls=CallTasks(db.get_collection("call_tasks")),
            phones=phones,
            contacts=Contacts(db, sealer),
            views=Views(Parties(db), Organisations(db), Staff(db)),
        )

    async def prepare(self) -> None:
        """Indexes and views. Raises: a store outage."""
        for part in (self.fanouts, self.notices, self.messages, self.calls, self.phones, self.credits):
            await part.ensure_indexes()
        views = self.views
        for one in (self.contacts, views.parties, views.organisations, views.staff):
            await one.view.open()
