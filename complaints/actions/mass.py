"""Mass events: suspected by the sweep, confirmed or dismissed by the centre, answered with one text (S32).

These verbs change the event alone. Its members keep their own clocks (R6) and their own duties.
"""

from __future__ import annotations

from django.db.models import Case, QuerySet, When
from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Text
from accountability.gate.verbs import verb
from accountability.models import AnswerTemplate
from complaints import permissions
from complaints.fields.kinds import Complaints
from complaints.models import Channel, Complaint, Level, MassEvent, MassMember, MassState, Tier
from complaints.models.mass import OPEN, gravest

AT_ONCE = 200
"""At most this many complaints are answered, added or removed in one act; the rest in the next."""

REASON = Text(name="reason", label=_("理由"), rows=2)
NUMBERS = Complaints(name="complaints", label=_("投诉编号"), most=AT_ONCE, help=_("每行一个，一次最多 200 件。"))


@verb(
    MassEvent, _("确认为大面积投诉"),
    Choice(name="level", label=_("级别"), choices=tuple((str(value), label) for value, label in Level.choices)),
    Text(name="reason", label=_("判断与处置安排"), rows=3),
    rule="R14",
    permission=permissions.confirm_mass,
)  # fmt: skip
def confirm_mass(act: Act, *, level: str, reason: str) -> None:
    """The centre confirms the event: one of its people answers for it, and marketing, which coordinates,
    is told (R14).
    """
    event: MassEvent = act.subject
    counted = _("不能低于按件数达到的级别（%(level)s）。") % {"level": Level(event.level).label}
    refuse_unless(gravest(int(level), event.level) == int(level), counted, "level")
    assert act.actor is not None
    event.confirm_mass()
    event.level = int(level)
    event.confirmed_by, event.confirmed_at = act.actor.employee, act.at
    _end_warning(act, "mass_confirmed")


@verb(
    MassEvent, _("解除预警"), REASON, rule="R14",
    permission=permissions.dismiss_mass,
    grave=True,
)  # fmt: skip
def dismiss_mass(act: Act, *, reason: str) -> None:
    """The complaints came together by chance. The warning ends, and the same complaints don't raise another one."""
    act.subject.dismiss_mass()
    _end_warning(act, "mass_dismissed")


def _end_warning(act: Act, notice: str) -> None:
    act.batch.alarms_over.append(act.matter)
    for person_id in act.batch.marketing_ids:
        act.tell(person_id, notice)


@verb(
    MassEvent, _("列入投诉"), NUMBERS, rule="R14",
    permission=permissions.add_member, states=OPEN,
)  # fmt: skip
def add_member(act: Act, *, complaints: list[Complaint]) -> None:
    """Add complaints that the sweep didn't count: of another place, or under another head."""
    event: MassEvent = act.subject
    _refuse_strangers(event, complaints)
    assert act.actor is not None
    before = {row.complaint_id: row for row in MassMember.objects.filter(event=event, complaint__in=complaints)}
    for complaint in complaints:
        row = before.get(complaint.pk)
        if row is None:
            added = MassMember(event=event, complaint=complaint, added_by=act.actor.employee, added_at=act.at)
            act.changes.new(added)
        else:
            act.changes.watch(row)
            row.removed_at = row.removed_by = None


def _refuse_strangers(event: MassEvent, complaints: list[Complaint]) -> None:
    """Refuse complaints that aren't registered or belong to another open event."""
    early = [str(complaint) for complaint in complaints if complaint.registered_at is None]
    refuse_unless(not early, _("尚未登记受理：%(numbers)s。") % {"numbers": "、".join(early)}, "complaints")
    rows = MassMember.objects.filter(complaint__in=complaints, removed_at=None, event__state__in=OPEN)
    elsewhere = [str(row.complaint) for row in rows.select_related("complaint__matter")]
    refuse_unless(not elsewhere, _("已列入大面积投诉：%(numbers)s。") % {"numbers": "、".join(elsewhere)}, "complaints")


@verb(
    MassEvent, _("移出投诉"), NUMBERS, REASON, rule="R14",
    permission=permissions.remove_member, states=OPEN,
)  # fmt: skip
def remove_member(act: Act, *, complaints: list[Complaint], reason: str) -> None:
    """Remove complaints that don't belong to the event. They don't get the shared reply."""
    event: MassEvent = act.subject
    rows = {row.complaint_id: row for row in event.members.filter(complaint__in=complaints, removed_at=None)}
    strange = [str(complaint) for complaint in complaints if complaint.pk not in rows]
    refuse_unless(not strange, _("不在其中：%(numbers)s。") % {"numbers": "、".join(strange)}, "complaints")
    assert act.actor is not None
    for row in rows.values():
        act.changes.watch(row)
        row.removed_at, row.removed_by = act.at, act.actor.employee


@verb(
    MassEvent, _("统一回复"), Text(name="content", label=_("回复内容"), rows=5), rule="R35",
    permission=permissions.reply_all, states=[MassState.CONFIRMED],
    templates=AnswerTemplate.Use.REPLY,
)  # fmt: skip
def reply_all(act: Act, *, content: str) -> None:
    """One text for all members that await their reply now. It is recorded here once; each customer gets it as their own
    complaint's `reply` (R34, R35), which is judged separately.
    """
    event: MassEvent = act.subject
    waiting = list(waiting_members(event).values_list("pk", flat=True)[:AT_ONCE])
    refuse_unless(waiting, _("现在没有等待回复的投诉：判断处理完毕之后才能回复。"))
    assert act.entry is not None
    event.replies += 1
    event.reply_text = act.entry.texts
    act.note(complaints=waiting)


def waiting_members(event: MassEvent) -> QuerySet[Complaint]:
    """Members that await their reply, the oldest first. Those that the forwarder must reply to (R34) come last, so that
    they don't take up every batch.
    """
    mine = MassMember.objects.filter(event_id=event.pk, removed_at=None)
    found = Complaint.objects.filter(matter__awaits="reply", pk__in=mine.values("complaint_id"))
    forwarders = Case(When(channel=Channel.FORWARD, tier=Tier.VIP, then=1), default=0)
    return found.order_by(forwarders, "pk")


@verb(
    MassEvent, _("结束大面积投诉"), REASON, rule="R7",
    permission=permissions.close_mass,
    grave=True,
)  # fmt: skip
def close_mass(act: Act, *, reason: str) -> None:
    """The cause is gone and the members were told. Members that are still open continue to their own end (R7)."""
    act.subject.close_mass()
