"""The verbs for a call that somebody promised to the customer on a day: made, moved to another day or person, or
called off.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Day, Person, Text
from accountability.gate.verbs import verb
from accountability.models import Employee
from complaints import permissions
from complaints.fields.candidates import who_calls_back
from complaints.models import Complaint, conditions
from complaints.models.states import IN_WORK

FURTHEST = timedelta(days=90)
"""How far ahead a call may be promised."""


def _as_planned(complaint: Complaint) -> list[Any]:
    return [complaint.call_back_on, complaint.call_back_by_id]


DAY = Day(name="day", label=_("回电日期"))
REASON = Text(name="reason", label=_("理由"), rows=2)


@verb(
    Complaint, _("约定回电"), DAY,
    Person(name="to", label=_("回电人"), required=False, among=who_calls_back, help=_("不选则由本人回电。")),
    Text(name="note", label=_("约定事项"), required=False, rows=2),
    rule="R23", permission=permissions.plan_call_back, states=IN_WORK, when=[conditions.no_call_back],
    icon="calendar", timeline="talks", group="talks",
)  # fmt: skip
def plan_call_back(act: Act, *, day: date, to: Employee | None = None, note: str = "") -> None:
    """Somebody promises the customer a call on a day. It is on that person's desk until it is made or called off."""
    assert act.actor is not None
    _agree(act, day, to or act.actor.employee)


@verb(
    Complaint, _("完成回电"), Text(name="result", label=_("回电情况")),
    rule="R23", permission=permissions.finish_call_back, states=IN_WORK, when=[conditions.call_back_planned],
    icon="phone", tone="ok", timeline="talks", group="talks", seen=_as_planned,
)  # fmt: skip
def finish_call_back(act: Act, *, result: str) -> None:
    """The person who was to call has called."""
    act.subject.call_back_on = act.subject.call_back_by = None


@verb(
    Complaint, _("改约回电"), DAY,
    Person(name="to", label=_("改由"), required=False, among=who_calls_back, help=_("不选则回电人不变。")), REASON,
    rule="R23", permission=permissions.move_call_back, states=IN_WORK, when=[conditions.call_back_planned],
    icon="repeat", tone="warn", timeline="talks", group="talks", seen=_as_planned,
)  # fmt: skip
def move_call_back(act: Act, *, day: date, reason: str, to: Employee | None = None) -> None:
    """Another day, another person, or both."""
    complaint: Complaint = act.subject
    before, person = complaint.call_back_by_id, to or complaint.call_back_by
    assert person is not None
    refuse_unless((day, person.pk) != (complaint.call_back_on, before), _("与现有约定相同，没有需要改的内容。"), "day")
    _agree(act, day, person)
    if before != person.pk:
        act.tell(before, "call_back_over")


def _agree(act: Act, day: date, person: Employee) -> None:
    """Promise the call. The person is one who talks with the customer, and nobody but an agent gives it to another."""
    complaint: Complaint = act.subject
    assert act.actor is not None
    today = day_of(act.at)
    refuse_unless(today <= day <= today + FURTHEST, _("回电日期应在今天起90天内。"), "day")
    fits = who_calls_back(complaint, act.actor).filter(pk=person.pk).exists()
    refuse_unless(fits, _("应是本人；客服代表可改由其他客服代表、首问责任人或回复人回电。"), "to")
    complaint.call_back_on, complaint.call_back_by = day, person
    act.tell(person.pk, "call_back", day=day.isoformat())


@verb(
    Complaint, _("取消回电"), REASON,
    rule="R23", permission=permissions.cancel_call_back, states=IN_WORK, when=[conditions.call_back_planned],
    icon="cross", tone="neutral", timeline="talks", group="talks", seen=_as_planned,
)  # fmt: skip
def cancel_call_back(act: Act, *, reason: str) -> None:
    """The customer needs no call any more."""
    lapse_call_back(act)


def lapse_call_back(act: Act) -> None:
    """The call is called off, or the complaint ends."""
    act.tell(act.subject.call_back_by_id, "call_back_over")
    act.subject.call_back_on = act.subject.call_back_by = None


def pass_call_back(act: Act, before: int | None, to: int | None) -> None:
    """The work passes from one person to another, and with it the call that was promised to the customer."""
    complaint: Complaint = act.subject
    if before is None or complaint.call_back_by_id != before or complaint.call_back_on is None:
        return
    complaint.call_back_by_id = to
    act.tell(before, "call_back_over")
    act.tell(to, "call_back", day=complaint.call_back_on.isoformat())
