"""No drawer for everything, and never the bare word `session`: it means three things here.

A treatment session is `treatment_session`, a database session is `db`, a sign-in is a `credential`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.architecture.sources import Module, modules

DRAWER = re.compile(r"^_?(utils?|helpers?|misc|common|base_\w+|\w+_(utils?|helpers?))$")
SESSION = re.compile(r"^_*((db|sql|orm|async|login|auth|user|current|the)_)?sessions?_*$", re.IGNORECASE)


def drawers(module: Module) -> list[str]:
    return [
        f"{module.path}: {part}"
        for part in PurePosixPath(module.path).with_suffix("").parts
        if DRAWER.match(part)
    ]


def bare_sessions(module: Module) -> list[str]:
    stem = PurePosixPath(module.path).stem
    found = [f"{module.path}: {stem}"] if SESSION.match(stem) else []
    return found + [
        f"{module.path}:{line} {name}" for line, name in given_names(module) if SESSION.match(name)
    ]


def given_names(module: Module) -> Iterator[tuple[int, str]]:
    """(line, name) of what this module names itself; what libraries call their things is theirs."""
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case (
                ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
            ):
                yield node.lineno, name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from ((node.lineno, alias.asname) for alias in aliases if alias.asname)


def test_no_module_is_a_drawer() -> None:
    assert [line for module in modules("app", "migrations", "tests") for line in drawers(module)] == []


def test_session_never_stands_alone() -> None:
    assert [line for module in modules("app", "migrations") for line in bare_sessions(module)] == []


@pytest.mark.parametrize("path", ["app/utils.py", "app/base_model/x.py", "app/rules/date_helpers.py"])
def test_a_drawer_is_found(path: str) -> None:
    assert drawers(Module.of("", path))
    assert not drawers(Module.of("", "app/rules/database.py"))


@pytest.mark.parametrize(
    "planted",
    [
        "session = open()",
        "def f(session): ...",
        "for db_session in x: ...",
        "self.session = 1",
        "class Session: ...",
        "from x import y as sessions",
        "async def session(): ...",
    ],
)
def test_a_bare_session_is_found(planted: str) -> None:
    assert bare_sessions(Module.of(planted))


def test_the_words_of_the_design_are_left_alone() -> None:
    words = "treatment_session = session_series = 1\nfrom sqlalchemy.ext.asyncio import AsyncSession"
    assert bare_sessions(Module.of(words)) == []
    assert bare_sessions(Module.of("", "app/routers/treatment_sessions.py")) == []
    assert bare_sessions(Module.of("", "app/models/session.py"))
