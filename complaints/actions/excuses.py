"""The verbs that excuse a missed deadline that could not be kept (the system was down). It takes two people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, Batch, refuse_unless
from accountability.gate.fields import Offered, Text
from accountability.gate.verbs import verb
from accountability.models import Deadline
from accountability.monitoring import reminders
from accountability.notices import alarms
from accountability.permissions import Actor
from complaints import permissions
from complaints.dossier.deadlines import label_of_name, missed_label
from complaints.models import Complaint
from complaints.models.states import ONCE_DISPATCHED
from complaints.sweep.escalation import drop_proposals

ALARM = "excuses"

LET_GO: list[Callable[[Act, Sequence[Deadline]], None]] = []
"""What other apps do when misses on record count no more: they were excused, or voided by an accepted return."""


def _to_propose(complaint: Complaint) -> Iterable[tuple[str, Any]]:
    return [(d.name, missed_label(d)) for d in complaint.misses if not d.excused_at and not d.excuse_proposed_at]


def _to_judge(complaint: Complaint) -> Iterable[tuple[str, Any]]:
    return [(d.name, missed_label(d)) for d in complaint.misses if not d.excused_at and d.excuse_proposed_at]


LABEL = _("超时的时限")
PROPOSED = Offered(name="deadlines", label=LABEL, offers=_to_propose, label_of=label_of_name)
JUDGED = Offered(name="deadlines", label=LABEL, offers=_to_judge, label_of=label_of_name)
REASON = Text(name="reason", label=_("理由"), rows=2)


def _missed(act: Act, names: list[str]) -> list[Deadline]:
    """The deadlines of these names. Each must be missed and not excused; earlier rounds are included."""
    known = {d.name: d for d in act.deadlines}
    if not known.keys() >= set(names):
        known = {d.name: d for d in Deadline.objects.filter(matter=act.matter)} | known
    for name in names:
        found = known.get(name)
        standing = found is not None and found.missed_at and not found.voided_at
        refuse_unless(standing, _("“%(name)s”没有超时。") % {"name": label_of_name(name)}, "deadlines")
        assert found is not None
        refuse_unless(not found.excused_at, _("“%(name)s”已免责。") % {"name": label_of_name(name)}, "deadlines")
    return [known[name] for name in names]


def _tie_to_round(act: Act, deadlines: list[Deadline]) -> None:
    """Assign the entry to the round it concerns, so that no other unit reads it; to none if it concerns several rounds.

    Call it before anything is changed: the deadlines of earlier rounds aren't watched yet.
    """
    assert act.entry is not None
    parts = {d.part for d in deadlines}
    act.entry.part = parts.pop() if len(parts) == 1 else 0
    for d in deadlines:
        act.changes.watch(d)


def _any_to_propose(complaint: Complaint, actor: Actor) -> bool:
    return bool(_to_propose(complaint))


def _any_to_judge(complaint: Complaint, actor: Actor) -> bool:
    return bool(_to_judge(complaint))


@verb(
    Complaint, _("提请免责"), PROPOSED, REASON, rule="R38", offered=_any_to_propose,
    permission=permissions.propose_excuse, states=ONCE_DISPATCHED,
    icon="flag", tone="warn", timeline="limits", group="excuses",
)  # fmt: skip
def propose_excuse(act: Act, *, deadlines: list[str], reason: str) -> None:
    """The first of two people, a supervisor of the centre or marketing, states why nobody is to blame."""
    missed = _missed(act, deadlines)
    asked = [label_of_name(d.name) for d in missed if d.excuse_proposed_at]
    refuse_unless(not asked, _("已提请免责，待批准：%(names)s。") % {"names": "、".join(asked)}, "deadlines")
    assert act.actor is not None
    assert act.entry is not None
    _tie_to_round(act, missed)
    for d in missed:
        d.excuse_proposed_by, d.excuse_proposed_at, d.excuse_reason = act.actor.employee, act.at, act.entry.texts
    for person_id in act.batch.marketing_leader_ids:
        act.tell(person_id, "excuse_proposed")


def _proposed(act: Act, names: list[str]) -> list[Deadline]:
    missed = _missed(act, names)
    unasked = [label_of_name(d.name) for d in missed if not d.excuse_proposed_at]
    refuse_unless(not unasked, _("尚无人提请免责：%(names)s。") % {"names": "、".join(unasked)}, "deadlines")
    return missed


def _reasons(complaint: Complaint) -> list[Any]:
    """The reasons that a page showed for the proposals still to be judged."""
    return [d.excuse_reason_id for d in complaint.misses if d.excuse_reason_id and not d.excused_at]


@verb(
    Complaint, _("批准免责"), JUDGED, rule="R38", offered=_any_to_judge,
    permission=permissions.confirm_excuse, states=ONCE_DISPATCHED,
    icon="check", tone="ok", timeline="limits", group="excuses",
    seen=_reasons, in_session=True,
)  # fmt: skip
def confirm_excuse(act: Act, *, deadlines: list[str]) -> None:
    """The second person agrees: marketing's leader, never the proposer. The miss is then no lead and in no rating."""
    missed = _proposed(act, deadlines)
    assert act.actor is not None
    own = any(d.excuse_proposed_by_id == act.actor.pk for d in missed)
    refuse_unless(not own, _("不能批准本人提请的免责，须由另一人批准。"), "deadlines")
    _tie_to_round(act, missed)
    for d in missed:
        d.excused_by, d.excused_at = act.actor.employee, act.at
    drop_proposals(act, missed)
    for d in missed:
        for person_id in {d.excuse_proposed_by_id, *act.subject.told_of_miss(d, act.batch)}:
            act.tell(person_id, "excused", kind=d.kind, part=d.part)
    for follow in LET_GO:
        follow(act, missed)


@verb(
    Complaint, _("不予免责"), JUDGED, REASON, rule="R38", offered=_any_to_judge,
    permission=permissions.reject_excuse, states=ONCE_DISPATCHED,
    icon="cross", tone="danger", timeline="limits", group="excuses",
)  # fmt: skip
def reject_excuse(act: Act, *, deadlines: list[str], reason: str) -> None:
    """Marketing's leader finds the reason insufficient, or takes back their own proposal. The miss counts as before."""
    missed = _proposed(act, deadlines)
    _tie_to_round(act, missed)
    for d in missed:
        act.tell(d.excuse_proposed_by_id, "excuse_rejected", kind=d.kind, part=d.part)
        d.drop_excuse()


def check_excuses(at: datetime) -> None:
    """Raise an alarm when a proposal has waited too long for the second person; clear it once none has."""
    batch = Batch(at)
    asked = Deadline.objects.excuse_asked().order_by("excuse_proposed_at").values_list("excuse_proposed_at", flat=True)
    oldest = asked.first()
    if oldest is None or oldest > at - timedelta(hours=float(batch.limits.waiting.get("confirm_excuse", 48))):
        alarms.clear(ALARM, at)
    elif not alarms.standing(ALARM):
        facts, people = {"list": "confirm_excuse"}, batch.marketing_leader_ids
        alarms.raise_once(ALARM, "excuses", facts, since=oldest, at=at, notice="excuses_wait", people=people)


reminders.WATCHES.append(check_excuses)
