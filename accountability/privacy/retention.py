"""Clears data whose retention time is over: matters closed long ago lose their words, names and files.

The record stays: rows, instants, figures, references, and the chain, which never contained a text. The apps say which
kinds of matter are cleared, in which order, and what holds one back: a matter that quotes another's customer goes
first, so that no text outlives the knowledge of which name to mask in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from accountability.deadlines.limits import months_before
from accountability.gate.act import Act, Batch, lock
from accountability.gate.changes import flush
from accountability.gate.subjects import SUBJECTS
from accountability.models import Attachment, Matter, PaperFile, PersonalData, privacy_in_force
from accountability.search import index
from accountability.security import file_store

VERB = "deidentify"
"""The verb's name in the ledger. No page runs it: the clock does, or the second person who approves a request to
delete.
"""

BATCH = 200
"""Matters per transaction: few enough that no act waits long for its lock."""


@dataclass
class Kept:
    """One kind of matter that is cleared when its time is over. `place` is its position in the order; each of `holds`
    gives a query over matters that must wait although their time is over.
    """

    kind: str
    place: int
    holds: list[Callable[[], Q]] = field(default_factory=list)


KEPT: dict[str, Kept] = {}
"""By kind; set in `ready()` by the app that owns it."""


def keep(kind: str, *, place: int) -> Kept:
    return KEPT.setdefault(kind, Kept(kind, place))


def years_in_force(at: datetime) -> int:
    """Years that matters are kept after they were archived, by the policy in force."""
    return privacy_in_force(at).retention_years


def kept_since(at: datetime) -> datetime:
    """Matters closed before this instant may no longer be kept. The 29th of February counts as the 28th."""
    return months_before(at, 12 * years_in_force(at))


# Which matters are due


def over(kind: str, at: datetime) -> QuerySet[Matter]:
    """The matters of the kind whose time is over and that still have their words, including held ones."""
    return Matter.objects.filter(kind=kind, closed_at__lt=kept_since(at), deidentified_at=None)


def held(kind: str) -> Q:
    found = Q(pk__in=[])
    for hold in KEPT[kind].holds:
        found |= hold()
    return found


def due(kind: str, at: datetime) -> QuerySet[Matter]:
    """The matters whose time is over and that nothing holds back."""
    return over(kind, at).exclude(held(kind))


def in_order() -> list[Kept]:
    return sorted(KEPT.values(), key=lambda kept: kept.place)


def counts(at: datetime) -> dict[str, dict[str, int]]:
    """By kind, what a run would clear now, and what it would leave because it is held. A matter held by something that
    the same run clears still counts as held.
    """
    told = {}
    for kept in in_order():
        ready, waiting = due(kept.kind, at).count(), over(kept.kind, at).count()
        told[kept.kind] = {"due": ready, "held": waiting - ready}
    return told


# Clearing


def retain(at: datetime) -> dict[str, int]:
    """Clear every matter whose time is over, a batch per transaction; return how many of each kind.

    It keeps no progress: the next run finishes one that was interrupted.
    """
    return {kept.kind: _clear_kind(kept.kind, at) for kept in in_order()}


def _clear_kind(kind: str, at: datetime) -> int:
    total = 0
    skipped: set[int] = set()
    while True:
        with transaction.atomic():
            ids = list(due(kind, at).exclude(pk__in=skipped).order_by("closed_at").values_list("pk", flat=True)[:BATCH])
            if not ids:
                return total
            locked = lock(ids, skip_locked=connection.features.has_select_for_update_skip_locked)
            done = _clear_locked(kind, locked, at)
        total += len(done)
        skipped.update(set(ids) - done)
        if len(ids) < BATCH:
            return total


def _clear_locked(kind: str, matters: dict[int, Matter], at: datetime) -> set[int]:
    """Check again under the lock: another run, or a request opened in between, may have been first."""
    still = set(due(kind, at).filter(pk__in=matters).values_list("pk", flat=True))
    batch = Batch(at)
    acts = batch.acts_of(SUBJECTS[kind], {pk: matter for pk, matter in matters.items() if pk in still})
    deidentify(acts)
    flush(batch)
    return still


def deidentify(acts: Sequence[Act], **facts: Any) -> None:
    """Delete everything that tells of a person from these acts' matters, which the caller has locked; a constant number
    of statements. Each matter's ledger records how much of each kind was deleted, and by whom.
    """
    ids = [act.matter.pk for act in acts]
    if not ids:
        return
    gone = _erase(ids, acts[0].at)
    for act in acts:
        act.matter.deidentified_at = act.at
        by = act.actor.employee if act.actor else act.batch.system
        act.record(VERB, by, facts={name: count[act.matter.pk] for name, count in gone.items()} | facts, part=0)


def _erase(ids: Collection[int], at: datetime) -> dict[str, Counter[int]]:
    """How many of each kind were erased, by matter."""
    texts = PersonalData.objects.filter(matter__in=ids, sealed__isnull=False)
    files = Attachment.objects.filter(matter__in=ids, erased_at=None)
    found = {
        "texts": _by_matter(texts.exclude(kind="paper")),
        "papers": _by_matter(texts.filter(kind="paper")),
        "files": _by_matter(files),
    }
    made = PaperFile.objects.filter(paper__matter__in=ids, made_at__isnull=False)
    # After the rows: a file that a crash leaves behind is cleared as one that no row names.
    for place in [*files.values_list("place", flat=True), *made.values_list("place", flat=True)]:
        transaction.on_commit(partial(file_store.discard, str(place)))
    files.update(sealed=None, erased_at=at)
    # With the digests: a number that belongs to nobody any more must be neither found nor guessable.
    PersonalData.objects.filter(matter__in=ids).update(phone_digest="", last4_digest="", name_digest="")
    texts.update(sealed=None, erased_at=at)
    index.forget(ids)
    return found


def _by_matter(rows: QuerySet[Any]) -> Counter[int]:
    return Counter(dict(rows.order_by().values("matter").annotate(n=Count("pk")).values_list("matter", "n")))
