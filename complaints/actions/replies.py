"""The customer hears the result and says whether they are satisfied: reply, satisfaction, archive (R34,
R35, R37, R7).
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Text, YesNo
from accountability.gate.verbs import verb
from accountability.models import AnswerTemplate
from complaints import permissions
from complaints.actions.ending import archive
from complaints.actions.material import lapse_material
from complaints.customer_word import outbox
from complaints.declarations.limits import Kind
from complaints.models import Complaint, Dissatisfaction, Ending, Round


@verb(
    Complaint, _("回复客户"), Text(name="content", label=_("回复内容"), rows=5), rule="R35",
    permission=permissions.reply,
    icon="chat", tone="ok",
    templates=AnswerTemplate.Use.REPLY,
)  # fmt: skip
def reply(act: Act, *, content: str) -> None:
    """The person who owes the reply gives it, and only after the centre judged the result complete (R34, R35)."""
    complaint: Complaint = act.subject
    complaint.reply()
    complaint.replies += 1
    complaint.replied_at = act.at
    complaint.satisfied = None
    lapse_material(act)
    act.meet(Kind.FIRST_REPLY)
    act.meet(Kind.LEGAL)
    for person_id in act.subject.told_at_centre(act.batch):
        act.tell(person_id, "to_do", verb="record_satisfaction")
    outbox.ask_satisfied(act)


WHY_NOT = Choice(
    name="kind", label=_("不满意原因"), choices=tuple(Dissatisfaction.choices), required=False, help=_("不满意时必选。")
)


def judged_round(complaint: Complaint) -> Round | None:
    """The round whose result the customer was told; None where the centre handled it itself."""
    latest = complaint.latest_round
    return latest if latest is not None and complaint.result_round_id == latest.pk else None


@verb(
    Complaint, _("记录满意度"),
    YesNo(name="satisfied", label=_("客户是否满意"), yes=_("满意"), no=_("不满意")),
    WHY_NOT,
    Text(name="reason", label=_("客户原话"), required=False, rows=2, help=_("不满意时必填：客户怎么说的。")),
    rule="R37",
    permission=permissions.record_satisfaction,
    icon="star", tone="ok",
    demands=lambda typed: ("kind", "reason") if typed.get("satisfied") == "false" else (),
    undone_by="correct_satisfaction",
)  # fmt: skip
def record_satisfaction(act: Act, *, satisfied: bool, kind: str = "", reason: str = "") -> None:
    """Once for each reply. 满意 archives; 不满意 needs a reason, and the centre decides whether to dispatch again (D5,
    D4).
    """
    _take_satisfaction(act, satisfied, kind, archiving=act.subject.record_satisfaction)


@verb(
    Complaint, _("客户评价"),
    YesNo(name="satisfied", label=_("您对处理结果是否满意"), yes=_("满意"), no=_("不满意")),
    Choice(
        name="kind", label=_("哪里不满意"), choices=tuple(Dissatisfaction.choices), required=False,
        help=_("不满意时必选。"),
    ),
    Text(name="reason", label=_("您想说的话"), required=False, rows=4, max_length=500, help=_("选填，500 字以内。")),
    rule="R37",
    permission=permissions.rate_reply,
    icon="star", tone="ok",
    demands=lambda typed: ("kind",) if typed.get("satisfied") == "false" else (),
    undone_by="correct_satisfaction", by_customer=True,
)  # fmt: skip
def rate_reply(act: Act, *, satisfied: bool, kind: str = "", reason: str = "") -> None:
    """The customer says it themself, through the link in the message about the reply. It counts like what an agent
    records, and the agent's record remains for who doesn't answer.
    """
    _take_satisfaction(act, satisfied, kind, archiving=act.subject.rate_reply)


def _take_satisfaction(act: Act, satisfied: bool, kind: str, *, archiving: Callable[[], None]) -> None:
    complaint: Complaint = act.subject
    refuse_unless(not (satisfied and kind), _("客户满意时不填不满意原因。"), "kind")
    judged = judged_round(complaint)
    if judged is not None:
        judged.satisfied, judged.satisfied_at, judged.dissatisfied_by = satisfied, act.at, kind
        for person_id in () if satisfied else (judged.works_on_it, judged.leader_id, judged.contact_id):
            act.tell(person_id, "unsatisfied", part=judged.number)
    if satisfied:
        archiving()
        complaint.resolved = True
        archive(act, Ending.SATISFIED)
    complaint.satisfied = satisfied


@verb(
    Complaint, _("未满意归档"), Text(name="reason", label=_("归档理由")), rule="R7",
    permission=permissions.archive_unsatisfied,
    icon="square-full", tone="warn", grave=True,
)  # fmt: skip
def archive_unsatisfied(act: Act, *, reason: str) -> None:
    """An exception: a supervisor ends it although the customer isn't satisfied. It counts as not resolved (A5)."""
    refuse_unless(act.batch.limits.allow_unsatisfied_archive, _("现行规则不允许未满意归档，请再次派单。"))
    act.subject.archive_unsatisfied()
    act.subject.archived_unsatisfied = True
    archive(act, Ending.UNSATISFIED)
