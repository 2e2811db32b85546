"""Writes our complaints as tickets of the peer: files that it loads with COPY, so that both have the same corpus.

A ticket has the key of our complaint, its number and the beginning of its content as the title, customer, number and
content as the description, the unit of the latest round (or the centre) as the queue, and our holder, priority, dates
and nearest running limit. A follow-up stands for each entry of the record, with its verb and instant; where ours has a
text, it has the text of an entry of the same verb that was played, since texts of the archive's copies don't open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import Min

from accountability.models import Deadline, Employee, LedgerEntry, PersonalData, Unit
from accountability.notices.sentences import verb_label
from complaints.models import Complaint, State
from config.bench.scale.operations import PLAYED

CENTRE = "KF"
PRIORITIES = {"P1": 1, "P2": 2, "P3": 3}
OPEN, RESOLVED, CLOSED = 1, 3, 4
LONGEST_TITLE = 60
AT_ONCE = 5000
Row = tuple[Any, ...]


def write(folder: Path) -> None:
    """One file for each of the peer's tables, named as in `peer.TABLES`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (
        ("queues", queues()), ("users", users()), ("tickets", tickets()), ("followups", followups()),
    ):  # fmt: skip
        with (folder / f"{name}.txt").open("w", newline="") as file:
            file.writelines(map(line, rows))


def line(row: Row) -> str:
    """As COPY reads it: NULL is told apart from an empty text."""
    return "\t".join("\\N" if cell is None else str(cell).translate(ESCAPED) for cell in row) + "\n"


ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def queues() -> Iterator[Row]:
    for unit in Unit.objects.order_by("pk"):
        slug = unit.code.lower()
        access = f"helpdesk.queue_access_{slug}"
        yield unit.pk, f"{unit.code} {unit.name}", slug, False, False, None, False, False, access


def users() -> Iterator[Row]:
    for person in Employee.objects.order_by("pk"):
        joined = "2020-01-01 00:00:00+08"
        yield (
            person.pk,
            person.username,
            person.name,
            "",
            f"{person.username}@example.invalid",
            "!",
            True,
            True,
            False,
            joined,
        )


def tickets() -> Iterator[Row]:
    centre = Unit.objects.get(code=CENTRE).pk
    due = dict(
        Deadline.objects.running().filter(matter__kind=Complaint.matter_kind)
        .values_list("matter_id").annotate(Min("due_at"))
    )  # fmt: skip
    found = Complaint.objects.exclude(state=State.NEW).select_related("matter", "intake", "latest_round")
    for complaint in found.order_by("pk").iterator(chunk_size=AT_ONCE):
        matter, latest = complaint.matter, complaint.latest_round
        yield (
            complaint.pk, title_of(complaint), latest.unit_id if latest else centre, matter.opened_at,
            complaint.archived_at or matter.opened_at, status_of(complaint), PRIORITIES[complaint.priority],
            due.get(complaint.pk), matter.holder_id, _description(complaint), False, f"{complaint.pk:036}",
        )  # fmt: skip


def title_of(complaint: Complaint) -> str:
    return f"{complaint} {_texts(complaint).get('content', '')}"[:LONGEST_TITLE].strip()


def status_of(complaint: Complaint) -> int:
    """Open, answered to the customer, or closed."""
    if complaint.matter.closed_at:
        return CLOSED
    return RESOLVED if complaint.state == State.REPLIED else OPEN


def _description(complaint: Complaint) -> str:
    texts = _texts(complaint)
    return " ".join(texts[name] for name in ("customer", "phone", "content") if texts.get(name))


def _texts(complaint: Complaint) -> dict[str, str]:
    return complaint.intake.opened if complaint.intake and complaint.intake.sealed else {}


def followups() -> Iterator[Row]:
    said = _texts_by_verb()
    kind = Complaint.matter_kind
    found = LedgerEntry.objects.filter(matter__kind=kind).exclude(matter__complaint__state=State.NEW).order_by("pk")
    for pk, matter, verb, at, actor, texts in found.values_list(
        "pk", "matter_id", "verb", "at", "actor_id", "texts_id"
    ).iterator(chunk_size=AT_ONCE):
        choice = said.get(verb, [])
        yield (
            matter,
            at,
            str(verb_label(verb, kind)),
            choice[pk % len(choice)] if texts and choice else "",
            True,
            actor,
            "[]",
        )


def _texts_by_verb() -> dict[str, list[str]]:
    """What was said in entries that were played, by verb: of open and closed complaints whose numbers aren't copies."""
    found: dict[str, list[str]] = defaultdict(list)
    played = LedgerEntry.objects.filter(matter__number__regex=PLAYED, texts__sealed__isnull=False)
    for entry in played.select_related("texts").order_by("pk"):
        assert entry.texts
        found[entry.verb].append(" ".join(_plain(entry.texts)))
    return found


def _plain(texts: PersonalData) -> Iterable[str]:
    return (str(value) for value in texts.opened.values())
