"""The committed documents say what the payload classes say."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from microwish.events import EVENTS
from microwish.events.base import Source
from microwish.events.catalogue.__main__ import documents, freeze, write
from microwish.events.catalogue.facts import EVENT_NAMES, SERVICES, service_of
from microwish.events.catalogue.schemas import payload_schema
from microwish.events.topics import POLICIES, Topic

DOCS = Path(__file__).parents[4] / "docs"


@pytest.mark.parametrize("path", documents())
def test_the_committed_file_is_not_stale(path: str) -> None:
    assert (DOCS / path).read_text(encoding="utf-8") == documents()[path], "run `make contracts` and commit docs/"


def test_no_schema_of_a_contract_that_is_gone_is_kept() -> None:
    kept = {f"schemas/{file.name}" for file in (DOCS / "schemas").glob("*.json")}
    assert kept == {path for path in documents() if path.startswith("schemas/")}


def test_the_generator_writes_the_same_twice(tmp_path: Path) -> None:
    write(tmp_path)
    first = {file: file.read_bytes() for file in tmp_path.rglob("*.*")}
    (tmp_path / "schemas" / "WishForgotten.v1.json").write_text("{}")
    write(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.*")} == first


def test_a_release_is_frozen_once(tmp_path: Path) -> None:
    freeze(tmp_path, "1")
    with pytest.raises(FileExistsError):
        freeze(tmp_path, "1")


@pytest.mark.parametrize("name", EVENT_NAMES)
def test_every_schema_is_valid_json_schema_2020_12(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(payload_schema(EVENT_NAMES[name]))


def test_every_source_belongs_to_a_service() -> None:
    assert {service_of(source) for source in Source} == set(SERVICES)


def test_the_asyncapi_document_holds_every_topic_and_every_event() -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    channels = document["channels"]
    assert {channel["address"] for channel in channels.values()} == {*Topic, "{group}.dlq"}
    listed = {name for channel in channels.values() for name in channel["messages"]}
    assert listed == {*EVENT_NAMES, "ContactErased", "DeadLetter"} == set(document["components"]["messages"])
    assert len(EVENT_NAMES) == len(EVENTS)


@pytest.mark.parametrize("topic", Topic)
def test_the_asyncapi_document_keeps_a_topic_as_the_broker_does(topic: Topic) -> None:
    channels = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))["channels"]
    channel = next(channel for channel in channels.values() if channel["address"] == topic)
    said = channel["bindings"]["kafka"]["topicConfiguration"]
    policy = ",".join(said.pop("cleanup.policy"))
    assert {"cleanup.policy": policy, **{name: str(value) for name, value in said.items()}} == POLICIES[topic].config


@pytest.mark.parametrize(
    ("service", "action", "topics"),
    [
        ("wish", "send", {Topic.WISH, Topic.CONTACT, Topic.SIGNIN}),
        ("wish", "receive", {Topic.WISH, Topic.ADOPTION}),
        ("adoption", "send", {Topic.ADOPTION, Topic.CONTACT}),
        ("adoption", "receive", {Topic.WISH, Topic.ADOPTION, Topic.CONTACT}),
        ("notify", "send", {Topic.NOTIFY}),
        ("notify", "receive", {Topic.WISH, Topic.ADOPTION, Topic.CONTACT, Topic.SIGNIN}),
    ],
)
def test_each_service_sends_and_receives_what_the_design_says(service: str, action: str, topics: set[Topic]) -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    channels = {
        operation["channel"]["$ref"].removeprefix("#/channels/")
        for name, operation in document["operations"].items()
        if name.startswith(service) and operation["action"] == action
    }
    said = {document["channels"][channel]["address"] for channel in channels} - {"{group}.dlq"}
    assert said == topics
