"""What a program's rules may watch: its check-ins, its own questions, and the scores of the instruments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from app.instruments.catalogue import CATALOGUE
from app.instruments.questionnaire import Instrument, Item
from app.instruments.scheme import Composites, Sum, Triage
from app.rules.signals import SIGNALS, Signal

Kind = Literal["number", "choice", "yes-no"]


class Choice(NamedTuple):
    """One value of a signal that is a choice."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class KnownSignal:
    """A signal as a form shows it. A yes or no goes from 0 (no) to 1 (yes); a choice has no bounds."""

    signal: str
    title: str
    description: str
    kind: Kind
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    choices: tuple[Choice, ...] = ()


Vocabulary = Mapping[str, KnownSignal]


def vocabulary(questions: Sequence[Mapping[str, Any]]) -> Vocabulary:
    """Every signal by its name. `questions` are the program's own, as stored on it."""
    own = (_asked(question) for question in questions)
    return {**_ours(), **{each.signal: each for each in own}}


@cache
def _ours() -> Vocabulary:
    scored = (each for instrument in CATALOGUE.current() for each in _scores(instrument))
    core = (_core(name, signal) for name, signal in SIGNALS.items())
    return {each.signal: each for each in (*scored, *core)}


def _core(name: str, signal: Signal) -> KnownSignal:
    kind: Kind = {"choice": "choice", "yes/no": "yes-no"}.get(signal.unit, "number")  # type: ignore[assignment]  # both are kinds
    return KnownSignal(
        signal=name, title=_capital(signal.name), description=signal.description, kind=kind,
        minimum=signal.minimum, maximum=signal.maximum, unit=signal.unit if kind == "number" else None,
        choices=tuple(Choice(code, _capital(code)) for code in signal.choices),
    )  # fmt: skip


def _asked(question: Mapping[str, Any]) -> KnownSignal:
    code, title = question["code"], question["label"]["en"]
    if question["kind"] == "number":
        return KnownSignal(
            code, title, "A question of the program's own", "number", question["minimum"], question["maximum"]
        )
    choices = tuple(Choice(option["code"], option["label"]["en"]) for option in question["options"])
    return KnownSignal(code, title, "A question of the program's own", "choice", choices=choices)


def _scores(instrument: Instrument) -> Iterator[KnownSignal]:
    """The totals and parts that `signals.from_assessment` makes readings of."""
    prefix = instrument.code.replace("-", "")
    for name, (minimum, maximum) in _ranges(instrument).items():
        yield KnownSignal(
            f"{prefix}.{name}", f"{instrument.title}: {name}", f"From the {instrument.title}", "number",
            minimum, maximum, "points",
        )  # fmt: skip


def _ranges(instrument: Instrument) -> Mapping[str, tuple[float, float]]:
    match instrument.scoring:
        case Sum() as scoring:
            parts = {name: _bounds(instrument, items) for name, items in scoring.subscales.items()}
            return {"total": (scoring.minimum, scoring.maximum), **parts}
        case Composites() as scoring:
            tables = {
                name: (min(table.values.values()), max(table.values.values()))
                for name, table in scoring.tables.items()
            }
            return {**scoring.ranges, **tables}
        case Triage():
            return {}


def _bounds(instrument: Instrument, items: Sequence[str]) -> tuple[float, float]:
    """The least and the most that these items can count together."""
    points = [_points(instrument.by_link_id[item]) for item in items]
    return sum(map(min, points)), sum(map(max, points))


def _points(item: Item) -> list[int]:
    """What an item can count; one that the form itself skips counts 0."""
    values = [option.value for option in item.options] or [item.minimum, item.maximum]
    return [*values, 0] if item.asked else values


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
