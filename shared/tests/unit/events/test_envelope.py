"""Every event travels unharmed, and is a CloudEvent to the official SDK as well as to us."""

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from microwish.events import EVENTS, Topic, contact
from microwish.events.base import Envelope, Event
from microwish.messaging.wire import CONTENT_TYPE, Unreadable, decode, encode, encode_tombstone
from microwish.testing.payloads import envelopes

SOME = settings(max_examples=6, deadline=None)
CONTRACTS = [*EVENTS.values(), contact.OrganisationContactSaved]


@pytest.mark.parametrize("event", CONTRACTS, ids=lambda event: event.__name__)
@SOME
@given(data=st.data())
def test_what_is_decoded_is_what_was_encoded(event: type[Event], data: st.DataObject) -> None:
    envelope = data.draw(envelopes(event))
    record = encode(envelope, key=envelope.subject)
    assert record.value is not None
    found = decode(record.value, record.headers)
    assert found == envelope
    assert record.key.decode() == found.payload().subject_id == envelope.subject


@pytest.mark.parametrize("event", CONTRACTS, ids=lambda event: event.__name__)
@SOME
@given(data=st.data())
def test_the_official_parser_reads_the_same(event: type[Event], data: st.DataObject) -> None:
    envelope = data.draw(envelopes(event))
    record = encode(envelope, key=envelope.subject)
    assert record.value is not None
    read = from_structured(KafkaMessage(dict(record.headers), record.key, record.value), JSONFormat(), CloudEvent)
    assert read.get_specversion() == "1.0"
    assert read.get_id() == envelope.id
    assert read.get_type() == event.type_name()
    assert read.get_source() == event.source
    assert read.get_subject() == envelope.subject
    assert read.get_time() == envelope.time
    assert read.get_datacontenttype() == "application/json"
    assert read.get_data() == envelope.data
    assert read.get_extension("aggregateversion") == envelope.version
    assert read.get_extension("traceparent") == envelope.traceparent


@pytest.mark.parametrize("event", CONTRACTS, ids=lambda event: event.__name__)
@SOME
@given(data=st.data())
def test_headers_repeat_the_required_attributes(event: type[Event], data: st.DataObject) -> None:
    envelope = data.draw(envelopes(event))
    headers = [(name, value.decode()) for name, value in encode(envelope, key=envelope.subject).headers]
    assert len(headers) == len(dict(headers)), "a header stands once"
    assert dict(headers) == {
        "content-type": CONTENT_TYPE,
        "ce_specversion": "1.0",
        "ce_id": envelope.id,
        "ce_source": envelope.source,
        "ce_type": envelope.type,
        "ce_subject": envelope.subject,
    }


@given(envelope=st.sampled_from(CONTRACTS).flatmap(envelopes))
@SOME
def test_the_aggregate_is_the_key_and_never_empty(envelope: Envelope) -> None:
    assert envelope.payload().subject_id == envelope.subject != ""


def test_a_tombstone_has_no_body_and_says_in_headers_what_it_erases() -> None:
    record = encode_tombstone("wish-1", id="erasure-1", source=contact.ContactSaved.source, version=4)
    assert record.value is None
    assert record.key == b"wish-1"
    headers = {name: value.decode() for name, value in record.headers}
    expected = {"ce_id": "erasure-1", "ce_source": contact.ContactSaved.source, "ce_aggregateversion": "4"}
    assert headers == expected


def test_only_the_compacted_topic_may_carry_tombstones() -> None:
    assert [event.topic for event in EVENTS.values() if event is contact.ContactSaved] == [Topic.CONTACT]


@pytest.mark.parametrize("value", [b"", b"null", b"[]", b"{}", b"\xff", b'{"specversion":"1.0","id":"1"}'])
def test_what_is_no_cloudevent_is_refused_without_repeating_it(value: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        decode(value, [("content-type", CONTENT_TYPE.encode())])
    assert value.decode(errors="replace") not in str(refusal.value) or not value
