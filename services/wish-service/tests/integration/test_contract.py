"""The OpenAPI document holds: for everybody, at every operation, whatever is sent (Schemathesis).

Cases are Schemathesis' own: those of its coverage phase, which goes through the bounds of every schema, and some drawn
at random, each meant to fit or meant not to. A case that is meant to fit is sent as it is, and once more about things
that exist, since a schema can't say which do. Which operations there are is read from the routes.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
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

from wish_service.settings import WishSettings
from wish_service.web.routes import API

from .contract_kit import Known, OnTheLoop, closed, things_for

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("default")]

OPERATIONS = [
    f"{method} {context.path}"
    for router in API
    for context in iter_route_contexts(router.routes)
    if context.include_in_schema
    for method in sorted(context.methods or ())
]
CALLERS = ("admin", "resident", "staff", "nobody")
EVERY = {"GET /api/wishes/export.xlsx": 4, "GET /api/wishes/export.csv": 4, "GET /api/wishes/stream": 4}
"""Of operations that answer with much: every how many cases are tried."""
ALSO_ANOTHER = ("POST /api/communities/import",)
"""GET of the same address is another operation: that of a community, whose code this word is not."""
DRAWN = settings(
    max_examples=4,
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
    """A method that an address doesn't have is 405, unless the address is also that of another operation."""
    if case.operation.label not in ALSO_ANOTHER:
        checks.unsupported_method(context, response, case)


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
    checks.ignored_auth,
    no_fault_of_ours,
]
OF_CASES = [what_is_wrong_is_refused, methods_are_told, checks.missing_required_header]


@dataclass
class Contract:
    """The document, and who calls."""

    schema: Any
    headers: dict[str, dict[str, str]]
    failures: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def check(self, label: str, known: Known) -> None:
        """Try everything, and keep what doesn't hold."""
        method, path = label.split(" ")
        operation = self.schema[path][method]
        for turn, case in enumerate(self._cases(label, operation)):
            self._send(case, known, turn)
            if len(self.failures) > 2:
                return
        for mode in GenerationMode:
            self._draw(operation, mode, known)

    def _cases(self, label: str, operation: Any) -> Iterator[Case]:
        generation = self.schema.config.generation_for(operation=operation, phase="coverage")
        generator = CoverageGenerator(
            operation=operation,
            generation_modes=list(GenerationMode),
            generation_config=generation,
            auth_storage=None,
            override=Override(),
            feedback=NO_FEEDBACK,
            hooks=None,
        )
        for number, case in enumerate(generator):
            if number % EVERY.get(label, 1) == 0:
                yield case

    def _draw(self, operation: Any, mode: GenerationMode, known: Known) -> None:
        @DRAWN
        @given(case=operation.as_strategy(generation_mode=mode))
        def draw(case: Case) -> None:
            self._send(case, known, sum(self.statuses.values()))

        try:
            draw()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "there is nothing to get wrong about it"

    def _send(self, case: Case, known: Known, turn: int) -> None:
        """The case, by one of the callers in turn; one that is meant to fit by everybody, about things that exist."""
        fits = case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
        about = case.derive()
        self._ask(case, CALLERS[turn % len(CALLERS)], [*OF_ANSWERS, *OF_CASES])
        if fits:
            about.path_parameters = known.path(dict(about.path_parameters or {}), turn)
            about.query = known.fitted(dict(about.query or {}))
            about.body = known.fitted(about.body)
            for caller in CALLERS:
                self._ask(about.derive(), caller, OF_ANSWERS)

    def _ask(self, case: Case, caller: str, what: list[Any]) -> None:
        try:
            answer = case.call_and_validate(headers=self.headers[caller], checks=what)
        except FailureGroup as failed:
            self.failures.append(f"{caller}: {failed}")
        except AssertionError as failed:
            self.failures.append(f"{caller}: {case.as_curl_command()}: {failed}")
        else:
            self.statuses[answer.status_code] += 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service of its own: everything is done to it that can be done."""
    generous = {"signin_per_phone_per_hour": 10**6, "signin_per_address_per_hour": 10**6}
    async with world_of(settings_for("contract", similar_per_person_per_hour=10**6, **generous)) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(place: Any) -> dict[str, Any]:
    return {"admin": await place.person("13800000000"), "resident": await place.person(), "staff": await place.staff()}


@pytest.fixture
async def contract(place: Any, people: dict[str, Any]) -> Contract:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(closed(place.service.app.openapi()))
    schema.app = OnTheLoop(place.service.app, asyncio.get_running_loop())
    headers = {name: {"Authorization": f"Bearer {person.token}"} for name, person in people.items()}
    return Contract(schema, {**headers, "nobody": {}})


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_keeps_to_the_document(
    operation: str, contract: Contract, place: Any, people: dict[str, Any], photo_samples: Any
) -> None:
    known = await things_for(operation, place, people["resident"], people["staff"], photo_samples)
    await asyncio.to_thread(contract.check, operation, known)
    assert not contract.failures, "\n".join(contract.failures[:3])
    assert any(200 <= status < 300 for status in contract.statuses), f"nothing succeeded: {contract.statuses}"


async def test_the_document_says_of_every_operation_what_it_answers(place: Any) -> None:
    document = place.service.app.openapi()
    documented = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert documented == set(OPERATIONS)
    for label in OPERATIONS:
        method, path = label.split(" ")
        answers = document["paths"][path][method.lower()]["responses"]
        assert {"401", "403", "404", "422", "429", "503"} <= answers.keys(), label
        for status, answer in answers.items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            assert schema is None or "$ref" in schema or "anyOf" in schema, f"{label} {status}: {schema}"


async def test_an_answer_with_a_field_too_many_is_found_out(contract: Contract, place: Any) -> None:
    """The negative control: the same check, with an answer that isn't as documented."""
    case = contract.schema["/api/me"]["GET"].Case()
    answer = case.call(headers=contract.headers["resident"])
    case.validate_response(answer, checks=[checks.response_schema_conformance])
    answer.content = answer.content[:-1] + b',"phone":"13912345678"}'
    answer.clear_cache()
    with pytest.raises(FailureGroup, match="phone"):
        case.validate_response(answer, checks=[checks.response_schema_conformance])
