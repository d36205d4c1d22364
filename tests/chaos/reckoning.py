"""What must be in the database after everything was acknowledged: counted here anew from what the phones
sent, by a few lines that share nothing with the service's own rules."""

from collections import Counter
from typing import Any
from uuid import UUID

import psycopg

from tests.chaos.writers import Ledger, Write


def rules_of(write: Write) -> set[str]:
    """The rules that this answer must set off, whatever stood before it: the answers were chosen so."""
    if write.kind == "crisis_flag":
        return {"si.crisis_flag"}
    answers = write.body["answers"]
    if write.kind == "assessment":
        return {"si.phq9_item9"} if answers["phq9-9"] >= 1 else set()
    found = set()
    if answers.get("craving", 0) >= 8:
        found.add("craving.high")
    if answers.get("feels_safe") is False:
        found.add("si.not_safe")
    if answers.get("used"):
        found.add("use.reported")
    return found


def lost(superuser: psycopg.Connection, ledger: Ledger) -> set[str]:
    """The ids that the service said it has, and has not."""
    kept = {
        row[0]
        for table in ("check_in", "assessment", "crisis_flag")
        for row in superuser.execute(f"select id::text from {table}").fetchall()
    }
    return set(ledger.acknowledged) - kept


def wrong(superuser: psycopg.Connection, ledger: Ledger) -> list[str]:
    """Everything that is not as it must be; empty is well."""
    return [
        *_rows_wrong(superuser, ledger),
        *_alerts_wrong(superuser, ledger),
        *_feed_wrong(superuser),
        *_audit_wrong(superuser, ledger),
    ]


def _rows_wrong(superuser: psycopg.Connection, ledger: Ledger) -> list[str]:
    found = _flags_wrong(superuser, ledger)
    for table in ("check_in", "assessment"):
        rows = superuser.execute(f"select id::text, revision, patient_id, answers from {table}").fetchall()
        expected = {key: write for key, write in ledger.sent.items() if write.kind == table}
        kept = Counter(key for key, *_ in rows)
        found += [f"{table} {key} is there {number} times" for key, number in kept.items() if number > 1]
        found += [f"{table} {key} was never sent" for key in kept.keys() - expected.keys()]
        found += [f"{table} {key} is lost" for key in expected.keys() - kept.keys()]
        for key, revision, patient_id, answers in rows:
            write = expected.get(key)
            if write and (revision, patient_id, answers) != (0, write.patient_id, write.body["answers"]):
                found.append(f"{table} {key} is not what was sent")
    return found


def _flags_wrong(superuser: psycopg.Connection, ledger: Ledger) -> list[str]:
    rows = superuser.execute("select id::text, patient_id from crisis_flag where raised_by_kind <> 'rule'")
    kept = dict(rows.fetchall())
    expected = {key: write for key, write in ledger.sent.items() if write.kind == "crisis_flag"}
    found = [f"crisis_flag {key} is lost" for key in expected.keys() - kept.keys()]
    return found + [
        f"crisis_flag {key} is not what was sent"
        for key, patient_id in kept.items()
        if key not in expected or expected[key].patient_id != patient_id
    ]


def _alerts_wrong(superuser: psycopg.Connection, ledger: Ledger) -> list[str]:
    expected = {(key, rule) for key, write in ledger.sent.items() for rule in rules_of(write)}
    rows = superuser.execute("select source_id::text, rule from alert_occurrence").fetchall()
    found = [
        f"{rule} over {key}: {number} times" for (key, rule), number in Counter(rows).items() if number > 1
    ]
    found += [f"{rule} over {key} is missing" for key, rule in expected - set(rows)]
    found += [f"{rule} over {key} has no cause" for key, rule in set(rows) - expected]
    per_alert = Counter((ledger.sent[key].patient_id, rule) for key, rule in expected)
    alerts: dict[tuple[UUID, str], Any] = {}
    for patient_id, rule, occurrences, entries in superuser.execute(
        "select a.patient_id, a.rule, a.occurrences, array_agg(e.kind order by e.kind) from alert a"
        " left join alert_entry e on e.organization_id = a.organization_id and e.alert_id = a.id"
        " and e.step is null"  # the ladder's own lines are test_ladders' affair
        " group by a.organization_id, a.id, a.patient_id, a.rule, a.occurrences"
    ).fetchall():
        if (patient_id, rule) in alerts:
            found.append(f"two alerts of {rule} for {patient_id}")
        alerts[patient_id, rule] = occurrences
        if entries != ["opened"] + ["repeated"] * (occurrences - 1):
            found.append(f"{rule} for {patient_id}: {occurrences} occurrences, entries {Counter(entries)}")
    if alerts != dict(per_alert):
        found.append(f"alerts {len(alerts)}, expected {len(per_alert)}, or other occurrences")
    return found


def _feed_wrong(superuser: psycopg.Connection) -> list[str]:
    found = []
    for organization_id, head in superuser.execute(
        "select organization_id, position from feed_head"
    ).fetchall():
        events = superuser.execute(
            "select position, type, alert_id from event where organization_id = %s order by 1",
            [organization_id],
        ).fetchall()
        entries = superuser.execute(
            "select 'alert.' || kind, alert_id from alert_entry where organization_id = %s and step is null",
            [organization_id],
        ).fetchall()
        if [position for position, *_ in events] != list(range(1, head + 1)):
            found.append(f"the feed has {len(events)} events and its head says {head}")
        if Counter((kind, key) for _, kind, key in events) != Counter(entries):
            found.append("the feed does not tell what the alerts' logs say")
    return found


def _audit_wrong(superuser: psycopg.Connection, ledger: Ledger) -> list[str]:
    rows = superuser.execute(
        "select resource_id::text, patient_id from audit_entry where outcome = 'done'"
        " and action in ('check_in:submit', 'assessment:submit', 'crisis_flag:raise')"
    ).fetchall()
    expected = {(key, write.patient_id) for key, write in ledger.sent.items()}
    return [f"{key} was not audited" for key, _ in expected - set(rows)]
