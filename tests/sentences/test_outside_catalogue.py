"""No sentence for patients stands outside the catalogue.

A patient's sentence leaves through a field named `message` or `help`, or through a `Help(…)`. Keys have no
spaces, so a string with a space on its way there was written in code. Documentation is let through: the
`description`, `title` and examples of a field.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import app.sentences
from app.sentences import placeholders
from tests.sentences.test_catalogue import texts

APP = Path(app.sentences.__file__).parent
# Where patients' answers and errors are made.
PLACES = (
    "schemas", "services", "routers", "dependencies.py", "errors.py", "problems.py", "jobs.py", "main.py",
    "sentences.py", "crisis_resources.py",
)  # fmt: skip
FIELDS = {"message", "help"}
DOCUMENTATION = {
    "description",
    "title",
    "example",
    "examples",
    "json_schema_extra",
    "openapi_examples",
    "responses",
}
Hit = tuple[int, str]


def files_of(root: Path) -> list[Path]:
    return sorted(
        path
        for place in PLACES
        for path in ([root / place] if place.endswith(".py") else (root / place).rglob("*.py"))
        if path.is_file()
    )


def outside(source: str) -> list[Hit]:
    """Line and text of each string with a space that goes into a patient's field."""
    return sorted(
        {hit for node in _code(ast.parse(source)) for value in _values(node) for hit in _strings(value)}
    )


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes under `node`, but for those that only document."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not _documents(child):
            yield from _code(child)


def _documents(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in DOCUMENTATION
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any("example" in _name(target).lower() for target in targets)
    return False


def _values(node: ast.AST) -> list[ast.expr]:
    """What `node` puts into a patient's field."""
    if isinstance(node, ast.keyword) and node.arg in FIELDS:
        return [node.value]
    if isinstance(node, ast.Assign) and any(_name(target) in FIELDS for target in node.targets):
        return [node.value]
    if isinstance(node, ast.AnnAssign) and _name(node.target) in FIELDS and node.value:
        return [node.value]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [value for key, value in pairs if isinstance(key, ast.Constant) and key.value in FIELDS]
    if isinstance(node, ast.Call) and _name(node.func) == "Help":
        return list(node.args)
    return []


def _strings(value: ast.expr) -> list[Hit]:
    constants = (node for node in _code(value) if isinstance(node, ast.Constant))
    return [
        (node.lineno, node.value)
        for node in constants
        if isinstance(node.value, str) and " " in node.value and node.value.strip()
    ]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def calls_of_sentence(source: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _name(node.func) == "sentence"
    ]


def mistakes(call: ast.Call) -> list[str]:
    """What is wrong with a call whose key is written out: no such key, or not the values it wants."""
    if not (call.args and isinstance(call.args[0], ast.Constant)):
        return []
    key, values = str(call.args[0].value), {word.arg for word in call.keywords} - {"overrides"}
    if key not in texts("en"):
        return [f"{key}: no such key"]
    wanted = placeholders(texts("en")[key])
    return [] if None in values or values == wanted else [f"{key}: wants {sorted(wanted)}"]


def test_no_sentence_for_patients_stands_in_code() -> None:
    seen = files_of(APP)
    assert {APP / "sentences.py", APP / "crisis_resources.py"} <= set(seen)
    assert {path.name for path in APP.iterdir() if path.is_dir() and any(path.glob("*.py"))} & {*PLACES} == {
        path.relative_to(APP).parts[0] for path in seen if path.parent != APP
    }
    found = {
        str(path.relative_to(APP)): hits
        for path in seen
        if (hits := outside(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_every_call_names_a_sentence_and_gives_its_values() -> None:
    calls = [
        call for path in APP.rglob("*.py") for call in calls_of_sentence(path.read_text(encoding="utf-8"))
    ]
    assert len(calls) >= 5
    assert [mistake for call in calls for mistake in mistakes(call)] == []


@pytest.mark.parametrize(
    "planted",
    [
        'Answer(message="Your check-in is saved.")',
        'Answer(message=f"Call {number} now.")',
        'Answer(message="Call " + number + " right away")',
        'Answer(message="All is well." if calm else sentence("help.critical", locale))',
        'answer = {"id": id, "help": {"message": "We told your team."}}',
        'answer["help"] = Help("We told your team.", lines, None)',
        'answer.message = "We told your team."',
        'class Help(BaseModel):\n    message: str = "We told your team."',
        'class Help(BaseModel):\n    message: str = Field("We told you.", description="What happens now.")',
        'def refuse(message: str) -> None: ...\nrefuse(message=("Please try "\n    "again."))',
    ],
)
def test_a_planted_sentence_is_found(planted: str, tmp_path: Path) -> None:
    (tmp_path / "routers").mkdir()
    (tmp_path / "routers" / "check_ins.py").write_text(planted, encoding="utf-8")
    [path] = files_of(tmp_path)
    assert outside(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "innocent",
    [
        'Answer(message=sentence("saved.check_in", locale))',
        'Answer(help=None, sentence="Craving is 9, at least 8.")',
        'class Help(BaseModel):\n    message: str = Field(description="Now.", examples=["We told you."])',
        'HELP_EXAMPLE = {"help": {"message": "We told your team."}}',
        'router.post("/", responses={201: {"content": {"help": {"message": "We told your team."}}}})',
    ],
)
def test_what_is_innocent_is_left_alone(innocent: str) -> None:
    assert outside(innocent) == []


@pytest.mark.parametrize(
    ("planted", "mistake"),
    [
        ('sentence("help.critcal", locale)', "help.critcal: no such key"),
        ('sentence("danger.call", locale)', "danger.call: wants ['number']"),
        ('sentence("danger.call", locale, overrides=own, numbre="911")', "danger.call: wants ['number']"),
    ],
)
def test_a_planted_mistake_is_found(planted: str, mistake: str) -> None:
    [call] = calls_of_sentence(planted)
    assert mistakes(call) == [mistake]
