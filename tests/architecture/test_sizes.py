"""A module is refused over 400 lines and a function over 50: split by verb before it splits by accident."""

import ast

from tests.architecture.sources import Module, modules

MODULE_LINES = 400
FUNCTION_LINES = 50


def oversized(module: Module) -> list[str]:
    found = []
    if (lines := len(module.text.splitlines())) > MODULE_LINES:
        found.append(f"{module.path}: {lines} lines")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                found.append(f"{module.path}:{node.lineno} {node.name}: {lines} lines")
    return found


def test_modules_and_functions_stay_readable() -> None:
    kept = (module for module in modules("app") if "/migrations/versions/" not in module.path)
    assert [line for module in kept for line in oversized(module)] == []


def test_a_module_of_401_lines_is_found() -> None:
    assert oversized(Module.of("x = 1\n" * MODULE_LINES)) == []
    assert oversized(Module.of("x = 1\n" * (MODULE_LINES + 1))) == ["app/planted.py: 401 lines"]


def test_a_function_of_51_lines_is_found() -> None:
    assert oversized(Module.of("async def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1))) == []
    assert oversized(Module.of("async def f():\n" + "    x = 1\n" * FUNCTION_LINES)) == [
        "app/planted.py:1 f: 51 lines"
    ]
