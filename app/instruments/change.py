"""How far a total moved, and whether that is more than the instrument's measurement error."""

from dataclasses import dataclass

from app.instruments.questionnaire import Instrument


@dataclass(frozen=True, slots=True)
class Change:
    """Points of the total, positive when it rose. None: nothing to compare with.

    `reliable` is about the change from the baseline or, without one, from the previous; None without a
    published number for the instrument, which its `change.evidence` cites.
    """

    from_previous: float | None
    from_baseline: float | None
    reliable: bool | None


def change(
    instrument: Instrument,
    current_total: float | None,
    previous_total: float | None,
    baseline_total: float | None,
) -> Change:
    """Compare a total with the previous one and with the baseline."""
    from_previous = _difference(current_total, previous_total)
    from_baseline = _difference(current_total, baseline_total)
    moved = from_previous if from_baseline is None else from_baseline
    return Change(from_previous, from_baseline, _is_reliable(instrument, moved))


def _difference(total: float | None, earlier: float | None) -> float | None:
    return None if total is None or earlier is None else total - earlier


def _is_reliable(instrument: Instrument, moved: float | None) -> bool | None:
    number = instrument.change.reliable if instrument.change else None
    return None if number is None or moved is None else abs(moved) >= number
