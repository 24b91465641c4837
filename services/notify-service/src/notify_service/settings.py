"""Every knob of notify-service, read from `MICROWISH_…`."""

from datetime import UTC, timedelta
from pathlib import Path

from pydantic import Field, field_validator

from notify_service.domain.timing import QuietHours, Timing
from notify_service.settings_sms import SmsSettings
from notify_service.settings_wechat import WechatSettings


class NotifySettings(SmsSettings, WechatSettings):
    """Common settings with this service's own; durations are in seconds."""

    mongo_database: str = Field(default="notify", description="Name of this service's own database.")
    port: int = Field(default=8003, ge=0, le=65535, description="Port that it listens on; 0 takes a free one.")

    digest_hour: int = Field(default=8, ge=0, le=23, description="Local hour at which morning digests leave.")
    quiet_hours: str = Field(
        default="21-8",
        description="Local hours in which nothing leaves that can wait for the morning; empty for none.",
    )
    merge_seconds: float = Field(
        default=600, ge=0, description="How long the first news of a wish waits for others to be told with it; 0: not."
    )
    approved_templates: Path | None = Field(
        default=None, description="JSON file with the ids under which providers have approved our templates."
    )
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

    provider_rates: dict[str, float] = Field(
        default={"alibaba": 200.0, "tencent": 200.0, "official": 100.0, "mini": 100.0},
        description="Messages a second to each provider, all replicas together; who is not named has no limit.",
    )
    send_tries: int = Field(default=8, ge=1, description="Handed over so often, a message fails: exhausted.")
    retry_base_seconds: float = Field(default=2, gt=0, description="Longest pause before the second try; it doubles.")
    retry_cap_seconds: float = Field(default=600, gt=0, description="Longest pause between two tries.")
    quota_rest_seconds: float = Field(
        default=3600, gt=0, description="How long a provider rests whose quota is used up, if it does not say."
    )
    breaker_failures: int = Field(default=5, ge=1, description="Calls without an answer in a row that open a breaker.")
    breaker_open_seconds: float = Field(default=30, gt=0, description="How long an open breaker lets nothing through.")
    prices_fen: dict[str, float] = Field(
        default_factory=dict,
        description='What a provider takes for one part of a message, in fen: {"alibaba": 4.5}. Not set: not reckoned.',
    )
    alert_window_seconds: float = Field(default=3600, gt=0, description="An alert that goes on is told again after it.")
    watch_seconds: float = Field(default=10, gt=0, description="How often providers are judged.")
    success_least: float = Field(default=0.9, ge=0, le=1, description="Part that a provider has to accept, else alert.")
    success_window_seconds: float = Field(default=900, gt=0, description="Time over which that is judged.")
    success_enough: int = Field(default=20, ge=1, description="With fewer messages in that time nothing is judged.")

    @field_validator("provider_rates")
    @classmethod
    def _rates_are_above_zero(cls, value: dict[str, float]) -> dict[str, float]:
        if any(rate <= 0 for rate in value.values()):
            raise ValueError("a rate is a number above zero")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _quiet_hours_are_two_hours(cls, value: str) -> str:
        QuietHours.parse(value, UTC)
        return value

    @property
    def timing(self) -> Timing:
        """How long what may wait is held."""
        quiet = QuietHours.parse(self.quiet_hours, self.zone)
        return Timing(self.digest_hour, self.zone, quiet, timedelta(seconds=self.merge_seconds))
