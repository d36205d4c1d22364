"""An import inside a function hides an arrow that points the wrong way; an exception says why it is none."""

import ast

from tests.architecture.sources import Module, modules

# "path function" -> why the import may wait
MAY_WAIT: dict[str, str] = {}


def inner_imports(module: Module) -> list[str]:
    return [
        f"{module.path} {function.name}"
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]


def test_imports_stand_at_the_top() -> None:
    found = {line for module in modules("app", "migrations") for line in inner_imports(module)}
    assert found == set(MAY_WAIT), "an exception that is no longer needed goes, too"


def test_an_import_inside_a_function_is_found() -> None:
    assert inner_imports(Module.of("import a\nasync def f():\n    if x:\n        from b import c")) == [
        "app/planted.py f"
    ]
    assert inner_imports(Module.of("import a\ndef f(): ...")) == []
