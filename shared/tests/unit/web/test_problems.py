import json

import httpx
import pytest

GOOD = {"title": "收音机", "contact": {"phone": "+86 139 1234 5678"}}
ENGLISH = {"Accept-Language": "en"}


async def post(
    client: httpx.AsyncClient, change: dict[str, object], headers: dict[str, str] | None = None
) -> httpx.Response:
    # ASCII JSON, so that lone surrogates can be sent too.
    content = json.dumps(GOOD | change)
    return await client.post(
        "/api/wishes", content=content, headers={"Content-Type": "application/json", **(headers or {})}
    )


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/problems/{code}")
    assert body["title"]
    return body


async def test_good_input_passes(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/wishes", json=GOOD)
    assert (answer.status_code, answer.json()) == (201, "13912345678")


@pytest.mark.parametrize(
    ("change", "field", "chinese", "english"),
    [
        ({"title": None}, "title", "应为文字", "This must be text"),
        ({"title": "收"}, "title", "至少 2 个字", "At least 2 characters"),
        ({"title": "收" * 11}, "title", "最多 10 个字", "At most 10 characters"),
        ({"title": "要现金"}, "title", "不能许现金、银行卡、借款", "No cash, cards or loans"),
        ({"title": "收音机?"}, "title", "这一项填得不对", "This value is not valid"),
        ({"contact": {}}, "contact.phone", "请填写这一项", "This field is required"),
        ({"contact": {"phone": "12"}}, "contact.phone", "请填 11 位手机号，或带区号的座机号", None),
        (
            {"contact": {"phone": "13912345678", "uscc": "9"}},
            "contact.uscc",
            "统一社会信用代码应为 18 位，请对照证书核对",
            None,
        ),
        ({"contact": 5}, "contact", "应为 JSON 对象", "This must be a JSON object"),
        ({"slots": 0}, "slots", "不能小于 1", "Must be at least 1"),
        ({"slots": 201}, "slots", "不能大于 200", "Must be at most 200"),
        ({"slots": "many"}, "slots", "应为整数", "This must be a whole number"),
        ({"slots": 1.5}, "slots", "应为整数", None),
        ({"category": "cash"}, "category", "请从这些里选：'goods' or 'service'", None),
        ({"id": "x"}, "id", "编号格式不对", None),
        ({"at": "2026-01-01T00:00:00"}, "at", "时间要带时区", None),
        ({"at": "x"}, "at", "时间格式不对", None),
        ({"tags": ["a", "long"]}, "tags.1", "最多 3 个字", None),
        ({"tags": ["a", "b", "c"]}, "tags", "最多 2 项", None),
        ({"extra": 1}, "extra", "没有这一项", "There is no such field"),
        ({"title": "\ud800\ud800"}, "title", "含有无法识别的字符", None),
    ],
)
async def test_a_field_at_fault_is_named_in_the_callers_language(
    client: httpx.AsyncClient, change: dict[str, object], field: str, chinese: str, english: str | None
) -> None:
    body = assert_problem(await post(client, change), 422, "invalid")
    assert body["errors"] == [{"field": field, "message": chinese}]
    if english:
        answer = await post(client, change, ENGLISH)
        assert answer.json()["errors"] == [{"field": field, "message": english}]
        assert answer.headers["content-language"] == "en"


async def test_all_fields_at_fault_are_named_at_once_and_no_input_is_repeated(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/wishes?limit=1000", json={"title": "秘密秘密秘密秘密秘密秘密", "contact": {"phone": "139秘密"}}
    )
    fields = {error["field"] for error in assert_problem(answer, 422, "invalid")["errors"]}  # type: ignore[attr-defined]
    assert fields == {"title", "contact.phone", "limit"}
    assert "秘密" not in answer.text


@pytest.mark.parametrize(
    "content",
    [b"{", b"", b"\xff\xfe", b'{"title": "\xe7"}', b"nope", b"[" * 400, b'{"slots": ' + b"9" * 900 + b"}"],
)
async def test_a_body_that_is_no_json_is_refused(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/api/wishes", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code, "unreadable" if answer.status_code == 400 else "invalid")


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"title": "\xe7"}'])
async def test_broken_json_and_wrong_encoding_are_400_unreadable(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/api/wishes", content=content, headers={"Content-Type": "application/json"})
    assert "UTF-8" in str(assert_problem(answer, 400, "unreadable")["detail"])


async def test_a_body_of_the_wrong_kind_is_422(client: httpx.AsyncClient) -> None:
    for answer in (await client.post("/api/wishes", json=[1]), await client.post("/api/wishes", content=b"{}")):
        assert assert_problem(answer, 422, "invalid")["errors"] == [{"field": "body", "message": "应为 JSON 对象"}]


async def test_unknown_paths_and_methods(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/api/nothing"), 404, "not_found")
    answer = await client.put("/api/wishes")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
    assert (await client.put("/api/body")).headers["allow"] == "DELETE, POST"


async def test_a_domain_error_gives_code_texts_and_members(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/raise/held")
    body = assert_problem(answer, 409, "already_held")
    assert body["title"] == "你们已经认领了这个心愿"
    assert body["detail"] == "认领编号 a-1"
    assert body["adoption_id"] == "a-1"
    assert "王小明" not in answer.text
    assert (await client.get("/api/raise/held", headers=ENGLISH)).json()["title"] == "You already hold this wish"


async def test_a_domain_error_names_fields(client: httpx.AsyncClient) -> None:
    body = assert_problem(await client.get("/api/raise/scope"), 422, "invalid")
    assert body["errors"] == [
        {"field": "scope", "message": "不能许现金、银行卡、借款"},
        {"field": "name", "message": "直接给出的话"},
    ]


async def test_a_code_without_text_falls_back_to_that_of_its_status(client: httpx.AsyncClient) -> None:
    assert assert_problem(await client.get("/api/raise/refused"), 409, "refused")["title"] == "情况已经变化"
    assert assert_problem(await client.get("/api/raise/plain"), 409, "unheard_of")["wish_id"] == "w"


async def test_texts_and_headers_given_by_the_raiser_win(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/raise/own")
    body = assert_problem(answer, 400, "own")
    assert (body["title"], body["detail"], answer.headers["X-Own"]) == ("标题", "说明", "1")


@pytest.mark.parametrize(
    ("what", "status", "code", "wait"),
    [("limited", 429, "too_many_requests", "42"), ("busy", 503, "busy", "5"), ("away", 503, "unavailable", "7")],
)
async def test_who_should_come_back_is_told_when(
    client: httpx.AsyncClient, what: str, status: int, code: str, wait: str
) -> None:
    answer = await client.get(f"/api/raise/{what}")
    assert_problem(answer, status, code)
    assert answer.headers["Retry-After"] == wait
    assert "password" not in answer.text


async def test_a_bug_is_500_internal_without_details(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/raise/bug", headers={"X-Request-ID": "req-12345678"})
    body = assert_problem(answer, 500, "internal")
    assert "req-12345678" in str(body["detail"])
    assert "王小明" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


BROWSER = {"Accept": "text/html,application/xhtml+xml"}


async def test_people_at_a_browser_get_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/raise/held", headers=BROWSER)
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/html")
    assert "你们已经认领了这个心愿" in answer.text
    assert (await client.get("/nothing", headers=BROWSER)).text.count("没有找到") >= 1
    bug = await client.get("/raise/bug", headers=BROWSER | {"X-Request-ID": "req-12345678"})
    assert bug.status_code == 500
    assert "req-12345678" in bug.text


async def test_under_api_a_browser_gets_json_as_well(client: httpx.AsyncClient) -> None:
    assert_problem(await client.get("/api/raise/held", headers=BROWSER), 409, "already_held")


async def test_who_must_sign_in_first_is_led_there_and_comes_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/mine?page=2", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/signin?next=%2Fmine%3Fpage%3D2"
    assert_problem(await client.get("/mine"), 401, "signed_out")
