"""A computed float is compared with a tolerance or an order, never with `==`."""

import ast

import pytest

from tests.architecture.sources import Module, modules


def float_equalities(module: Module) -> list[str]:
    return [
        f"{module.path}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
        and any(_is_float(side) for side in [node.left, *node.comparators])
    ]


def _is_float(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=float()):
            return True
        case ast.UnaryOp(operand=operand):
            return _is_float(operand)
        case ast.Call(func=ast.Name(id="float")) | ast.BinOp(op=ast.Div()):
            return True
    return False


def test_no_float_is_compared_by_equality() -> None:
    assert [line for module in modules("app") for line in float_equalities(module)] == []


@pytest.mark.parametrize("planted", ["x == 0.1", "-1.5 != x", "a / b == c", "y == float(x)"])
def test_a_float_equality_is_found(planted: str) -> None:
    assert float_equalities(Module.of(planted)) == ["app/planted.py:1"]


@pytest.mark.parametrize("fine", ["x == 1", "x >= 0.1", "a // b == c"])
def test_other_comparisons_are_left_alone(fine: str) -> None:
    assert float_equalities(Module.of(fine)) == []
