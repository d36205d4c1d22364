"""The rules that a program starts with; every number is a default for its clinical lead to sign off.

The numbers, sentences and evidence stand in `default_pack.json`. What is not among them, and why:

- `phq9.nonresponse` (little change after four weeks of treatment) and `use.three_bad_weeks` (each of the
  first three weeks): no condition knows how long somebody has been enrolled.
- `engage.falling` (under half of the assigned tasks done): assigned tasks are no signal, and a share is no
  condition.
- `cert.due` belongs to the enrollment's dates.
- Opioid use soon after discharge from a higher level of care: no signal tells of the discharge.

Only sessions missed without an excuse count as missed, and what was excused between two of them stands as one
that was not missed; what the program cancelled does not stand between them. `hours.shortfall` is reckoned by
the report on hours, minute by minute, so `hours.low` asks for no more than that there is one.

A check-in missed for two days reminds the patient; as an alert to staff it is there, switched off. The PHQ-9
and the GAD-7 are overdue after ten days, as the source article asks for both every week: the clinical lead of
a program that asks for them less often lengthens these two or switches them off.
"""

from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from app.rules.rule import Rule, RuleSet

_RULES = TypeAdapter(tuple[Rule, ...]).validate_json(
    files("app.rules").joinpath("default_pack.json").read_bytes()
)

DEFAULT_PACK: Final = RuleSet(version=1, rules=_RULES)
