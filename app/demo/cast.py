"""Who is in the demonstration: two organizations, three programs, eight staff members, sixty patients.

Everybody is invented. Telephone numbers are of the range that is kept free for stories (555-01xx).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final
from uuid import UUID

_EVENING: Final = """
Ana Reyes f|Ben Carter m|Carmen Ortiz f es|Darius Cole m|Elena Fischer f|Felix Grant m|Gloria Adams f|
Hassan Amin m|Imani Brooks f|Jonas Weber m|Karla Mendez f es|Liam Doyle m|Mei Tan f|Nadia Rahman f|
Oscar Lindt m|Priya Nair f|Quentin Hale m|Rosa Delgado f es|Simon Archer m|Tara Quinn f|Umar Sadiq m|
Vera Novak f|Walter Boyd m|Yasmin Saleh f
"""
_ADOLESCENTS: Final = """
Aiden Park m|Bella Rossi f|Caleb Stone m|Daniela Cruz f es|Ethan Moore m|Freya Holm f|
Gabriel Santos m es|Hana Sato f|Isaac Levy m|Jade Morris f|Kofi Mensah m|Lucia Herrera f es|
Milo Evans m|Nina Kaplan f|Owen Price m|Paige Turner f|Rafael Soto m es|Skye Palmer f
"""
_DAY: Final = """
Ivan Markov m|Alma Bishop f|Bruno Keller m|Celia Frost f|Derek Shaw m|Edith Lowe f|Frank Osei m|
Greta Lund f|Hugo Marsh m|Irene Vaughn f|Jamal Reed m|Keiko Mori f|Leon Barr m|Marta Silva f es|
Noah Finch m|Olive Grange f|Pedro Campos m es|Ruth Eaton f
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A program; hours are a week's."""

    key: str
    name: str
    population: str
    hours: tuple[int, int]
    time_zone: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A staff member, by the name that they sign in with, and the programs they work in."""

    key: str
    name: str
    role: str
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient, by the name that they sign in with; `counselor` is their primary one."""

    key: str
    given_name: str
    family_name: str
    sex: str
    locale: str
    age: int
    phone: str
    program: str
    counselor: str


@dataclass(frozen=True, slots=True)
class Supporter:
    """Somebody whom a patient has let in, by the name that they sign in with."""

    key: str
    name: str
    relation: str
    patient: str


@dataclass(frozen=True, slots=True)
class Organization:
    """A tenant with everybody in it, and the scope of its integration."""

    key: str
    name: str
    time_zone: str
    programs: tuple[Program, ...]
    staff: tuple[Staff, ...]
    patients: tuple[Patient, ...]

    @property
    def id(self) -> UUID:
        """Its id, the same in every demonstration."""
        return id_of("organization", self.key)


@cache
def id_of(*words: str) -> UUID:
    """The id of a thing of the demonstration, in the shape of a UUIDv7 of the year 2026."""
    return id_at(datetime.fromisoformat("2026-01-01T00:00:00+00:00"), *words)


def id_at(moment: datetime, *words: str) -> UUID:
    """The id of something that was made at `moment`: a UUIDv7 whose random part is a hash of its name."""
    digest = bytearray(sha256("/".join(words).encode()).digest()[:10])
    digest[0], digest[2] = 0x70 | digest[0] & 0x0F, 0x80 | digest[2] & 0x3F
    return UUID(bytes=int(moment.timestamp() * 1000).to_bytes(6, "big") + bytes(digest))


def _patients(
    text: str, program: str, counselors: tuple[str, ...], ages: tuple[int, int], first: int
) -> tuple[Patient, ...]:
    youngest, years = ages[0], ages[1] - ages[0] + 1
    people = []
    for number, entry in enumerate(text.replace("\n", "").split("|")):
        given, family, sex, *locale = entry.split()
        people.append(
            Patient(
                given.lower(),
                given,
                family,
                "female" if sex == "f" else "male",
                locale[0] if locale else "en",
                youngest + number * 7 % years,
                f"+12025550{first + number}",
                program,
                counselors[number % len(counselors)],
            )
        )
    return tuple(people)


RIVERSIDE: Final = Organization(
    "riverside",
    "Riverside Recovery Center",
    "America/New_York",
    (
        Program("evening", "Evening IOP", "adults", (9, 19), "America/New_York"),
        Program("adolescents", "Adolescent IOP", "adolescents", (6, 19), "America/New_York"),
    ),
    (
        Staff("clara", "Clara Jensen", "counselor", ("evening",)),
        Staff("marcus", "Marcus Webb", "counselor", ("evening",)),
        Staff("noor", "Noor Haddad", "counselor", ("adolescents",)),
        Staff("sam", "Sam Okafor", "supervisor", ("evening", "adolescents")),
        Staff("adele", "Adele Laurent", "administrator"),
        Staff("olga", "Olga Petrova", "auditor"),
    ),
    _patients(_EVENING, "evening", ("clara", "marcus"), (21, 58), 100)
    + _patients(_ADOLESCENTS, "adolescents", ("noor",), (14, 17), 124),
)

LAKESIDE: Final = Organization(
    "lakeside",
    "Lakeside Behavioral Health",
    "America/Los_Angeles",
    (Program("day", "Day IOP", "adults", (9, 19), "America/Los_Angeles"),),
    (
        Staff("dmitri", "Dmitri Volkov", "counselor", ("day",)),
        Staff("grace", "Grace Lin", "supervisor", ("day",)),
    ),
    _patients(_DAY, "day", ("dmitri",), (23, 66), 142),
)

ORGANIZATIONS: Final = (RIVERSIDE, LAKESIDE)
SUPPORTERS: Final = (Supporter("maria", "Maria Reyes", "Mother", "ana"),)
INTEGRATION_SCOPE: Final = ("alert:read", "caseload:read", "patient:read")
