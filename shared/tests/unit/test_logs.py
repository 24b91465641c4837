import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from microwish import logs
from microwish.testing import eventually


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlogs = structlog.get_config()
    others = {name: logging.getLogger(name).level for name in ("aiokafka", "pymongo", "httpx", "httpcore")}
    logs.configure("wish-service", "INFO", json=True)
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in others.items():
        logging.getLogger(name).setLevel(before)
    logging.getLogger("uvicorn.access").disabled = False
    structlog.configure(**structlogs)


SECRETS = [
    "13912345678",
    "+86 139 1234 5678",
    "139-1234-5678",
    "8613912345678",
    "021-55550100",
    "31011719900307123X",
    "310117199003071234",
    "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "Bearer abc.def-ghi",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJwIn0.c2lnbmF0dXJl",
    "code=482913",
    '"code": "482913"',
]
HARMLESS = [
    "01a2066f-fc19-7684-b1a6-96c5bf30f8bc",
    "2026-11-23T03:39:21.146869Z",
    "partition 3 offset 18446744",
    "took 0.13912345678 s",
    "status_code=409",
    "310117001000",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "电话{}，谢谢", "GET /x?q={} 200", "({})"])
def test_secrets_are_masked_wherever_they_stand(secret: str, around: str) -> None:
    digits = secret.removeprefix("Bearer ").removeprefix("code=").strip('"code: ')
    assert digits not in logs.mask_text(around.format(secret))


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_times_and_offsets_stay_readable(text: str) -> None:
    assert logs.mask_text(text) == text


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=20))
def test_no_mobile_number_survives_next_to_anything_but_letters_and_digits(phone: str, near: str) -> None:
    near = "".join(character for character in near if not (character.isascii() and character.isalnum()))
    if near.endswith(".") and len(near) > 1 and near[-2].isdigit():
        near = near[:-1]
    assert phone not in logs.mask_text(f"{near}{phone}{near}")


def test_telling_keys_are_replaced_at_any_depth(lines: io.StringIO) -> None:
    logs.get_logger("t").info(
        "saved",
        phone="x",
        wish={"Name": "王小明", "contacts": [{"address": "龙潭", "community": "310117"}]},
        numbers=[13912345678],
    )
    line = json.loads(lines.getvalue())
    assert line["phone"] == "***"
    assert line["wish"] == {"Name": "***", "contacts": [{"address": "***", "community": "310117"}]}
    assert line["numbers"] == ["***"]
    assert line["service"] == "wish-service"
    assert line["event"] == "saved"


def test_lines_of_the_standard_library_are_masked_too(lines: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").warning("payload %s", {"to": "13912345678"})
    line = json.loads(lines.getvalue())
    assert "13912345678" not in lines.getvalue()
    assert line["level"] == "warning"
    assert line["logger"] == "aiokafka.consumer"


def test_tracebacks_hold_the_place_but_nothing_a_person_wrote(lines: io.StringIO) -> None:
    try:
        raise ValueError("input_value='王小明 龙潭三弄' phone 13912345678 b'\\xe7\\x8e\\x8b' \\u738b")
    except ValueError:
        logs.get_logger("t").exception("failed")
        logging.getLogger("uvicorn.error").exception("failed")
    text = lines.getvalue()
    assert text.count("ValueError") >= 2
    assert "test_logs.py" in text
    for secret in ("王小明", "龙潭", "13912345678", "\\\\xe7", "u738b"):
        assert secret not in text


def test_the_access_log_of_uvicorn_is_silent(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /api/sandbox/messages?phone=13912345678")
    assert lines.getvalue() == ""


def test_text_for_a_terminal_is_masked_too(lines: io.StringIO) -> None:
    logs.configure("wish-service", "INFO", json=False)
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(lines)
    logs.get_logger("t").info("sent", where="13912345678")
    assert "sent" in lines.getvalue()
    assert "13912345678" not in lines.getvalue()


def test_plain_lines_look_like_all_others(lines: io.StringIO) -> None:
    said = {"method": "GET", "path": "/api/wishes", "status": 200, "ms": 0.1, "request_id": "req-12345678"}
    logs.get_logger("microwish.web.access").info("request", **said)
    logs.PlainLines("microwish.web.access").say("request", **said)
    usual, plain = (json.loads(line) for line in lines.getvalue().splitlines())
    assert {**usual, "timestamp": ""} == {**plain, "timestamp": ""}
    assert len(usual["timestamp"]) == len(plain["timestamp"])


def test_plain_lines_keep_to_the_level_and_the_form(lines: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().setLevel("WARNING")
    logs.PlainLines("microwish.web.access").say("request", status=200)
    assert lines.getvalue() == ""
    logs.configure("wish-service", json=False)
    logs.PlainLines("microwish.web.access").say("request", status=200)
    assert "status" in capsys.readouterr().err


async def test_plain_lines_of_the_same_time_share_a_write(lines: io.StringIO) -> None:
    plain = logs.PlainLines("microwish.web.access")
    for number in range(3):
        plain.say("request", status=number)
    assert lines.getvalue() == ""
    await eventually(lines.getvalue)
    assert [json.loads(line)["status"] for line in lines.getvalue().splitlines()] == [0, 1, 2]
    for number in range(logs._LINES_AT_ONCE):  # a turn that says much doesn't keep it all in memory
        plain.say("request", status=number)
    assert len(lines.getvalue().splitlines()) == 3 + logs._LINES_AT_ONCE


async def test_another_line_comes_after_the_plain_ones_before_it(lines: io.StringIO) -> None:
    logs.PlainLines("microwish.web.access").say("request", status=200)
    logs.get_logger("microwish").warning("busy")
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["request", "busy"]


PIECES = [*SECRETS, *HARMLESS, "1", "39", "1234", "5678", " ", "-", "o", "eyJ", "bearer ", "Code", "=", "月", "+86"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_what_is_not_looked_at_closely_has_nothing_to_mask(text: str) -> None:
    assert logs.mask_text(text) == logs._masked_by_patterns(text)
