import pytest
from pydantic import ValidationError

from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.settings import ServiceSettings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("MICROWISH_SEALING_KEYS", generate_sealing_keys("k7"))
    monkeypatch.setenv("MICROWISH_BLIND_KEY", generate_blind_key())
    return monkeypatch


def test_settings_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MICROWISH_KAFKA_TOPIC_PREFIX", "blue.")
    environment.setenv("MICROWISH_KAFKA_IDEMPOTENCE", "false")
    settings = ServiceSettings()
    assert settings.kafka_topic_prefix == "blue."
    assert settings.kafka_idempotence is False
    assert settings.sealer().current_kid == "k7"
    assert settings.blind_index().of("13912345678")
    assert str(settings.zone) == "Asia/Shanghai"


def test_keys_are_required_and_never_shown(environment: pytest.MonkeyPatch) -> None:
    secret = generate_blind_key()
    environment.setenv("MICROWISH_BLIND_KEY", secret)
    assert secret not in repr(ServiceSettings())
    environment.setenv("MICROWISH_SEALING_KEYS", "k1:dG9vLXNob3J0")
    environment.delenv("MICROWISH_BLIND_KEY")
    with pytest.raises(ValidationError) as error:
        ServiceSettings()
    told = str(error.value)
    assert "sealing_keys" in told
    assert "blind_key" in told
    assert "dG9vLXNob3J0" not in told


def test_production_lists_all_its_faults_at_once(environment: pytest.MonkeyPatch) -> None:
    for name, value in {"PRODUCTION": "1", "SANDBOX": "1", "AS_OF_ALLOWED": "1", "COOKIE_SECURE": "0"}.items():
        environment.setenv(f"MICROWISH_{name}", value)
    with pytest.raises(ValidationError) as error:
        ServiceSettings()
    told = str(error.value)
    assert all(name in told for name in ("SANDBOX", "AS_OF_ALLOWED", "COOKIE_SECURE", "PUBLIC_URL"))


def test_a_strict_production_is_accepted(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MICROWISH_PRODUCTION", "1")
    environment.setenv("MICROWISH_PUBLIC_URL", "https://wish.example")
    assert ServiceSettings().production_faults() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../etc/passwd"),
        ("PORT", "70000"),
        ("LOG_LEVEL", "LOUD"),
        ("KAFKA_TOPIC_PREFIX", "a b"),
        ("RELAY_LEASE_SECONDS", "0"),
        ("BLIND_KEY", "short"),
    ],
)
def test_wrong_values_are_refused_by_name(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(f"MICROWISH_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        ServiceSettings()


def test_every_setting_that_is_not_plain_from_its_name_is_documented() -> None:
    undocumented = {name for name, field in ServiceSettings.model_fields.items() if not field.description}
    assert undocumented <= {"log_level"}
