"""Every knob of notify-service, read from `MICROWISH_…`."""

from pydantic import Field

from microwish.settings import ServiceSettings


class NotifySettings(ServiceSettings):
    """Common settings with this service's own; durations are in seconds."""

    mongo_database: str = Field(default="notify", description="Name of this service's own database.")
    port: int = Field(default=8003, ge=0, le=65535, description="Port that it listens on; 0 takes a free one.")

    digest_hour: int = Field(default=8, ge=0, le=23, description="Local hour at which morning digests leave.")
    notice_use_seconds: float = Field(
        default=86_400, gt=0, description="Events older than this are recorded, not told (suppressed: late)."
    )
    contact_wait_seconds: float = Field(
        default=86_400, gt=0, description="How long a message waits for a contact before it fails: no_contact."
    )
    send_deadline_seconds: float = Field(
        default=10, gt=0, description="A message not handed over by then is unknown until the provider says."
    )
    reconcile_grace_seconds: float = Field(
        default=30, ge=0, description="How long past the deadline the provider is asked what became of a message."
    )
    sweep_seconds: float = Field(default=3, gt=0, description="How often what nobody finished is looked for.")
    waiting_sweep_seconds: float = Field(default=30, gt=0, description="How often what waits is looked at again.")
    fanout_chunk: int = Field(default=200, ge=1, le=1000, description="Recipients of a fan-out per chunk.")
    send_side_by_side: int = Field(default=8, ge=1, description="Messages handed over at a time.")
    signin_side_by_side: int = Field(default=16, ge=1, description="Sign-in codes handed over at a time.")
