"""What must hold after every fault, asked by plain SQL; each answer names what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from accountability.gate.changes import entry_hmac
from accountability.models import LedgerEntry
from tests.faults.client import Sent
from tests.faults.gateway import Gateway
from tests.faults.servers import wait_until
from tests.faults.stage import at_one_instant, number, rows

OVERDUE = """SELECT count(*) FROM accountability_deadline
    WHERE kind = 'handoff' AND due_at < now() - interval '6 seconds' AND met_at IS NULL
    AND missed_at IS NULL AND voided_at IS NULL AND suspended_at IS NULL AND NOT is_window"""

MISSED = """SELECT matter_id, kind, part, cycle FROM accountability_deadline WHERE missed_at IS NOT NULL"""

RECORDED = """SELECT matter_id, facts->>'kind', coalesce((facts->>'part')::int, 0), coalesce((facts->>'cycle')::int, 1)
    FROM accountability_ledgerentry WHERE verb = 'miss'"""

TAKEN_BACK = """SELECT matter_id, back->>'kind', coalesce((back->>'part')::int, 0), coalesce((back->>'cycle')::int, 1)
    FROM accountability_ledgerentry, jsonb_array_elements(facts->'taken_back') back WHERE facts ? 'taken_back'"""

WRONG = {
    "not dated at the due instant": "SELECT count(*) FROM accountability_deadline WHERE missed_at <> due_at",
    "found missed before they were due": """SELECT count(*) FROM accountability_deadline
        WHERE missed_at IS NOT NULL AND (noticed_at < due_at OR due_at > clock_timestamp())""",
    "entries not dated at the due instant": """SELECT count(*) FROM accountability_ledgerentry
        WHERE verb = 'miss' AND at <> (facts->>'due')::timestamptz""",
    "notices of a miss twice": """SELECT count(*) FROM (SELECT n.matter_id, n.recipient_id, n.facts
        FROM accountability_notification n JOIN accountability_employee e ON e.id = n.recipient_id
        WHERE n.kind = 'missed' AND e.username NOT LIKE 't.%%'
        GROUP BY 1, 2, 3 HAVING count(*) > (SELECT count(*) FROM accountability_ledgerentry l
            WHERE l.matter_id = n.matter_id AND l.verb = 'miss' AND l.facts->>'kind' = n.facts->>'kind')) twice""",
    "misses without a notice": """SELECT count(*) FROM accountability_deadline d WHERE missed_at IS NOT NULL
        AND kind = 'handoff' AND NOT EXISTS (SELECT 1 FROM accountability_notification n
            WHERE n.matter_id = d.matter_id AND n.kind = 'missed' AND n.facts->>'kind' = d.kind)""",
    "keys with two effects": """SELECT count(*) FROM (SELECT actor_id, key FROM accountability_ledgerentry
        WHERE key IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1) twice""",
    "messages given up": "SELECT count(*) FROM accountability_delivery WHERE state = 'failed'",
}


def settled(seconds: float) -> float | None:
    """Wait until nothing is overdue any more; the seconds, or None."""
    return wait_until(lambda: number(OVERDUE) == 0, seconds, every=0.25)


def broken(sent: Iterable[Sent] = ()) -> list[str]:
    """Everything that doesn't hold at this instant. A sweep that goes on writes more of one kind than of another."""
    forms = list(sent)
    return at_one_instant(lambda: [*_wrong(), *_entries(), *_chains(), *lost(forms)])


def _wrong() -> Iterator[str]:
    for what, statement in WRONG.items():
        if count := number(statement):
            yield f"{count} {what}"


def _entries() -> Iterator[str]:
    """One entry for each miss that stands, and none besides."""
    missed, recorded, back = (Counter(rows(statement)) for statement in (MISSED, RECORDED, TAKEN_BACK))
    recorded.subtract(back)
    if lacking := sum((missed - recorded).values()):
        yield f"{lacking} misses without an entry"
    if beyond := sum((recorded - missed).values()):
        yield f"{beyond} entries without a miss"


def _chains() -> Iterator[str]:
    """Each chain from its first entry to the head that its matter knows."""
    heads = {
        pk: (length, bytes(head).hex())
        for pk, length, head in rows("SELECT id, ledger_length, ledger_head FROM accountability_matter")
    }
    ends: dict[int, tuple[int, str]] = {}
    for entry in LedgerEntry.objects.order_by("matter_id", "seq").iterator(5000):
        place, previous = ends.get(entry.matter_id, (0, ""))
        if entry.seq != place + 1 or entry.hmac != entry_hmac(entry, previous):
            yield f"the chain of matter {entry.matter_id} breaks at entry {place + 1}"
        ends[entry.matter_id] = entry.seq, entry.hmac
    cut = [pk for pk, known in heads.items() if ends.get(pk, (0, "")) != known]
    if cut:
        places = f"{ends.get(cut[0], (0, ''))[0]} of {heads[cut[0]][0]} entries"
        yield f"{len(cut)} chains end elsewhere than their matter says, that of {cut[0]} after {places} among them"


def lost(forms: Collection[Sent]) -> Iterator[str]:
    """What was answered is there once; what was refused isn't; what wasn't answered is there once at most."""
    written = Counter(key for (key,) in rows("SELECT key FROM accountability_ledgerentry WHERE key IS NOT NULL"))
    if gone := [form for form in forms if form.done and written[form.key] != 1]:
        yield f"{len(gone)} answered acts are not there, {gone[0].verb} of {gone[0].number} among them"
    if kept := [form for form in forms if form.refused and written[form.key]]:
        yield f"{len(kept)} refused acts are there, {kept[0].verb} of {kept[0].number} among them"


def undelivered(gateway: Gateway) -> Iterator[str]:
    """Each message that counts as sent has arrived; the same id always means the same message; none waits any more."""
    sent = {key for (key,) in rows("SELECT DISTINCT message FROM accountability_delivery WHERE state = 'sent'")}
    if lost := sent - set(gateway.times):
        yield f"{len(lost)} messages were never sent"
    if other := [key for key, said in gateway.contents.items() if len(said) > 1]:
        yield f"{len(other)} ids mean several messages"
    if strange := set(gateway.times) - {key for (key,) in rows("SELECT DISTINCT message FROM accountability_delivery")}:
        yield f"{len(strange)} messages have an id that the database doesn't know"
    if waiting := number("SELECT count(*) FROM accountability_delivery WHERE state = 'waiting'"):
        yield f"{waiting} messages wait"
