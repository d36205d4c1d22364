"""Every operation of the OpenAPI document shows what to send and what comes back, and shows it rightly."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from pydantic import BaseModel

from app.instruments.catalogue import CATALOGUE
from app.instruments.scoring import score
from app.main import create_app
from app.rules.default_pack import DEFAULT_PACK
from app.rules.floor import FLOOR
from app.rules.rule import Rule
from app.schemas.answer_examples import ASSESSMENT_READ, CHECK_IN_READ, PHQ_9_ANSWERS, RULE_SET
from app.schemas.nulls import models_with_examples
from app.settings import Settings

OPERATIONS = 47  # as many as there were when this was written; there may be more, not fewer
WITHOUT_EXAMPLE = {
    "GET /v1/alerts/stream 200 text/event-stream": "server-sent events have no schema",
    "GET /v1/instruments/{code} 200 application/fhir+json": "its schema is FHIR's own",
    "GET /metrics 200 application/openmetrics-text": "the text/plain beside it says the same",
}


class Shown(NamedTuple):
    """A schema of a body, and the examples that go with it."""

    where: str
    schema: Mapping[str, Any]
    examples: list[Any]


def document() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data_dir=Path(folder)), "postgresql:///nowhere").openapi()


DOCUMENT = document()


def operations() -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
    ]


def examples_of(schema: Mapping[str, Any]) -> list[Any]:
    """Its own; of a list those of its items, one a list; of alternatives those of each."""
    if "$ref" in schema:
        return examples_of(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "examples" in schema:
        return list(schema["examples"])
    if "anyOf" in schema:
        return [example for each in schema["anyOf"] for example in examples_of(each)]
    return [[example] for example in examples_of(schema["items"])] if "items" in schema else []


def bodies() -> Iterator[Shown]:
    """What is sent, in JSON or as a form, and what every success brings."""
    for name, operation in operations():
        successes = {status: each for status, each in operation["responses"].items() if status[0] == "2"}
        for what, body in {"sends": operation.get("requestBody", {}), **successes}.items():
            for kind, media in body.get("content", {}).items():
                schema = media.get("schema", {})
                own = [media["example"]] if "example" in media else examples_of(schema)
                yield Shown(f"{name} {what} {kind}", schema, own)


BODIES = {each.where: each for each in bodies()}


def test_there_is_much_to_see() -> None:
    assert len(operations()) >= OPERATIONS
    assert sum(" sends " in where for where in BODIES) >= 20
    assert len(BODIES) >= 70
    assert WITHOUT_EXAMPLE.keys() <= BODIES.keys(), "what is exempt is there"


@pytest.mark.parametrize("where", sorted(BODIES))
def test_a_body_has_an_example_that_its_schema_accepts(where: str) -> None:
    shown = BODIES[where]
    assert bool(shown.examples) != (where in WITHOUT_EXAMPLE)
    schema = {**shown.schema, "components": DOCUMENT["components"]}
    accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert [error.message for each in shown.examples for error in accepts.iter_errors(each)] == []


@pytest.mark.parametrize("model", models_with_examples(), ids=lambda model: model.__name__)
def test_an_example_is_one_that_we_would_read(model: type[BaseModel]) -> None:
    """Also what no schema says: zones, pairs of members, the placeholders of a rule's sentence."""
    extra = model.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    assert examples
    for each in examples:
        model.model_validate_json(json.dumps(each))
        assert isinstance(each, dict)
        known = {field.alias or name: field for name, field in model.model_fields.items()}
        assert each.keys() <= known.keys()
        assert {name for name, field in known.items() if field.is_required()} <= each.keys()


def test_the_score_shown_is_that_of_the_answers_shown() -> None:
    counted = score(CATALOGUE.instrument("phq-9", None), PHQ_9_ANSWERS)
    shown = ASSESSMENT_READ["score"]
    assert isinstance(shown, dict)
    assert (counted.total, counted.severity, counted.flags) == tuple(
        shown[name] for name in ("total", "severity", "flags")
    )
    assert list(counted.critical_items) == shown["critical_items"]


def test_the_rules_shown_are_those_that_hold() -> None:
    shown = RULE_SET["rules"]
    assert isinstance(shown, list)
    real = {rule.code: rule for rule in (*FLOOR, *DEFAULT_PACK.rules)}
    for each in map(Rule.model_validate, shown):
        assert each == real[each.code]


def test_the_check_in_that_comes_back_is_the_one_that_was_sent() -> None:
    (sent,) = DOCUMENT["components"]["schemas"]["CheckInBody"]["examples"]
    said = ("id", "time_zone", "answers", "note")
    assert {name: CHECK_IN_READ[name] for name in said} == {name: sent[name] for name in said}


def test_metrics_are_refused_as_a_problem_and_read_nothing_that_could_be_unacceptable() -> None:
    operation = DOCUMENT["paths"]["/metrics"]["get"]
    assert operation["responses"].keys() == {"200", "404"}
    assert list(operation["responses"]["404"]["content"]) == ["application/problem+json"]
    assert "parameters" not in operation
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"]
