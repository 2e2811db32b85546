"""The gate: the only way to change state, whether from a page, the admin, a task or a scenario.

`perform` runs in one transaction: lock the matter, re-read it, settle every limit with `due < at`, check permission and
state, run the action, and write everything that it did, or nothing. `perform_many` and `perform_each` do the same for
several matters with a constant number of statements. A refused act leaves only a row in the access log.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _
from prometheus_client import Counter

from accountability.db.sql import Later, Together, by_key
from accountability.db.writing import insert
from accountability.gate import holding, sweeper, verbs
from accountability.gate.act import Act, Batch, Refused
from accountability.gate.changes import flush
from accountability.gate.fields import clean_all
from accountability.gate.lookups import windows_at
from accountability.models import AccessLog, ActingEmployee, Employee, LedgerEntry, Matter, acting, actor_for
from accountability.permissions import Actor

log = logging.getLogger(__name__)

REFUSALS = Counter("shouwen_refusals", "Acts that were refused, by code", ["code"])

__all__ = ["Outcome", "Refused", "perform", "perform_each", "perform_in_turn", "perform_many"]


@dataclass
class Outcome:
    """The result for one subject: its new state, or the refusal. `act` is what was done, where this call did it."""

    subject: Any
    refused: Refused | None = None
    repeated: bool = False
    entries: list[LedgerEntry] = field(default_factory=list)
    act: Act | None = None


def perform(
    subject: Any, verb: str, *, by: Employee, at: datetime, key: str | None = None, seen: str | None = None,
    ledger_head: str | None = None, demanded: Collection[str] = (), **facts: Any,
) -> Outcome:  # fmt: skip
    """Run one verb on one subject, for the person `by`, at the instant `at`.

    `key` makes a repetition harmless: the same person with the same key gets the first outcome again. `seen` is what
    the person's page showed (`shown_for`); if the matter has changed since, the act is refused. So it is
    where the matter's `ledger_head` is no longer the one that was read. `demanded` names optional facts that the page
    requires. Raises Refused.
    """
    (outcome,) = _attempt(
        Call(verb, by, at, [subject], [key], [facts], seen=seen, ledger_head=ledger_head, demanded=demanded)
    )
    if outcome.refused:
        raise outcome.refused
    return outcome


def perform_many(
    subjects: Sequence[Any], verb: str, *, by: Employee, at: datetime, key: str | None = None,
    own: Mapping[int, dict[str, Any]] | None = None, **facts: Any,
) -> list[Outcome]:  # fmt: skip
    """Run one verb with the same facts on several subjects of one kind. Each is judged separately, and a refusal
    doesn't stop the others. A subject given twice is acted on once.

    `own` has the facts that differ, by matter (the round to chase). With a `key` each existing matter gets the key
    `key:number`, so that a repetition returns the first outcomes; without one a repetition is refused by the state.
    """
    named = {subject.matter_id: subject for subject in reversed(subjects) if subject.matter_id is not None}
    once = [subject for subject in subjects if named.get(subject.matter_id, subject) is subject]
    keys = [key_of(key, subject) for subject in once]
    told = [facts | (own or {}).get(subject.matter_id, {}) for subject in once]
    return _attempt(Call(verb, by, at, once, keys, told)) if once else []


def perform_each(
    several: Sequence[tuple[Any, dict[str, Any]]], verb: str, *, by: Employee, at: datetime
) -> list[Outcome]:
    """Run one verb on several subjects of one kind, each with its own facts and judged separately.

    Each subject may occur only once; many may be new.
    """
    subjects = [subject for subject, _facts in several]
    told = [facts for _subject, facts in several]
    return _attempt(Call(verb, by, at, subjects, [None] * len(subjects), told)) if several else []


def perform_in_turn(
    subject: Any, steps: Sequence[tuple[str, dict[str, Any], Collection[str]]], *, by: Employee, at: datetime,
    key: str | None = None, seen: str | None = None,
) -> Outcome:  # fmt: skip
    """Run several verbs on one subject one after the other, in one transaction: all of them, or none.

    Each step is a verb, its facts and what is `demanded` of them; each is judged and written as by `perform`. The first
    one has the `key` and `seen` of the form, the others a key derived from it. Raises Refused.
    """
    windows_at(at)  # before the transaction, as in `_attempt`
    present, last, is_new = subject, Outcome(subject), subject.matter_id is None
    with transaction.atomic():
        for place, (verb, facts, demanded) in enumerate(steps):
            own = f"{key[: KEY_LENGTH - 2]}/{place}" if key and place else key
            call = Call(verb, by, at, [present], [own], [facts], seen=None if place else seen, demanded=demanded)
            (last,) = _attempt(call, noted=False)
            if last.refused:
                transaction.set_rollback(True)
                break
            present = last.subject
    if last.refused:
        # A matter that the first step began is gone.
        _log_refusals([Outcome(None if is_new else subject, last.refused)], verbs.find(subject, verb), by, at)
        last.refused.verb = verb
        raise last.refused
    return last


KEY_LENGTH = 64
"""The length of the ledger's column. The key of a batch is cut so that each matter's number fits after it."""


def key_of(key: str | None, subject: Any) -> str | None:
    """The key of one matter of a batch; None for a new subject, since a repetition couldn't identify it."""
    if key is None or subject.matter_id is None:
        return None
    number = str(subject.matter)
    return f"{key[: KEY_LENGTH - 1 - len(number)]}:{number}"


@dataclass
class Call:
    """The arguments of a call. `keys` and `facts` have one item for each of `subjects`."""

    verb: str
    by: Employee
    at: datetime
    subjects: Sequence[Any]
    keys: Sequence[str | None]
    facts: Sequence[dict[str, Any]]
    seen: str | None = None
    ledger_head: str | None = None
    demanded: Collection[str] = ()


def _attempt(call: Call, *, noted: bool = True) -> list[Outcome]:
    """The outcomes. Refusals are `noted` in the access log here, unless the caller's own transaction is rolled back."""
    entry = verbs.find(call.subjects[0], call.verb)
    meant = [subject.matter_id for subject in call.subjects]
    try:
        # Before the transaction: a hold that begins now stays, whatever becomes of the act.
        windows = windows_at(call.at)
        with transaction.atomic():
            outcomes = _perform(entry, call, meant, windows)
    except OperationalError as error:
        if not _is_lock_timeout(error):
            raise
        busy = Refused("busy", _("系统正忙，请稍后重试，您填写的内容没有丢失。"))
        outcomes = [Outcome(subject, busy) for subject in call.subjects]
    except IntegrityError:
        # Two requests with the same key arrived together: return the first one's outcome.
        earlier = _repeated(entry, call, meant, _earlier(call, Together())())
        if len(earlier) < len(meant):
            raise
        outcomes = list(earlier.values())
    if noted:
        _log_refusals(outcomes, entry, call.by, call.at)
    return outcomes


def _perform(
    entry: verbs.Verb, call: Call, meant: Sequence[int | None], windows: tuple[holding.Window, ...]
) -> list[Outcome]:
    batch = Batch(call.at)
    batch.windows = windows
    earlier = _earlier(call, batch.together)
    acts = batch.acts_for(call.subjects)
    # It is read under the lock, where the second request of a double click waits for the first.
    found = _repeated(entry, call, meant, earlier())
    actor = acting(call.by, call.at) if entry.by_customer else actor_for(call.by.pk, call.at)
    if actor is not None:
        batch.know(actor.employee)
    for place, act in enumerate(acts):
        if place in found:
            act.dropped = True
        else:
            found[place] = _run(act, entry, actor, call, place)
    if all(act.dropped for act in acts):
        transaction.set_rollback(True)  # nothing was done, so no new matter may remain either
    else:
        batch.forget_refused_beginnings()
    flush(batch)
    _log_origin(acts, entry, call)
    return [found[place] for place in range(len(meant))]


def _run(act: Act, entry: verbs.Verb, actor: ActingEmployee | None, call: Call, place: int) -> Outcome:
    """Run the verb on one matter. A refusal leaves nothing behind."""
    try:
        if actor is None:
            raise Refused("forbidden", _("您的账号已停用。"))
        if act.due(act.at):
            sweeper.settle_for(act, entry)
        if window := act.held:
            raise _held(act.subject, entry, actor, window)
        reopened = act.reopen_missed()
        values = _judge(act, entry, actor, call, call.facts[place])
        act.begin(entry, actor, call.keys[place], values)
        entry.run(act, **values)
        act.close_reopened(reopened)
        if act.due(act.at) and not act.held:
            # An answer that was judged incomplete can reopen a limit that has passed: it is missed at once. If that
            # was while nobody was served, the matter is held from now on.
            sweeper.settle_for(act, entry)
    except Refused as refusal:
        act.refuse()
        refusal.position = act.position_before
        return Outcome(act.subject, refusal)
    return Outcome(act.subject, entries=act.entries, act=act)


def _judge(act: Act, entry: verbs.Verb, actor: Actor, call: Call, facts: dict[str, Any]) -> dict[str, Any]:
    """Check permission, state and whether the page was current, and return the cleaned facts. Raises Refused."""
    barred = entry.barred(act.subject, actor)
    if barred == "forbidden":
        raise _forbidden(entry)
    is_outdated = call.seen is not None and call.seen != act.subject.shown_for(entry.name)
    if is_outdated or call.ledger_head not in (None, act.matter.ledger_head):
        raise Refused("stale", _outdated(act.subject, entry, actor))
    if barred == "state":
        raise Refused("state", _not_now(act.subject, entry, actor))
    values, errors = clean_all(entry.facts, facts, act.subject, act.batch, demanded=call.demanded)
    if errors:
        raise Refused("facts", _("请更正标出的内容。"), errors)
    return values


def _forbidden(entry: verbs.Verb) -> Refused:
    return Refused("forbidden", _("您没有“%(verb)s”的权限。") % {"verb": entry.label})


def _held(subject: Any, entry: verbs.Verb, actor: Actor, window: holding.Window) -> Refused:
    """Who may not run the verb is told that alone."""
    if not entry.permits(subject, actor):
        return _forbidden(entry)
    return Refused("held", _("%(refusal)s您填写的内容没有丢失。") % {"refusal": window.refusal})


def _outdated(subject: Any, entry: verbs.Verb, actor: Actor) -> Any:
    if not subject.tells_present(actor):
        return _("页面已过时，请核对后再提交。")
    return _("页面已过时，当前状态：%(state)s。") % {"state": subject.describe_for(entry.name)}


def _not_now(subject: Any, entry: verbs.Verb, actor: Actor) -> Any:
    if not subject.tells_present(actor):
        return _("当前状态不能“%(verb)s”。") % {"verb": entry.label}
    return _("当前状态“%(state)s”不能“%(verb)s”。") % {"state": subject.describe_state(), "verb": entry.label}


def _earlier(call: Call, together: Together) -> Later[LedgerEntry]:
    """The entries that the person made with these keys."""
    return together.rows(LedgerEntry, actor_id=[call.by.pk], key=[key for key in call.keys if key is not None])


def _repeated(
    entry: verbs.Verb, call: Call, meant: Sequence[int | None], known: Iterable[LedgerEntry]
) -> dict[int, Outcome]:
    """The outcomes of earlier acts with these keys, by position. A key that was used for another verb or on another
    matter is refused. `meant` are the matters of the current acts, None for a new one.
    """
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
    """The current subjects of the entries, by matter."""
    matters = by_key(Matter, {first.matter_id for first in entries})
    return entry.model.of_matters(matters) if matters else {}  # type: ignore[attr-defined]


def _is_lock_timeout(error: OperationalError) -> bool:
    text = str(error)
    return "database is locked" in text or "lock timeout" in text or "deadlock detected" in text


def _log_origin(acts: Iterable[Act], entry: verbs.Verb, call: Call) -> None:
    """Write the network address of an act from a page to the access log, in its transaction; never to the ledger."""
    if call.by.came_from:
        insert([
            AccessLog(
                at=call.at, actor_id=call.by.pk, action=entry.name, result="ok", matter=act.matter,
                address=call.by.came_from, detail=call.by.came_by,
            )
            for act in acts
            if not act.dropped
        ])  # fmt: skip


def _log_refusals(outcomes: Iterable[Outcome], entry: verbs.Verb, by: Employee, at: datetime) -> None:
    """Write a row for each refusal, outside the act's transaction, which was rolled back or wrote nothing."""
    rows = [
        AccessLog(
            at=at, actor=by, action=entry.name, result=outcome.refused.code,
            matter_id=_known_matter(outcome.subject),
            detail=" ".join(filter(None, [by.came_by, ",".join(sorted(outcome.refused.fields))])), address=by.came_from,
        )
        for outcome in outcomes
        if outcome.refused
    ]  # fmt: skip
    if not rows:
        return
    for row in rows:
        # What can't be counted is refused and noted all the same.
        with suppress(Exception):
            REFUSALS.labels(row.result).inc()
    try:
        with transaction.atomic():
            AccessLog.objects.bulk_create(rows)
        by.refusal_noted = True
    except OperationalError as error:
        # The database is too busy to record the refusal. The user still gets the refusal, not an error.
        if not _is_lock_timeout(error):
            raise
        log.warning("busy: the refusal of %s was not noted in the access log", entry.name)


def _known_matter(subject: Any) -> int | None:
    """The subject's matter; None if the refused act itself began the matter, which then doesn't exist any more."""
    if subject is None or getattr(getattr(subject, "_state", None), "adding", False):
        return None
    return int(subject.matter_id)
