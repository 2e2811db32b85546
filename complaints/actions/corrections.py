"""The verbs that correct mistakes, each with a reason: a wrong dispatch or entry, a duplicate, a withdrawal."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, lock, refuse_unless
from accountability.gate.fields import Choice, Choices, InCategory, Line, Phone, Text
from accountability.gate.verbs import verb
from complaints import permissions
from complaints.actions.categories import follow_category, follow_number
from complaints.actions.ending import archive, cancel_round
from complaints.actions.intake import (
    PRE_HANDLING,
    TEXTS_OF_INTAKE,
    WANTED,
    coordinate,
    known_of_intake,
    needs_coordination,
    pass_reply_on,
    rewrite_intake,
)
from complaints.conversation.call_backs import pass_call_back
from complaints.fields.kinds import Another, Place
from complaints.models import ESCALATED_CHANNELS, FLAGS, Complaint, Ending, Priority, Round, State, Tier
from complaints.models.states import IN_WORK
from complaints.permissions import was_unsatisfied

REASON = Text(name="reason", label=_("理由"), rows=2)


def people_of(current: Round) -> set[int | None]:
    """Everybody who works on the round now or answers for it."""
    return {current.contact_id, current.works_on_it, current.leader_id, current.coordinates_it, current.told_to_id}


@verb(
    Complaint, _("撤回派单"), REASON, rule="R11",
    permission=permissions.recall,
    icon="back", tone="warn", timeline="changes", group="corrections", grave=True,
)  # fmt: skip
def recall(act: Act, *, reason: str) -> None:
    """Take a wrong dispatch back before its hand-over. Its limits are voided and the round keeps its number. Everybody
    in the unit who was notified of the dispatch is notified of the recall.
    """
    current = act.subject.round
    assert current is not None
    unit = act.batch.unit_by_id(current.unit_id)
    assert unit is not None
    told = people_of(current) | {contact.pk for contact in act.batch.contacts_of(unit)}
    act.subject.recall()
    cancel_round(act)
    for person_id in told:
        act.tell(person_id, "recalled", part=current.number)


@verb(
    Complaint, _("更正登记"),
    InCategory(name="category", label=_("投诉类别"), required=False),
    Choice(name="priority", label=_("紧急程度"), choices=tuple(Priority.choices), required=False),
    Place(name="region", label=_("归属地市"), required=False),
    Choice(name="tier", label=_("客户级别"), choices=tuple(Tier.choices), required=False),
    Line(name="customer", label=_("客户姓名"), required=False),
    Phone(name="phone", label=_("联系电话"), required=False),
    Text(name="content", label=_("投诉内容"), required=False, rows=4, help=_("更正后的全文；不填则不变。")),
    WANTED, PRE_HANDLING, REASON, rule="R8",
    permission=permissions.correct, states=IN_WORK,
    icon="edit", tone="warn", timeline="changes", group="corrections",
)  # fmt: skip
def correct(act: Act, *, reason: str, **given: Any) -> None:
    """Correct a wrong entry, including a mistyped number, name or text. No running limit moves. A network complaint
    gets or loses its own limits, and whether it repeats another is determined again from its number and category.
    """
    complaint: Complaint = act.subject
    refuse_unless(given, _("请至少更正一项。"))
    words = {name: given.pop(name) for name in TEXTS_OF_INTAKE if name in given}
    known = known_of_intake(complaint) if words else {}
    corrected = {name: value for name, value in given.items() if getattr(complaint, name) != value}
    refuse_unless(corrected or known | words != known, _("与现有登记相同，没有需要更正的内容。"))
    refuse_unless("tier" not in corrected or not complaint.replies, _("已回复客户，不能再更正客户级别。"), "tier")
    before, owed = {name: _plain(getattr(complaint, name)) for name in corrected}, complaint.replies_instead_id
    was_network = complaint.category is not None and complaint.category.is_network
    for name, value in corrected.items():
        setattr(complaint, name, value)
    act.note(before=before)
    if words:
        rewrite_intake(act, known | words)
    if "category" in corrected:
        follow_category(act, was_network=was_network)
    if words.get("phone", known.get("phone")) != known.get("phone"):
        follow_number(act)
    _follow_urgency(act, corrected.get("priority"))
    if complaint.replies_instead_id != owed:
        pass_reply_on(act)
        act.tell(owed, "reply_reassigned")
        of_centre = next(iter(complaint.told_at_centre(act.batch)), None)
        pass_call_back(act, owed, complaint.replies_instead_id or of_centre or complaint.agent_id)
        act.tell(complaint.replies_instead_id, "owes_reply")
    for person_id in people_of(complaint.round) if complaint.round else ():
        act.tell(person_id, "corrected")


def _plain(value: Any) -> str:
    return str(getattr(value, "path", value))


def _follow_urgency(act: Act, wanted: str | None) -> None:
    """Keep the minimum of P2 (R12). Decide again whether marketing coordinates, and tell marketing (R14)."""
    complaint: Complaint = act.subject
    complaint.raise_priority()
    refuse_unless(wanted in (None, complaint.priority), _("VIP、升级和重复投诉至少为“紧急”。"), "priority")
    if complaint.coordinator_id and not needs_coordination(complaint):
        complaint.coordinator = None
        for employee_id in act.batch.marketing_ids:
            act.tell(employee_id, "coordinate_no_more")
    coordinate(act)


@verb(
    Complaint, _("调整标志"),
    Choices(name="flags", label=_("标志"), choices=FLAGS, help=_("勾选后保留的全部标志；不勾的即取消。")),
    REASON, rule="R14",
    permission=permissions.set_flags, states=IN_WORK,
    icon="flag", tone="warn", timeline="changes", group="corrections",
    seen=lambda complaint: complaint.flags,
)  # fmt: skip
def set_flags(act: Act, *, reason: str, flags: list[str] | None = None) -> None:
    """Set all flags at once; by an agent, or by marketing where it coordinates (R14). No running limit moves. The
    priority is raised where a flag requires it (R12), and isn't lowered when a flag is removed.
    """
    complaint: Complaint = act.subject
    now = set(flags or ())
    refuse_unless(now != set(complaint.flags), _("与现有标志相同，没有需要调整的内容。"), "flags")
    from_above = complaint.channel in ESCALATED_CHANNELS
    refuse_unless("escalated" in now or not from_above, _("由上级、领导或重要客户反映的投诉保留“升级”标志。"), "flags")
    act.note(before={"flags": complaint.flags})
    for name, _label in FLAGS:
        setattr(complaint, name, name in now)
    _follow_urgency(act, None)
    act.note(flags=complaint.flags)
    for person_id in people_of(complaint.round) if complaint.round else ():
        act.tell(person_id, "corrected")


@verb(
    Complaint, _("标记重复登记"),
    Another(name="of", label=_("已有投诉编号"), help=_("同一件事已登记的那一件；它继续办理，本件就此归档。")),
    REASON, rule="R7",
    permission=permissions.mark_duplicate,
    icon="square-full", tone="neutral", timeline="changes", group="corrections", grave=True,
)  # fmt: skip
def mark_duplicate(act: Act, *, of: Complaint, reason: str) -> None:
    """The same complaint was registered twice: this one ends, the agent of the other is told. No chains or circles."""
    refuse_unless(of.pk != act.matter.pk, _("不能标记为与自己重复。"), "of")
    # Lock the other one too, or two complaints could end as duplicates of each other at the same time.
    lock([of.pk])
    of.refresh_from_db(fields=["duplicate_of", "ended_as"])
    refuse_unless(of.duplicate_of_id is None, _("该投诉本身已标记为重复登记，请填写其原件的编号。"), "of")
    refuse_unless(not of.ended_as, _("该投诉已归档；再次投诉不是重复登记。"), "of")
    refuse_unless(not act.subject.duplicates.exists(), _("已有其他投诉标记为与本件重复，请反过来标记。"))
    _end(act, Ending.DUPLICATE)
    act.subject.duplicate_of = of
    for person_id in of.told_at_centre(act.batch):
        act.tell(person_id, "duplicate", number=of.matter.number)


@verb(
    Complaint, _("客户撤诉"), REASON,
    Text(
        name="said", label=_("客户原话"), required=was_unsatisfied, rows=2,
        help=_("客户表示过不满意的，须写明其撤诉时的原话。"),
    ),
    rule="R7",
    permission=permissions.withdraw,
    icon="square-full", tone="neutral", timeline="changes", group="corrections", grave=True,
)  # fmt: skip
def withdraw(act: Act, *, reason: str, said: str = "") -> None:
    """The customer withdraws the complaint: it is archived, and what they said of an earlier round still counts in its
    rate. If they have said that they aren't satisfied, this is allowed only where an unsatisfied complaint may be
    archived at all (R7, A5).
    """
    allowed = act.batch.limits.allow_unsatisfied_archive or not was_unsatisfied(act.subject)
    refuse_unless(allowed, _("现行规则不允许未满意归档，客户表示过不满意的投诉也不能撤诉归档，请再次派单。"))
    _end(act, Ending.WITHDRAWN)


def _end(act: Act, ending: Ending) -> None:
    """End the complaint from any state. A running round is cancelled and its people are told."""
    complaint: Complaint = act.subject
    current, state = complaint.round, State(complaint.state)
    told = people_of(current) if current else set()
    {Ending.DUPLICATE: complaint.mark_duplicate, Ending.WITHDRAWN: complaint.withdraw}[ending]()
    cancel_round(act)
    archive(act, ending)
    act.note(state=state)
    told |= {*complaint.told_at_centre(act.batch), complaint.replies_instead_id} - {complaint.forwarded_by_id}
    for person_id in told:
        act.tell(person_id, "ended", ending=ending)
