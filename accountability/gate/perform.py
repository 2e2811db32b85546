"""The gate: the only way a state changes, from a page, the API, the admin, a task or a scenario.

`perform` is one transaction: lock the matter, re-read, settle every limit with `due < at`, check who and when, run
the action, write everything it did, all or nothing. `perform_many` and `perform_each` are the same code over several
matters with a constant number of statements. A refusal raises `Refused` and leaves only a row in the access log.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from accountability.gate import sweeper, verbs
from accountability.gate.act import Act, Batch, Refused
from accountability.gate.changes import flush
from accountability.gate.fields import clean_all
from accountability.models import AccessLog, Employee, LedgerEntry, Matter, actor_for
from accountability.permissions import Actor

log = logging.getLogger(__name__)

__all__ = ["Outcome", "Refused", "perform", "perform_each", "perform_many"]


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
    demanded: Collection[str] = (),
    **facts: Any,
) -> Outcome:
    """Run one verb on one subject, for `by`, counted at `at`.

    `key` makes a repetition harmless (same person, same key: the first outcome again). `seen` is what the
    person's page saw (`shown_for`); a matter that has moved since refuses. `demanded` names facts that the page
    asks for although the verb could do without. Raises Refused.
    """
    (outcome,) = _attempt(Call(verb, by, at, [subject], [key], [facts], seen=seen, demanded=demanded))
    if outcome.refused:
        raise outcome.refused
    return outcome


def perform_many(
    subjects: Sequence[Any], verb: str, *, by: Employee, at: datetime, key: str | None = None,
    own: Mapping[int, dict[str, Any]] | None = None, **facts: Any,
) -> list[Outcome]:  # fmt: skip
    """Run one verb with the same facts on several subjects of one kind; each is judged by itself, none holds up
    another. A subject named twice is acted on once.

    `own` adds what differs from one to the next, by matter (the round to chase). With a `key` each existing matter has
    the key `key:number`, so that what a repetition finds done comes back as the first outcome; without one it is
    refused by its state.
    """
    named = {subject.matter_id: subject for subject in reversed(subjects) if subject.matter_id is not None}
    once = [subject for subject in subjects if named.get(subject.matter_id, subject) is subject]
    keys = [key_of(key, subject) for subject in once]
    told = [facts | (own or {}).get(subject.matter_id, {}) for subject in once]
    return _attempt(Call(verb, by, at, once, keys, told)) if once else []


def perform_each(
    several: Sequence[tuple[Any, dict[str, Any]]], verb: str, *, by: Employee, at: datetime
) -> list[Outcome]:
    """Run one verb on several subjects of one kind, each with facts of its own and judged by itself.

    A subject may stand in it once only; many may be new.
    """
    subjects = [subject for subject, _facts in several]
    told = [facts for _subject, facts in several]
    return _attempt(Call(verb, by, at, subjects, [None] * len(subjects), told)) if several else []


KEY_LENGTH = 64
"""Of the ledger's column; a batch's key is cut so that each number fits behind it."""


def key_of(key: str | None, subject: Any) -> str | None:
    """The key of one of a batch; none for a subject that is only just begun, which no repetition could name."""
    if key is None or subject.matter_id is None:
        return None
    number = str(subject.matter)
    return f"{key[: KEY_LENGTH - 1 - len(number)]}:{number}"


@dataclass
class Call:
    """What was asked for, in one piece. `keys` and `facts` stand beside `subjects`, one for each."""

    verb: str
    by: Employee
    at: datetime
    subjects: Sequence[Any]
    keys: Sequence[str | None]
    facts: Sequence[dict[str, Any]]
    seen: str | None = None
    demanded: Collection[str] = ()


def _attempt(call: Call) -> list[Outcome]:
    entry = verbs.find(call.subjects[0], call.verb)
    meant = [subject.matter_id for subject in call.subjects]
    try:
        with transaction.atomic():
            outcomes = _perform(entry, call, meant)
    except OperationalError as error:
        if not _is_lock_timeout(error):
            raise
        busy = Refused("busy", _("系统正忙，请稍后重试，您填写的内容没有丢失。"))
        outcomes = [Outcome(subject, busy) for subject in call.subjects]
    except IntegrityError:
        # Two requests with one key arrived together: the first one's outcome is the outcome.
        earlier = _repeated(entry, call, meant)
        if len(earlier) < len(meant):
            raise
        outcomes = list(earlier.values())
    _log_refusals(outcomes, entry, call.by, call.at)
    return outcomes


def _perform(entry: verbs.Verb, call: Call, meant: Sequence[int | None]) -> list[Outcome]:
    batch = Batch(call.at)
    acts = batch.acts_for(call.subjects)
    # Asked under the lock, where the second request of a double click waits for the first one.
    found = _repeated(entry, call, meant)
    actor = actor_for(call.by.pk, call.at)
    for place, act in enumerate(acts):
        if place in found:
            act.dropped = True
        else:
            found[place] = _run(act, entry, actor, call, place)
    if all(act.dropped for act in acts):
        transaction.set_rollback(True)  # nothing was done, so a matter begun for it must not stay either
    else:
        batch.forget_refused_beginnings()
    flush(batch)
    _log_origin(acts, entry, call)
    return [found[place] for place in range(len(meant))]


def _run(act: Act, entry: verbs.Verb, actor: Actor | None, call: Call, place: int) -> Outcome:
    """The verb on one matter, or its refusal, which leaves nothing behind."""
    try:
        if actor is None:
            raise Refused("forbidden", _("您的账号已停用。"))
        if act.due(act.at):
            sweeper.settle(act, before=act.at)
        values = _judge(act, entry, actor, call, call.facts[place])
        act.begin(entry, actor, call.keys[place], values)
        entry.run(act, **values)
        if act.due(act.at):
            # An answer judged incomplete uncovered a limit that has passed: it is missed at once.
            sweeper.settle(act, before=act.at)
    except Refused as refusal:
        act.refuse()
        refusal.position = act.position_before
        return Outcome(act.subject, refusal)
    return Outcome(act.subject, entries=act.entries)


def _judge(act: Act, entry: verbs.Verb, actor: Actor, call: Call, facts: dict[str, Any]) -> dict[str, Any]:
    """Who and when, whether the page was the present one, and what was told: cleaned, or Refused."""
    barred = entry.barred(act.subject, actor)
    if barred == "forbidden":
        raise Refused("forbidden", _("您没有“%(verb)s”的权限。") % {"verb": entry.label})
    if call.seen is not None and call.seen != act.subject.shown_for(entry.name):
        raise Refused("stale", _("页面已过时，当前状态：%(state)s。") % {"state": act.subject.describe_for(entry.name)})
    if barred == "state":
        raise Refused(
            "state",
            _("当前状态“%(state)s”不能“%(verb)s”。") % {"state": act.subject.describe_state(), "verb": entry.label},
        )
    values, errors = clean_all(entry.facts, facts, act.subject, act.batch, demanded=call.demanded)
    if errors:
        raise Refused("facts", _("请更正标出的内容。"), errors)
    return values


def _repeated(entry: verbs.Verb, call: Call, meant: Sequence[int | None]) -> dict[int, Outcome]:
    """The outcomes of first acts with these keys, by place. A key used for another verb, or on another matter, is
    refused. `meant` are the matters of the acts at hand, None where one is begun.
    """
    keys = [key for key in call.keys if key is not None]
    if not keys:
        return {}
    known = LedgerEntry.objects.filter(actor_id=call.by.pk, key__in=keys).select_related("matter")
    earlier = {first.key: first for first in known}
    fitting = {
        place: first
        for place, key in enumerate(call.keys)
        if (first := earlier.get(key)) and first.verb == entry.name and meant[place] in (None, first.matter_id)
    }
    subjects = _subjects_of(entry, fitting.values())
    return {
        place: Outcome(subjects[fitting[place].matter_id], repeated=True, entries=[fitting[place]])
        if place in fitting
        else Outcome(None, Refused("stale", _("这个提交编号已用于另一操作，请刷新页面。")))
        for place, key in enumerate(call.keys)
        if key in earlier
    }


def _subjects_of(entry: verbs.Verb, entries: Iterable[LedgerEntry]) -> dict[int, Any]:
    """The subjects of the entries as they now stand, by matter."""
    matters: dict[int, Matter] = {first.matter_id: first.matter for first in entries}
    return entry.model.locked(matters) if matters else {}  # type: ignore[attr-defined]


def _is_lock_timeout(error: OperationalError) -> bool:
    text = str(error)
    return "database is locked" in text or "lock timeout" in text or "deadlock detected" in text


def _log_origin(acts: Iterable[Act], entry: verbs.Verb, call: Call) -> None:
    """From where an act of a page came, as a row of the access log in the act's own transaction: the ledger holds what
    was done, and no address.
    """
    if call.by.came_from:
        AccessLog.objects.bulk_create(
            AccessLog(
                at=call.at, actor_id=call.by.pk, action=entry.name, result="ok", matter=act.matter,
                address=call.by.came_from,
            )
            for act in acts
            if not act.dropped
        )  # fmt: skip


def _log_refusals(outcomes: Iterable[Outcome], entry: verbs.Verb, by: Employee, at: datetime) -> None:
    """A row for each refusal, outside the act's transaction (which is rolled back or never wrote)."""
    rows = [
        AccessLog(
            at=at, actor=by, action=entry.name, result=outcome.refused.code,
            matter_id=_known_matter(outcome.subject),
            detail=",".join(sorted(outcome.refused.fields)), address=by.came_from,
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
