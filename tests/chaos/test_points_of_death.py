"""A process that dies at any point between COMMIT and reply, between sending and marking, between the spool
and the database: what is there in the end, and what was told outside, is that of a run in which nobody died.
Something may be sent twice; nothing is intended twice, and nothing that was acknowledged is missing.

Each kind of death is also died by a program with the very mistake that it brings to light."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import embedded, migration
from tests.chaos.mortals import Mortals, there, told
from tests.chaos.receiver import receiving

NOBODY = "nobody"
ANSWERING = (
    "before COMMIT", "between COMMIT and reply", "before COMMIT of an answered hand-off",
    "between COMMIT and reply of an answered hand-off",
)  # fmt: skip
SENDING = (
    "page claimed, claim not committed", "page claimed, not sent", "page sent, not marked",
    "page marked, mark not committed", "page delivered, job not done with", "hand-off written, not sent",
    "hand-off sent, not marked", "feed not followed yet", "feed followed, not committed",
    "webhook claimed, not sent", "webhook sent, not marked", "webhook marked, mark not committed",
    "webhook delivered, lease not given back",
)  # fmt: skip
SPOOLING = (
    "spooled, nobody paged", "fallback paged, not marked", "fallback marked, no reply",
    "drain claimed, nothing done", "drained before COMMIT", "drained, not removed", "drained and removed",
)  # fmt: skip


@dataclass(frozen=True)
class Fate:
    """What one run left behind."""

    died: bool
    there: dict[str, list[Any]]
    told: dict[str, set[Any]]


@dataclass
class Place:
    """A PostgreSQL, and the stories that were told on it."""

    folder: Path
    server: embedded.Server
    fates: dict[bool, Fate]

    async def lives(
        self, *, api: str = NOBODY, worker: str = NOBODY, mistake: str = "none", away: bool = False
    ) -> Fate:
        """The whole story, with the database away while the two ask for help, or not."""
        embedded.revive(self.server)
        name = f"story_{uuid7().hex}"
        with psycopg.connect(embedded.url(self.server, "postgres"), autocommit=True) as superuser:
            superuser.execute(f"create database {name} template handrail")
        folder = self.folder / name
        folder.mkdir()
        programs = {"api": (api, mistake), "worker": (worker, mistake)}
        async with receiving() as receiver:
            url = embedded.url(self.server, name)
            mortals = Mortals(folder, self.server, url, receiver, programs)
            await mortals.prepare()
            await story(mortals, away=away)
            return Fate(mortals.died.exists(), there(mortals), told(mortals))

    async def undisturbed(self, *, away: bool) -> Fate:
        """The run in which nobody dies."""
        if away not in self.fates:
            self.fates[away] = await self.lives(away=away)
        return self.fates[away]


async def story(mortals: Mortals, *, away: bool) -> None:
    async with mortals.supervised():
        mortals.start("api")
        await mortals.is_up()
        if away:
            embedded.stop(mortals.server)
        for name in ("ana", "ben"):
            await mortals.cries(name, uuid7())
        if away:
            await mortals.has_paged("ana", "ben")
            embedded.revive(mortals.server)
            await mortals.drained()
        mortals.start("worker")
        await mortals.all_is_sent()
        await mortals.answered()
        await mortals.all_is_sent()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="handrail-chaos-"))
    server = embedded.start(folder)
    try:
        migration.ensure_database(embedded.url(server, "postgres"), "handrail")
        migration.upgrade(embedded.url(server))
        yield Place(folder, server, {})
    finally:
        embedded.revive(server)
        embedded.stop(server)
        rmtree(folder, ignore_errors=True)


async def differences(place: Place, fate: Fate, *, away: bool) -> list[str]:
    """In what a run differs from the one in which nobody died."""
    reference = await place.undisturbed(away=away)
    assert not reference.died
    both = ((fate.there, reference.there), (fate.told, reference.told))
    return [name for here, other in both for name in other if here[name] != other[name]]


async def same(place: Place, point: str, fate: Fate, *, away: bool = False) -> None:
    assert fate.died, f"nobody died {point}"
    reference = await place.undisturbed(away=away)
    assert fate.there == reference.there, point
    assert fate.told == reference.told, point


@pytest.mark.timeout(240)
async def test_nobody_dies(place: Place) -> None:
    """The reference itself is what it must be."""
    for away in (False, True):
        fate = await place.undisturbed(away=away)
        assert not fate.died
        assert fate.there["flags"] == [
            ("ana", "patient", None, "open", False),
            ("ben", "patient", None, "acknowledged", False),
        ]
        assert fate.there["pages"] == [
            ("ana", 1, 0, "primary", "pager", "sent"),
            ("ben", 1, 0, "crisis_service", "crisis_service", "sent"),
        ]  # fmt: skip
        assert fate.there["hand-offs"] == [("ben", "acknowledged")]
        assert fate.told["pages"] == {("ana", "si.crisis_flag")}
        assert fate.told["hand-offs"] == {"ben"}
        assert fate.told["fallback"] == ({"ana", "ben"} if away else set())
        opened = {("alert.opened", name, 1) for name in ("ana", "ben")}
        assert fate.told["events"] == opened | {("alert.acknowledged", "ben", 2)}
        assert len(fate.there["events"]) == len(fate.there["deliveries"]) == 3


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", ANSWERING)
async def test_who_dies_answering(place: Place, point: str) -> None:
    await same(place, point, await place.lives(api=point))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", SENDING)
async def test_who_dies_sending(place: Place, point: str) -> None:
    await same(place, point, await place.lives(worker=point))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", SPOOLING)
async def test_who_dies_keeping(place: Place, point: str) -> None:
    await same(place, point, await place.lives(api=point, away=True), away=True)


MISTAKES = (
    # what is wrong, who makes it, where it dies, with the database away, what is not as it must be
    ("answer first", "api", "before COMMIT", False, "flags"),
    ("take no id", "api", "between COMMIT and reply", False, "flags"),
    ("mark first", "worker", "page claimed, not sent", False, "pages"),
    ("mark first", "worker", "hand-off written, not sent", False, "hand-offs"),
    ("mark first", "worker", "webhook claimed, not sent", False, "events"),
    ("mark fallback first", "api", "fallback marked, no reply", True, "fallback"),
    ("remove first", "api", "drained and removed", True, "flags"),
    ("drain anew", "api", "drained, not removed", True, "flags"),
)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("mistake", "who", "point", "away", "seen_in"), MISTAKES)
async def test_the_mistake_that_it_brings_to_light(
    place: Place, mistake: str, who: str, point: str, *, away: bool, seen_in: str
) -> None:
    points = {"api": point} if who == "api" else {"worker": point}
    fate = await place.lives(**points, mistake=mistake, away=away)
    assert fate.died
    assert seen_in in await differences(place, fate, away=away)
