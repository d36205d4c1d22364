"""What a page says, to whoever looks over a shoulder: fixed words and a link."""

import inspect
import re
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import pytest

from app.demo.cast import ORGANIZATIONS
from app.instruments.catalogue import CATALOGUE
from app.pager import Kind, Notice, alert_link, fallback_notice, list_link, notice, operator_notice
from app.rules.default_pack import DEFAULT_PACK
from app.rules.floor import FLOOR
from app.rules.signals import SIGNALS
from app.sentences import LOCALES, placeholders
from app.watching.faults import Fault
from tests.sentences.test_catalogue import texts

LINK = alert_link("https://handrail.clinic.example", UUID("0192f0c1-2345-7678-9abc-def012345678"))
SOMEBODY = "0192f0c1-2345-7678-9abc-def012345679"
UNLINKED = {Kind.FALLBACK, Kind.FALLBACK_UNKEPT}
ALL = [
    (locale, told)
    for locale in LOCALES
    for told in (
        *(notice(kind, locale, LINK) for kind in Kind if kind not in UNLINKED | {Kind.OPERATOR}),
        *(fallback_notice(SOMEBODY, reference, locale, LINK) for reference in (SOMEBODY, None)),
        *(operator_notice([(fault, 1)], locale, LINK) for fault in Fault),
    )
]
# Words of ours that stand in a page and in the name of a rule or a signal as well.
HARMLESS = {"at", "for", "is", "it", "now", "test", "to"}


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]{2,}", text.lower()))


def names() -> set[str]:
    """Every word in the name of a rule, a signal, an instrument, a patient or a program."""
    rules = [text for rule in (*DEFAULT_PACK.rules, *FLOOR) for text in (rule.code, rule.title)]
    people = [
        name
        for organization in ORGANIZATIONS
        for patient in organization.patients
        for name in (patient.given_name, patient.family_name)
    ]
    programs = [program.name for organization in ORGANIZATIONS for program in organization.programs]
    instruments = [text for each in CATALOGUE.current() for text in (each.code, each.title)]
    return words(" ".join([*rules, *SIGNALS, *people, *programs, *instruments])) - HARMLESS


def test_every_notice_is_there_in_every_language() -> None:
    assert len(ALL) == len(LOCALES) * (len(Kind) - 1 + len(Fault))
    assert all(told.title and told.link == LINK for _, told in ALL)
    assert all(told.body.endswith(SOMEBODY if told.kind in UNLINKED else LINK) for _, told in ALL)
    assert len({told.body for _, told in ALL}) == len(ALL)


@pytest.mark.parametrize(("locale", "told"), ALL)
def test_it_names_no_patient_rule_signal_instrument_or_program(locale: str, told: Notice) -> None:
    said = words(told.title) | words(told.body.replace(LINK, "").replace(SOMEBODY, ""))
    assert len(names()) > 200
    allowed = words(" ".join(Fault)) if told.kind is Kind.OPERATOR else set()
    assert said & names() - allowed == set()


def test_there_is_no_place_in_a_sentence_for_anything_but_a_link_a_fault_and_ids() -> None:
    for locale in LOCALES:
        pages = {key: text for key, text in texts(locale).items() if key.startswith("page.")}
        assert len(pages) == 2 * len(Kind)
        kept = {f"page.{kind}.body": pages.pop(f"page.{kind}.body") for kind in UNLINKED}
        assert [placeholders(text) - {"patient"} for text in kept.values()].count({"reference"}) == 1
        assert all(placeholders(text) <= {"link", "fault"} for text in pages.values())
        assert all(not placeholders(text) for key, text in pages.items() if key.endswith(".title"))
        assert [key for key, text in pages.items() if "{fault}" in text] == ["page.operator.body"]


def test_nobody_can_hand_it_a_text() -> None:
    assert list(inspect.signature(fallback_notice).parameters) == [
        "patient_id",
        "reference",
        "locale",
        "link",
    ]
    assert list(inspect.signature(notice).parameters) == ["kind", "locale", "link"]
    assert inspect.signature(operator_notice).parameters["faults"].annotation == Iterable[tuple[StrEnum, int]]
    assert all(re.fullmatch(r"[a-z_]+", fault) for fault in Fault)


def test_the_two_links_open_the_board() -> None:
    assert LINK.startswith("https://handrail.clinic.example/board/#/alerts/0192f0c1-")
    assert list_link("https://handrail.clinic.example") == "https://handrail.clinic.example/board/"


@pytest.mark.parametrize(("locale", "told"), [row for row in ALL if row[0] == "en"])
def test_english_fits_one_short_message(locale: str, told: Notice) -> None:
    """160 characters of the 7-bit alphabet (3GPP TS 23.038), with a link of 83."""
    assert len(LINK) == 83
    assert told.body.isascii()
    assert len(told.body) <= 160 or told.kind is Kind.OPERATOR
