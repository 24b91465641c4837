"""The OpenAPI document holds: for everybody, at every operation, whatever is sent (Schemathesis).

Cases are Schemathesis' own: those of its coverage phase, which goes through the bounds of every schema, and some drawn
at random, each meant to fit or meant not to. A case that is meant to fit is sent as it is, and once more about things
that exist, since a schema can't say which do. Which operations there are is read from the routes.

Two of its checks are said more sharply here: instead of `ignored_auth`, which asks three times more per answer, nobody
and somebody with a token that isn't one ask themselves; instead of `positive_data_acceptance`, which a rule behind the
schema would break, each operation has to succeed. `use_after_free` and `ensure_resource_availability` are about links
between operations, which the document has none of.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import pytest_asyncio
import requests
import schemathesis
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override
from schemathesis.specs.openapi import checks

from microwish.web.openapi import PROBLEMS
from wish_service.settings import WishSettings
from wish_service.web.routes import API

from .contract_kit import Known, answered, closed, leaving, may_be_anybody, things_for, things_to_read

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]

OPERATIONS = [
    f"{method} {context.path}"
    for router in API
    for context in iter_route_contexts(router.routes)
    if context.include_in_schema
    for method in sorted(context.methods or ())
]
CALLERS = ("admin", "resident", "staff", "nobody")
STRANGERS = {"nobody": {}, "a liar": {"Authorization": "Bearer bm9ib2R5.c2lnbmVk.dGhpcw"}}
BY_ALL = 3
"""How many cases that fit are sent by everybody; further ones by one caller in turn."""
EVERY = {"GET /api/wishes/export.xlsx": 4, "GET /api/wishes/export.csv": 4, "GET /api/wishes/stream": 4}
"""Of operations that answer with much: every how many cases are tried."""
ALSO_ANOTHER = ("POST /api/communities/import",)
"""GET of the same address is another operation: that of a community, whose code this word is not."""
DRAWN = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def no_fault_of_ours(_context: Any, response: Any, _case: Case) -> None:
    """Nothing breaks; whoever is refused is told why, and which field is at fault."""
    assert response.status_code < 500, f"{response.status_code} {response.text}"
    if response.status_code < 400:
        return
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"]
    if problem["code"] == "invalid":
        assert problem["errors"]
        assert all(fault["field"] and fault["message"] for fault in problem["errors"])


def what_is_wrong_is_refused(context: Any, response: Any, case: Case) -> None:
    """As Schemathesis has it, but for characters that nobody sees: they are taken off before a text is measured."""
    if all(text.isprintable() and text == " ".join(text.split()) for text in _texts([case.query, case.body])):
        checks.negative_data_rejection(context, response, case)


def methods_are_told(context: Any, response: Any, case: Case) -> None:
    """A method that an address doesn't have is 405, with those it has; unless it is also that of another operation."""
    if case.operation.label not in ALSO_ANOTHER:
        checks.unsupported_method(context, response, case)
        checks.allow_header_conformance(context, response, case)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _texts(inner)


OF_ANSWERS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    no_fault_of_ours,
]
OF_CASES = [what_is_wrong_is_refused, methods_are_told, checks.missing_required_header]


@dataclass
class Checked:
    """What was checked of an operation: answers by status, cases by what they are meant to be."""

    statuses: Counter[int] = field(default_factory=Counter)
    meant: Counter[str] = field(default_factory=Counter)


@dataclass
class Contract:
    """The document, who calls, and what was checked."""

    app: Any
    schema: Any
    headers: dict[str, dict[str, str]]
    checked: dict[str, Checked] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    async def check(self, label: str, known: Known) -> Checked:
        """Try everything, and keep what doesn't hold."""
        method, path = label.split(" ")
        operation, checked = self.schema[path][method], Checked()
        self.failures.clear()
        for turn, case in enumerate([*coverage(label, operation, self.schema), *drawn(operation)]):
            await self._send(case, known, turn, checked)
            if len(self.failures) > 2:
                break
        self.checked[label] = checked
        return checked

    async def _send(self, case: Case, known: Known, turn: int, checked: Checked) -> None:
        """The case, by one of the callers in turn; one that is meant to fit once more, about things that exist."""
        fits = case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
        checked.meant["fit" if fits else "not to fit"] += 1
        about = case.derive()
        await self._ask(case, CALLERS[turn % len(CALLERS)], [*OF_ANSWERS, *OF_CASES], checked)
        if not fits:
            return
        about.path_parameters = known.path(dict(about.path_parameters or {}), turn)
        about.query = known.fitted(dict(about.query or {}))
        about.body = known.body(about.body)
        everybody = checked.meant["fit"] <= BY_ALL
        for caller in (*CALLERS, "a liar") if everybody else (CALLERS[checked.meant["fit"] % len(CALLERS)],):
            await self._ask(about.derive(), caller, OF_ANSWERS, checked)

    async def _ask(self, case: Case, caller: str, what: list[Any], checked: Checked) -> None:
        told = case.as_transport_kwargs(base_url="http://wish.test", headers=self.headers[caller])
        answer = await answered(self.app, requests.Request(**told).prepare())
        checked.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=what)
            refused = answer.status_code >= 400 or caller not in STRANGERS
            assert refused or may_be_anybody(case), f"needs nobody's sign-in: {answer.status_code}"
        except (AssertionError, FailureGroup) as failed:
            self.failures.append(f"{caller}: {case.as_curl_command()}: {failed}")


def coverage(label: str, operation: Any, schema: Any) -> Iterator[Case]:
    """The bounds of every schema, from inside and from outside."""
    generator = CoverageGenerator(
        operation=operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
        hooks=None,
    )
    for number, case in enumerate(generator):
        if number % EVERY.get(label, 1) == 0:
            yield case


def drawn(operation: Any) -> list[Case]:
    """Some at random, the same ones in every run."""
    found: list[Case] = []
    for mode in GenerationMode:
        draw = DRAWN(given(case=operation.as_strategy(generation_mode=mode))(lambda case: found.append(case)))
        try:
            draw()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "there is nothing to get wrong about it"
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service of its own: everything is done to it that can be done."""
    generous = {"signin_per_phone_per_hour": 10**6, "signin_per_address_per_hour": 10**6}
    async with world_of(settings_for("contract", similar_per_person_per_hour=10**6, **generous)) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(place: Any) -> dict[str, Any]:
    return {"admin": await place.person("13800000000"), "resident": await place.person(), "staff": await place.staff()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def contract(place: Any, people: dict[str, Any]) -> Contract:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(closed(place.service.app.openapi()))
    headers = {name: {"Authorization": f"Bearer {person.token}"} for name, person in people.items()}
    return Contract(place.service.app, schema, headers | STRANGERS)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def readable(place: Any, people: dict[str, Any], photo_samples: Any) -> Known:
    return await things_to_read(place, people["resident"], people["staff"], photo_samples)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_keeps_to_the_document(
    operation: str, contract: Contract, place: Any, people: dict[str, Any], photo_samples: Any, readable: Known
) -> None:
    known = readable
    if not operation.startswith("GET "):
        known = await things_for(operation, place, people["resident"], people["staff"], photo_samples)
    theirs = replace(contract, headers=contract.headers | await leaving(operation, place))
    checked = await theirs.check(operation, known)
    assert not contract.failures, "\n".join(contract.failures[:3])
    assert any(status < 300 for status in checked.statuses), f"nothing succeeded: {checked.statuses}"


async def test_the_whole_document_was_checked(contract: Contract) -> None:
    """How much that is, for whoever reads `-rP`; with `-k` there is less to say."""
    if contract.checked.keys() != set(OPERATIONS):
        pytest.skip("not every operation was chosen to run")
    statuses = sum((one.statuses for one in contract.checked.values()), Counter[int]())
    meant = sum((one.meant for one in contract.checked.values()), Counter[str]())
    answers = f"{statuses.total()} answers: {sorted(statuses.items())}"
    print(f"{len(contract.checked)} operations, {answers}; cases {meant}")  # noqa: T201 - for people to read
    assert len(contract.checked) > 50
    assert statuses.total() > 3000
    assert min(meant["fit"], meant["not to fit"]) > 500
    assert max(statuses) < 500


async def test_the_document_says_of_every_operation_what_it_answers(place: Any) -> None:
    document = place.service.app.openapi()
    documented = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert documented == set(OPERATIONS)
    for label in OPERATIONS:
        method, path = label.split(" ")
        answers = document["paths"][path][method.lower()]["responses"]
        assert {"401", "403", "404", "422", "429", "503"} <= answers.keys(), label
        assert {int(status) for status in answers if status >= "400"} <= PROBLEMS.keys(), label
        for status, answer in answers.items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            assert schema is None or "$ref" in schema or "anyOf" in schema, f"{label} {status}: {schema}"


async def test_an_answer_with_a_field_too_many_is_found_out(contract: Contract, place: Any) -> None:
    """The negative control: the same check, with an answer that isn't as documented."""
    case = contract.schema["/api/me"]["GET"].Case()
    told = case.as_transport_kwargs(base_url="http://wish.test", headers=contract.headers["resident"])
    answer = await answered(contract.app, requests.Request(**told).prepare())
    case.validate_response(answer, checks=OF_ANSWERS)
    answer.content = answer.content[:-1] + b',"phone":"13912345678"}'
    answer.clear_cache()
    with pytest.raises(FailureGroup, match="phone"):
        case.validate_response(answer, checks=OF_ANSWERS)


async def test_an_operation_that_breaks_or_lets_everybody_in_is_found_out(
    contract: Contract, people: dict[str, Any]
) -> None:
    """The negative control of the rest: the same run against an app whose guard is gone, and that breaks."""
    label, known = "GET /api/me", Known()
    theirs = Contract(_opened(contract.app, people["resident"].token), contract.schema, contract.headers)
    await theirs.check(label, known)
    assert any("needs nobody's sign-in" in failure for failure in theirs.failures)
    broken = Contract(_broken, contract.schema, contract.headers)
    await broken.check(label, known)
    assert any("500" in failure for failure in broken.failures)


def _opened(app: Any, token: str) -> Any:
    async def opened(scope: Any, receive: Any, send: Any) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        await app({**scope, "headers": [*headers, (b"authorization", f"Bearer {token}".encode())]}, receive, send)

    return opened


async def _broken(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})
