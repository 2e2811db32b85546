"""The gate: the only way a state changes, from a page, the API, the admin, a task or a scenario.

`perform` is one transaction: lock the matter, re-read, settle every limit with `due < at`, check who and when, run
the action, write everything it did, all or nothing. `perform_many` is the same code over several matters with a
constant number of statements. A refusal raises `Refused` and leaves only a row in the access log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from accountability import sweeping, verbs
from accountability.acts import Act, Batch, Refused, flush
from accountability.facts import clean_all
from accountability.models import AccessLog, Employee, LedgerEntry, actor_for
from accountability.permissions import Actor

log = logging.getLogger(__name__)

__all__ = ["Outcome", "Refused", "perform", "perform_many"]


@dataclass
class Outcome:
    """What became of one subject: the subject as it now stands, or the refusal."""

    subject: Any
    refused: Refused | None = None
    repeated: bool = False
    entries: list[LedgerEntry] = field(default_factory=list)


def perform(
    subject: Any,
    verb: str,
    *,
    by: Employee,
    at: datetime,
    key: str | None = None,
    seen: str | None = None,
    **facts: Any,
) -> Outcome:
    """Run one verb on one subject, for `by`, counted at `at`.

    `key` makes a repetition harmless (same person, same key: the first outcome again). `seen` is the position the
    person saw; a matter that has moved since refuses. Raises Refused.
    """
    (outcome,) = _attempt([subject], verb, by, at, key, seen, facts)
    if outcome.refused:
        raise outcome.refused
    return outcome


def perform_many(subjects: Sequence[Any], verb: str, *, by: Employee, at: datetime, **facts: Any) -> list[Outcome]:
    """Run one verb with the same facts on several subjects of one kind; each is judged by itself, none holds up
    another. A subject named twice is acted on once. A repetition needs no key: what was done is refused by its state.
    """
    named = {subject.matter_id: subject for subject in reversed(subjects) if subject.matter_id is not None}
    once = [subject for subject in subjects if named.get(subject.matter_id, subject) is subject]
    return _attempt(once, verb, by, at, None, None, facts) if once else []


def _attempt(
    subjects: Sequence[Any], verb: str, by: Employee, at: datetime, key: str | None, seen: str | None,
    facts: dict[str, Any],
) -> list[Outcome]:  # fmt: skip
    entry, meant = verbs.find(subjects[0], verb), subjects[0].matter_id
    try:
        with transaction.atomic():
            outcomes = _perform(entry, subjects, by, at, key, seen, facts)
    except OperationalError as error:
        if not _is_lock_timeout(error):
            raise
        outcomes = [
            Outcome(subject, Refused("busy", _("系统正忙，请稍后重试，您填写的内容没有丢失。"))) for subject in subjects
        ]
    except IntegrityError:
        # Two requests with one key arrived together: the first one's outcome is the outcome.
        earlier = _repeated(by.pk, key, entry, meant)
        if earlier is None:
            raise
        outcomes = [earlier]
    _log_refusals(outcomes, entry, by, at)
    return outcomes


def _perform(
    entry: verbs.Verb, subjects: Sequence[Any], by: Employee, at: datetime, key: str | None, seen: str | None,
    facts: dict[str, Any],
) -> list[Outcome]:  # fmt: skip
    meant = subjects[0].matter_id
    earlier = _repeated(by.pk, key, entry, meant)
    if earlier:
        return [earlier]
    batch = Batch(at)
    acts = batch.acts_for(subjects)
    # Once more under the lock: a double click's second request waited for the first one here.
    earlier = _repeated(by.pk, key, entry, meant)
    if earlier:
        transaction.set_rollback(True)  # a matter begun for the second request must not stay
        return [earlier]
    actor = actor_for(by.pk, at)
    outcomes = []
    for act in acts:
        try:
            if actor is None:
                raise Refused("forbidden", _("您的账号已停用。"))
            _run(act, entry, actor, key, seen, facts)
            outcomes.append(Outcome(act.subject, entries=act.entries))
        except Refused as refusal:
            act.dropped = True
            refusal.position = act.position_before
            outcomes.append(Outcome(act.subject, refusal))
    if all(act.dropped for act in acts):
        transaction.set_rollback(True)  # nothing was done, so a matter begun for it must not stay either
    flush(batch)
    return outcomes


def _run(act: Act, entry: verbs.Verb, actor: Actor, key: str | None, seen: str | None, facts: dict[str, Any]) -> None:
    sweeping.settle(act, before=act.at)
    if not entry.permits(act.subject, actor):
        raise Refused("forbidden", _("您没有“%(verb)s”的权限。") % {"verb": entry.label})
    if seen is not None and seen != act.subject.position:
        raise Refused("stale", _("页面已过时，当前状态：%(state)s。") % {"state": act.subject.describe_state()})
    if not entry.fits_state(act.subject):
        raise Refused(
            "state",
            _("当前状态“%(state)s”不能“%(verb)s”。") % {"state": act.subject.describe_state(), "verb": entry.label},
        )
    values, errors = clean_all(entry.facts, facts, act.subject, act.batch)
    if errors:
        raise Refused("facts", _("请更正标出的内容。"), errors)
    act.begin(entry, actor, key, values)
    entry.run(act, **values)
    # An answer judged incomplete may uncover a limit that has passed: it is missed at once, not at the next sweep.
    sweeping.settle(act, before=act.at)


def _repeated(actor_id: int, key: str | None, entry: verbs.Verb, meant: int | None) -> Outcome | None:
    """The outcome of the first act with this key. A key used for another verb, or on another matter, is refused.

    `meant` is the matter of the act at hand, None where it begins one.
    """
    if key is None:
        return None
    earlier = LedgerEntry.objects.filter(actor_id=actor_id, key=key).select_related("matter").first()
    if earlier is None:
        return None
    if earlier.verb != entry.name or meant not in (None, earlier.matter_id):
        return Outcome(None, Refused("stale", _("这个提交编号已用于另一操作，请刷新页面。")))
    return Outcome(entry.model.of_matter(earlier.matter_id), repeated=True, entries=[earlier])  # type: ignore[attr-defined]


def _is_lock_timeout(error: OperationalError) -> bool:
    text = str(error)
    return "database is locked" in text or "lock timeout" in text or "deadlock detected" in text


def _log_refusals(outcomes: Iterable[Outcome], entry: verbs.Verb, by: Employee, at: datetime) -> None:
    """A row for each refusal, outside the act's transaction (which is rolled back or never wrote)."""
    rows = [
        AccessLog(
            at=at, actor=by, action=entry.name, result=outcome.refused.code,
            matter_id=_known_matter(outcome.subject),
            detail=",".join(sorted(outcome.refused.fields)),
        )
        for outcome in outcomes
        if outcome.refused
    ]  # fmt: skip
    if not rows:
        return
    try:
        with transaction.atomic():
            AccessLog.objects.bulk_create(rows)
    except OperationalError as error:
        # So busy that not even the refusal can be noted: it's still a refusal, not a fault.
        if not _is_lock_timeout(error):
            raise
        log.warning("busy: the refusal of %s was not noted in the access log", entry.name)


def _known_matter(subject: Any) -> int | None:
    """The subject's matter, unless it was begun by the refused act itself and is gone with it."""
    if subject is None or getattr(getattr(subject, "_state", None), "adding", False):
        return None
    return int(subject.matter_id)
