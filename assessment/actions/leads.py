"""What the centre does with a lead other than a sheet: a supervisor sets it aside, or undoes that (R38)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Offered, Text
from accountability.gate.verbs import verb
from accountability.models import Deadline
from accountability.permissions import Actor
from assessment.cases.unjudged import settle_alarms
from assessment.models import LeadMark, open_leads
from complaints import permissions
from complaints.dossier.deadlines import label_of_name, missed_label
from complaints.models import Complaint
from complaints.models.states import ONCE_DISPATCHED

LABEL = _("线索")


def _open(complaint: Complaint) -> list[Deadline]:
    return list(open_leads(to_centre=True, matter_id=complaint.pk).select_related("unit").order_by("pk"))


def _aside(complaint: Complaint) -> list[LeadMark]:
    mine = {"deadline__matter_id": complaint.pk, "deadline__missed_at__isnull": False}
    marks = LeadMark.objects.filter(case=None, restored_at=None, **mine)
    return list(marks.select_related("deadline__unit").order_by("pk"))


def _to_set_aside(complaint: Complaint) -> Iterable[tuple[str, Any]]:
    return [(deadline.name, missed_label(deadline)) for deadline in _open(complaint)]


def _to_restore(complaint: Complaint) -> Iterable[tuple[str, Any]]:
    return [(mark.deadline.name, missed_label(mark.deadline)) for mark in _aside(complaint)]


def _is_any(complaint: Complaint, actor: Actor) -> bool:
    return bool(_open(complaint))


def _is_any_aside(complaint: Complaint, actor: Actor) -> bool:
    return bool(_aside(complaint))


@verb(
    Complaint, _("线索不予采用"),
    Offered(name="leads", label=LABEL, offers=_to_set_aside, label_of=label_of_name),
    Text(name="reason", label=_("理由"), rows=2),
    rule="R38", offered=_is_any,
    permission=permissions.set_aside_lead, states=ONCE_DISPATCHED,
    icon="cross", tone="neutral", timeline="limits", group="leads",
)  # fmt: skip
def set_aside_lead(act: Act, *, leads: list[str], reason: str) -> None:
    """Set leads aside for a recorded reason; no sheet follows. The miss itself is unchanged."""
    found = {deadline.name: deadline for deadline in _open(act.subject)}
    gone = [label_of_name(name) for name in leads if name not in found]
    refuse_unless(not gone, _("不是待处置的线索：%(names)s。") % {"names": "、".join(map(str, gone))}, "leads")
    settle_alarms(act, [found[name] for name in leads])
    assert act.actor is not None
    assert act.entry is not None
    act.entry.part = 0
    for name in leads:
        act.changes.new(
            LeadMark(
                deadline=found[name], marked_by=act.actor.employee, marked_at=act.at, texts=act.entry.texts
            )
        )  # fmt: skip


@verb(
    Complaint, _("恢复线索"),
    Offered(name="leads", label=LABEL, offers=_to_restore, label_of=label_of_name),
    Text(name="reason", label=_("理由"), rows=2),
    rule="R38", offered=_is_any_aside,
    permission=permissions.restore_lead, states=ONCE_DISPATCHED,
    icon="repeat", tone="warn", timeline="limits", group="leads",
)  # fmt: skip
def restore_lead(act: Act, *, leads: list[str], reason: str) -> None:
    """Setting it aside was a mistake: it is a lead again."""
    found = {mark.deadline.name: mark for mark in _aside(act.subject)}
    gone = [label_of_name(name) for name in leads if name not in found]
    refuse_unless(not gone, _("没有不予采用的线索：%(names)s。") % {"names": "、".join(map(str, gone))}, "leads")
    assert act.entry is not None
    act.entry.part = 0
    for name in leads:
        act.changes.watch(found[name])
        found[name].restored_at = act.at
