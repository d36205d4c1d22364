"""How an instrument is scored, as data: a small closed set of kinds, so that a reviewer reads every rule."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of a scoring file: frozen, no unknown members."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Missing(Part):
    """What to do about unanswered items. `basis` says whether somebody published it or we chose it."""

    prorate_up_to: int = Field(ge=0)
    basis: Literal["published", "design"]
    note: str


class Recode(Part):
    """Points that an answer's value counts for, on the items named."""

    items: tuple[str, ...]
    to: dict[int, int]


class Table(Part):
    """Raw composite score to T-score."""

    of: str
    values: dict[int, float]


class Sum(Part):
    """The points of all items added up, times `factor`; subscales are plain sums."""

    kind: Literal["sum"]
    items: tuple[str, ...]
    minimum: int
    maximum: int
    higher_is: Literal["worse", "better"]
    factor: int = 1
    recode: tuple[Recode, ...] = ()
    subscales: dict[str, tuple[str, ...]] = {}
    missing: Missing


class Composites(Part):
    """Several sums side by side, some turned into T-scores, and no total."""

    kind: Literal["composites"]
    composites: dict[str, tuple[str, ...]]
    recode: tuple[Recode, ...] = ()
    ranges: dict[str, tuple[int, int]]
    tables: dict[str, Table] = {}
    missing: Missing

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that some composite counts."""
        return tuple(dict.fromkeys(item for items in self.composites.values() for item in items))


class Level(Part):
    """A triage level: any of these items answered yes."""

    severity: str
    any_of: tuple[str, ...]
    stands_when_incomplete: bool


class Triage(Part):
    """The first level that holds, worst first. There is no total."""

    kind: Literal["triage"]
    items: tuple[str, ...]
    levels: tuple[Level, ...]
    otherwise: str
    incomplete: str
    missing: Missing


Scoring = Annotated[Sum | Composites | Triage, Field(discriminator="kind")]


class AtLeast(Part):
    """The total or a subscale is at least `value`."""

    kind: Literal["at_least"]
    flag: str
    of: str
    value: float


class Below(Part):
    """The total or a subscale is below `value`."""

    kind: Literal["below"]
    flag: str
    of: str
    value: float


class AnyItem(Part):
    """One of the items is at least `value`."""

    kind: Literal["any_item"]
    flag: str
    items: tuple[str, ...]
    value: int


class Exceeds(Part):
    """One of the items is above the item `limit`: the answers contradict each other."""

    kind: Literal["exceeds"]
    flag: str
    limit: str
    items: tuple[str, ...]


class Group(Part):
    """Of these items at least so many are symptoms."""

    name: str
    items: tuple[str, ...]
    at_least: int


class Symptoms(Part):
    """Every group has enough symptoms; an item is one from `from_value` on, or from its own value."""

    kind: Literal["symptoms"]
    flag: str
    from_value: int
    from_value_of: dict[str, int] = {}
    groups: tuple[Group, ...]


Flag = Annotated[AtLeast | Below | AnyItem | Exceeds | Symptoms, Field(discriminator="kind")]


class Band(Part):
    """The severity of a total from `low` to `high`, both included."""

    low: int
    high: int
    severity: str


class Critical(Part):
    """An item whose answer somebody has to look at, from `at_least` up or from `at_most` down."""

    item: str
    at_least: int | None = None
    at_most: int | None = None
    note: str

    def holds(self, value: int) -> bool:
        """Whether this value is critical."""
        high = self.at_least is not None and value >= self.at_least
        low = self.at_most is not None and value <= self.at_most
        return high or low


class ChangeNumbers(Part):
    """Points of the total: beyond measurement error (`reliable`), and worth something (`meaningful`)."""

    reliable: int | None = None
    meaningful: int | None = None
    evidence: str


class Licence(Part):
    """Tier 1: the wording may ship. Tier 2: as a content pack. Tier 3: only by the holder's leave."""

    tier: Literal[1, 2, 3]
    holder: str
    terms: str


class Scheme(Part):
    """One scoring file. `aliases`: further LOINC answer codes that an item accepts, with their value."""

    code: str
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    recall_days: int | None = None
    scoring: Scoring
    bands: tuple[Band, ...] = ()
    critical: tuple[Critical, ...] = ()
    flags: tuple[Flag, ...] = ()
    change: ChangeNumbers | None = None
    aliases: dict[str, dict[str, int]] = {}
    loinc: dict[str, str]
    licence: Licence
    citation: str
