"""Only `app/clock.py` asks what time it is; SQL uses a bound `:now` or the transaction's `now()`."""

import ast
import re

import pytest

from tests.architecture.sources import Module, docstrings, modules

CLOCK = "app/clock.py"
ASKING = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")} | {
    ("time", name) for name in ("time", "time_ns", "localtime", "gmtime", "ctime")
}
SQL_CLOCK = re.compile(
    r"\b(current_timestamp|clock_timestamp|statement_timestamp|localtimestamp|timeofday)\b", re.IGNORECASE
)


def asked(module: Module) -> list[str]:
    """Places where Python is asked for the time of day."""
    return [
        f"{module.path}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in ASKING
    ]


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def sql_clocks(module: Module) -> list[str]:
    """Strings and attributes by which PostgreSQL is asked for a time that no test can move."""
    prose = docstrings(module.tree)
    return [
        f"{module.path}:{node.lineno}"
        for node in ast.walk(module.tree)
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in prose
            and SQL_CLOCK.search(node.value)
        )
        or (isinstance(node, ast.Attribute) and SQL_CLOCK.fullmatch(node.attr))
    ]


def test_only_the_clock_asks_the_time() -> None:
    assert [line for module in modules("app") if module.path != CLOCK for line in asked(module)] == []


def test_the_clock_is_where_this_says() -> None:
    assert [line for module in modules("app") if module.path == CLOCK for line in asked(module)]


def test_sql_takes_its_time_from_the_transaction() -> None:
    assert [line for module in modules("app", "migrations") for line in sql_clocks(module)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "datetime.now(UTC)",
        "dt.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "field(default_factory=datetime.datetime.now)",
    ],
)
def test_asking_the_time_is_found(planted: str) -> None:
    assert asked(Module.of(planted)) == ["app/planted.py:1"]


@pytest.mark.parametrize(
    "planted", ["text('select CURRENT_TIMESTAMP')", "f'{x} < clock_timestamp()'", "func.current_timestamp()"]
)
def test_a_clock_in_sql_is_found(planted: str) -> None:
    assert sql_clocks(Module.of(planted)) == ["app/planted.py:1"]


def test_prose_and_bound_times_are_left_alone() -> None:
    assert asked(Module.of("clock.now(); time.perf_counter(); now = row.now")) == []
    assert sql_clocks(Module.of('"""Never current_timestamp."""\nsql = "select now(), :now"')) == []
