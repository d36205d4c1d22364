"""The project's own files, as the checks of this folder read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".toml", ".in", ".txt", ".md", ".json", ".po", ".sh", ".html", ".js", ".css", ".yml", ".sql"}
NAMED = {"Makefile", "Dockerfile", ".dockerignore", ".gitignore", "run", "NOTICE"}
TOP = ("app", "migrations", "openapi", "tests", "docs", "content-packs", ".ci")


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the project's root, its text and its syntax tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Parsed when a check asks for it: that is what takes long."""
        return ast.parse(self.text)

    @classmethod
    def of(cls, text: str, path: str = "app/planted.py") -> "Module":
        """A module from a string, for a check that must prove that it finds something."""
        return cls(path, text)


def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file under the folders, in a stable order. None at all would be a blind check."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found, f"no Python file under {folders}"
    return tuple(map(_module, found))


@cache
def _module(path: Path) -> Module:
    return Module.of(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())


def texts() -> Iterator[tuple[str, str]]:
    """(path, text) of every text file that belongs to the project."""
    for path in [*ROOT.iterdir(), *(path for top in TOP for path in (ROOT / top).rglob("*"))]:
        if path.is_file() and (path.suffix in TEXT or path.name in NAMED):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def docstrings(tree: ast.Module) -> set[ast.Constant]:
    """The constants of a tree that are documentation, and nothing that is run."""
    bodies = (node.body for node in ast.walk(tree) if hasattr(node, "body") and isinstance(node.body, list))
    return {
        body[0].value
        for body in bodies
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    }
