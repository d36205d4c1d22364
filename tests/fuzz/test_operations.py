"""Every operation of the document, asked whatever its schema allows and what it forbids, by everybody: never
a 500, never a status, content type, header or body that the document does not name."""

import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core import NOT_SET
from uuid_utils.compat import uuid7

from app.main import create_app
from app.settings import Settings
from tests.fuzz.conftest import Served
from tests.walls.test_first_wall import example

CASES_IN_ALL = 6_000
WHO = ("ana", "ben", "clara", "sam", "adele", "olga", "dmitri", "nobody")
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection,
]  # fmt: skip
ENDLESS = {"GET /v1/alerts/stream"}  # ends with its token; tests/feed follows it

# A batch is answered as a whole whatever its items are; each has a status of its own in the reply.
JUDGED_BY_ITEM = {"POST /v1/patients/{patient_id}/check-ins/batch"}
# A cry for help is taken as it comes: what cannot be used of it is named in the reply.
LENIENT = {"POST /v1/patients/{patient_id}/crisis-flags"}
MAY_BE_AWAY = {"GET /readyz"}  # the tests' server keeps nothing safe, and readiness says so

asked: Counter[int] = Counter()
done: set[str] = set()  # the operations that somebody got through


def labels() -> list[str]:
    """Every operation of the document but the endless one."""
    with tempfile.TemporaryDirectory() as folder:
        document = create_app(Settings(data_dir=Path(folder)), "postgresql:///nowhere").openapi()
    return [
        label
        for path, item in document["paths"].items()
        for method in item
        if (label := f"{method.upper()} {path}") not in ENDLESS
    ]


LABELS = labels()
CASES_EACH = -(-CASES_IN_ALL // len(LABELS))


def cases(operation: APIOperation, served: Served) -> st.SearchStrategy[Case]:
    """What fits the schema and what does not, of things that are there and of things that are not."""
    parameters = [each.name for each in operation.path_parameters]
    known = {name: ids for name in parameters if (ids := served.known(name))}
    real = st.fixed_dictionaries({name: st.sampled_from(ids) for name, ids in known.items()})
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    ways = [st.builds(_about, fitting, real)] if known else []
    near = st.builds(_near, fitting, st.just(_example(operation)), real, st.just(served), st.randoms())
    ways += [fitting, near, near]
    if parameters or operation.body or operation.query or operation.headers:
        ways.append(operation.as_strategy(GenerationMode.NEGATIVE))
    return st.one_of(ways)


def _about(case: Case, real: dict[str, str]) -> Case:
    case.path_parameters = {**case.path_parameters, **real}
    return case


def _example(operation: APIOperation) -> dict[str, Any]:
    """The body that the document itself shows, if it is an object."""
    document = operation.schema.raw_schema
    found = document["paths"][operation.path][operation.method.lower()]
    return example(document, found) or {}


def _near(case: Case, shown: dict[str, Any], real: dict[str, str], served: Served, chance: Random) -> Case:
    """The example, about what is there, with a member or two of something else: what gets further in."""
    strange = case.body if isinstance(case.body, dict) else {}
    chosen = chance.sample(sorted(strange), min(len(strange), chance.choice((0, 0, 0, 1, 2))))
    if shown:
        case.body = {**served.really(shown, chance), **{name: strange[name] for name in chosen}}
    if "If-Match" in case.headers:
        case.headers["If-Match"] = f'"{chance.randint(1, 3)}"'
    return _about(case, real)


def who_may(served: Served, operation: APIOperation) -> list[str]:
    """Everybody, and twice more those whom the operation does not refuse at once."""
    shown, chance = _example(operation), Random(1)
    known = {each.name: served.known(each.name)[-1:] for each in operation.path_parameters}
    path = {name: ids[0] if ids else str(uuid7()) for name, ids in known.items()}
    may = []
    for who in WHO:
        case = operation.Case(path_parameters=path, body=served.really(shown, chance) if shown else NOT_SET)
        reply = case.call(base_url=served.base, headers=served.headers(who), timeout=10)
        may += [who, who] if reply.status_code not in {401, 403} else []
    return [*WHO, *may]


@pytest.mark.parametrize("label", LABELS)
def test_operation(served: Served, label: str) -> None:
    operation = served.operations[label]
    callers = who_may(served, operation)
    exempt = {(negative_data_rejection, each) for each in JUDGED_BY_ITEM | LENIENT}

    @settings(
        max_examples=CASES_EACH, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases(operation, served), who=st.sampled_from(callers))
    def answers_as_documented(case: Case, who: str) -> None:
        reply = case.call(base_url=served.base, headers=served.headers(who), timeout=10)
        asked[reply.status_code] += 1
        if reply.status_code < 300:
            done.add(label)
        checks = [check for check in CHECKS if (check, label) not in exempt]
        refuses_by_design = label in MAY_BE_AWAY and reply.status_code == 503
        case.validate_response(reply, checks=checks[refuses_by_design:])

    answers_as_documented()


def test_that_was_many(served: Served) -> None:
    print(f"{sum(asked.values())} cases over {len(LABELS)} operations: {dict(sorted(asked.items()))}")
    print(f"never got through: {sorted(set(LABELS) - done)}")
    assert sum(asked.values()) >= 3_000
    assert asked[200] >= 300
    assert asked[201] >= 50
