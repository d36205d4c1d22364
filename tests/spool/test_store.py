"""The file: what put has returned for is there, whatever becomes of the process, the file or the power."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from uuid_utils import uuid7

from app.spool import Entry, NewEntry, SpoolFull, SpoolUnwritable, Store, tally_of
from app.spool.store import FILE

ORGANIZATION = str(uuid7())
ANA, BEN = str(uuid7()), str(uuid7())
NOON = 1_800_000_000.0


def entry(patient: str = ANA, *, said: bytes = b"sealed", urgent: bool = False) -> NewEntry:
    entry_id = str(uuid7())
    return NewEntry(entry_id, entry_id.encode(), ORGANIZATION, patient, "check_in", NOON, urgent, said)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "spool", 1)
    yield store
    store.close()


def claim(store: Store, now: float = NOON) -> list[str]:
    return [each.id for each in store.claim(now, now + 10, 50)]


def test_what_is_put_is_there_for_another_process(store: Store, tmp_path: Path) -> None:
    new = entry()
    store.put([new], NOON)
    program = "import sys; from pathlib import Path; from app.spool import Store; "
    program += "print([each.id for each in Store(Path(sys.argv[1]), 1).entries()])"
    said = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "spool"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str([new.id])


def test_the_same_thing_twice_is_kept_once(store: Store) -> None:
    first = entry()
    again = entry()._replace(digest=first.digest)
    assert [each.id for each in store.put([first], NOON)] == [first.id]
    assert [each.id for each in store.put([again], NOON)] == [first.id]
    assert len(store.entries()) == 1


def test_of_a_patient_one_thing_at_a_time_and_in_order(store: Store) -> None:
    first, second, other = entry(), entry(), entry(BEN)
    store.put([first, second, other], NOON)
    assert claim(store) == [first.id, other.id]
    assert claim(store) == [], "they are being worked on"
    store.remove([first.id])
    assert claim(store) == [second.id]


def test_what_is_urgent_goes_before_other_patients(store: Store) -> None:
    quiet, urgent = entry(ANA), entry(BEN, urgent=True)
    store.put([quiet, urgent], NOON)
    assert claim(store) == [urgent.id, quiet.id]


def test_whoever_died_over_it_is_followed_by_another(store: Store) -> None:
    new = entry()
    store.put([new], NOON)
    assert claim(store) == [new.id]
    assert claim(store, NOON + 9) == []
    assert claim(store, NOON + 11) == [new.id]


def test_what_is_parked_stands_in_nobodys_way_until_it_is_tried_again(store: Store) -> None:
    bad, next_one = entry(), entry()
    store.put([bad, next_one], NOON)
    store.park(bad.id, "not_found")
    assert claim(store) == [next_one.id]
    assert store.tally()[:2] == (1, 1)
    assert (store.unpark("another"), store.unpark(bad.id), store.unpark(None)) == (0, 1, 0)
    assert claim(store) == [bad.id]


def test_what_failed_waits_and_counts(store: Store) -> None:
    new = entry()
    store.put([new], NOON)
    store.put_off(new.id, NOON, failed=False)
    store.put_off(new.id, NOON + 60, failed=True)
    assert claim(store, NOON + 59) == []
    (found,) = store.claim(NOON + 61, NOON + 62, 1)
    assert found.attempts == 1


def test_somebody_is_paged_for_what_is_urgent_until_one_was_reached(store: Store) -> None:
    urgent, quiet = entry(urgent=True), entry()
    (placed, _) = store.put([urgent, quiet], NOON + 3)
    assert not placed.is_paged

    def due(now: float) -> list[Entry]:
        return store.claim_pages(now, now + 5, 10)

    assert due(NOON + 2) == [], "whoever kept it is paging"
    assert [each.id for each in due(NOON + 3)] == [urgent.id]
    assert due(NOON + 4) == []
    assert [each.id for each in due(NOON + 8)] == [urgent.id]
    store.paged(urgent.id, NOON + 9)
    assert due(NOON + 100) == []
    assert store.put([urgent], NOON)[0].is_paged


def test_all_of_a_batch_or_nothing(store: Store) -> None:
    store.put([entry()], NOON)
    broken = entry()._replace(patient_id=None)  # type: ignore[arg-type]  # what no column takes
    with pytest.raises(SpoolUnwritable):
        store.put([entry(BEN), broken], NOON)
    assert [each.patient_id for each in store.entries()] == [ANA]


def test_the_quota_holds_and_what_is_kept_can_still_be_worked_on(store: Store, tmp_path: Path) -> None:
    kept = [entry(urgent=True, said=os.urandom(20_000)) for _ in range(45)]
    for each in kept:
        store.put([each], NOON)
    refused = entry(said=os.urandom(100_000))
    with pytest.raises(SpoolFull):
        store.put([refused], NOON)
    assert [each.id for each in store.entries()] == [each.id for each in kept]
    assert store.tally().size <= 1_000_000
    for each in kept:
        store.paged(each.id, NOON)
        store.put_off(each.id, NOON, failed=True)
    store.remove([each.id for each in kept[:5]])
    store.put([refused], NOON)
    sizes = sum(path.stat().st_size for path in (tmp_path / "spool").iterdir())
    assert sizes < 8_000_000, "the quota, and what SQLite writes ahead"


def test_a_disk_that_takes_nothing_is_said_to(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    store = Store(tmp_path / "spool", 1)
    with pytest.raises(SpoolUnwritable):
        store.put([entry()], NOON)
    (tmp_path / "spool").unlink()
    assert store.put([entry()], NOON), "it is tried anew each time"
    store.close()


def test_a_file_that_somebody_removed_is_made_anew(store: Store, tmp_path: Path) -> None:
    """Else everything would go into a file that has no name any more."""
    store.put([entry()], NOON)
    shutil.rmtree(tmp_path / "spool")
    new = entry()
    store.put([new], NOON)
    other = Store(tmp_path / "spool", 1)
    assert [each.id for each in other.entries()] == [new.id]
    other.close()


def test_nobody_else_may_read_it(store: Store, tmp_path: Path) -> None:
    store.put([entry()], NOON)
    for path in [tmp_path / "spool", *(tmp_path / "spool").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_a_commit_waits_for_the_disk(store: Store) -> None:
    store.put([entry()], NOON)
    assert store._database is not None
    pragmas = [
        store._database.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    assert pragmas == ["wal", 2], "FULL: fsync at each commit"


@pytest.mark.parametrize("missing", [1, 100, 2_000, 4_000])
def test_a_torn_tail_is_dropped_and_what_was_acknowledged_before_it_is_there(
    store: Store, tmp_path: Path, missing: int
) -> None:
    """The power went in the middle of writing the last entry: only some of its bytes are on the disk."""
    first, last = entry(said=os.urandom(3_000)), entry(BEN, said=os.urandom(3_000))
    store.put([first], NOON)
    copy = tmp_path / "copy"
    store.put([last], NOON)
    shutil.copytree(tmp_path / "spool", copy)
    (copy / f"{FILE}-shm").unlink()  # memory
    log = copy / f"{FILE}-wal"
    os.truncate(log, log.stat().st_size - missing)
    survived = Store(copy, 1)
    assert [each.id for each in survived.entries()] == [first.id]
    new = entry(BEN)
    survived.put([new], NOON)
    assert [each.id for each in survived.entries()] == [first.id, new.id]
    survived.close()


def test_two_processes_lose_nothing_between_them(tmp_path: Path) -> None:
    """Both write, claim and remove, and let SQLite tidy up, all at once."""
    program = """
import sys
from pathlib import Path
from tests.spool.test_store import NOON, entry
from app.spool import Store
store = Store(Path(sys.argv[1]), 10)
for number in range(60):
    kept = entry(str(number % 7), said=b"x" * 2000)
    store.put([kept], NOON)
    print(kept.id, flush=True)
    if number % 3 == 0:
        for each in store.claim(NOON, NOON + 1, 1):
            store.remove([each.id])
            print("-" + each.id, flush=True)
store.close()
"""
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", program, tmp_path], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    lines = [line for each in running for line in each.communicate(timeout=60)[0].split()]
    assert [each.returncode for each in running] == [0, 0]
    put = {line for line in lines if not line.startswith("-")}
    removed = [line[1:] for line in lines if line.startswith("-")]
    assert len(put) == 120
    assert len(removed) == len(set(removed)) > 0, "no two may have the same"
    store = Store(tmp_path, 10)
    assert {each.id for each in store.entries()} == put - set(removed)
    store.close()
    whole = sqlite3.connect(tmp_path / FILE)
    assert whole.execute("pragma integrity_check").fetchall() == [("ok",)]
    whole.close()


def test_nothing_is_made_by_asking_how_much_there_is(tmp_path: Path) -> None:
    assert tally_of(tmp_path / "spool") is None
    assert not (tmp_path / "spool").exists()
