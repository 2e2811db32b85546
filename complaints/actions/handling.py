"""The unit's work and the centre's judgement: contact, solution, answer, complete or incomplete (R24, R25, R33)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.actions.waiting_limits import give_time_again
from accountability.files.attachments import claim
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Text, YesNo
from accountability.gate.verbs import verb
from accountability.models import AnswerTemplate, Attachment
from complaints import permissions
from complaints.actions.ending import end_round
from complaints.actions.handover import begin_handling, running_round
from complaints.declarations.limits import Kind
from complaints.dossier.files import ANSWER, files_for
from complaints.models import Complaint, Replier, conditions
from complaints.models.states import State


@verb(
    Complaint, _("联系客户"), Text(name="note", label=_("联系情况")), rule="R24",
    permission=permissions.contact_customer, states=[State.DISPATCHED, State.HANDLING], when=[conditions.in_hand],
    timeline="talks",
)  # fmt: skip
def contact_customer(act: Act, *, note: str) -> None:
    """The handler talks with the customer. For a network complaint this meets the on-site limit. Accepts nothing."""
    act.meet(Kind.CONTACT_ON_SITE)


@verb(
    Complaint, _("提出方案"), Text(name="solution", label=_("解决方案")), rule="R24",
    permission=permissions.propose_solution, states=[State.DISPATCHED], when=[conditions.with_handler],
)  # fmt: skip
def propose_solution(act: Act, *, solution: str) -> None:
    """The first of the two stamps the unit owes. It may be repeated until the answer."""
    begin_handling(act)
    running_round(act).solution_at = act.at


ANSWER_FACTS = (
    Text(name="result", label=_("处理结果")),
    Text(name="cause", label=_("原因核查"), rows=2),
    Text(name="responsibility", label=_("责任判断"), required=False, rows=2, help=_("有则填写；印入通知单回执。")),
    Text(name="measures", label=_("整改措施"), required=False, rows=2, help=_("有则填写；印入通知单回执。")),
    files_for(ANSWER),
)
"""The fields of a unit's answer, sent directly or through the leader's review, as the notice's slip asks (R18)."""


@verb(
    Complaint, _("答复客服中心"), *ANSWER_FACTS, rule="R24",
    permission=permissions.answer, states=[State.DISPATCHED],
    when=[conditions.with_handler, conditions.not_under_review],
    icon="square", tone="ok",
    templates=AnswerTemplate.Use.ANSWER,
)  # fmt: skip
def answer(act: Act, *, files: list[Attachment] | None = None, **texts: str) -> None:
    """The second stamp: the unit's answer to the centre, which alone judges it (R25). It implies a solution."""
    claim(act, files or [], field_name="files")
    deliver_answer(act)


def deliver_answer(act: Act) -> None:
    """The answer reaches the centre now, sent by the handler or approved by their leader."""
    current = running_round(act)
    begin_handling(act)
    current.solution_at = current.solution_at or act.at
    current.answer()
    current.answered_at = act.at
    act.meet(Kind.HANDLING, part=current.number)
    act.meet(Kind.NETWORK_SOLUTION)


@verb(
    Complaint, _("审核办结"),
    YesNo(name="complete", label=_("判断"), yes=_("处理完毕"), no=_("未处理完毕，退回继续处理")),
    Text(name="reason", label=_("理由"), required=False, rows=2, help=_("未处理完毕时必填。")),
    rule="R33",
    permission=permissions.judge_complete,
    icon="check", tone="ok",
    seen=lambda complaint: [complaint.matter.waiting_since],
)  # fmt: skip
def judge_complete(act: Act, *, complete: bool, reason: str = "") -> None:
    """Only the centre decides that the work is complete. If it isn't, the unit goes on, and its clock never stopped."""
    refuse_unless(complete or reason, _("请说明未处理完毕的理由。"), "reason")
    if complete:
        _complete(act)
    else:
        _send_back(act)


def _complete(act: Act) -> None:
    complaint: Complaint = act.subject
    current = complaint.round
    complaint.judge_complete()
    complaint.result_round = current
    if current is not None:
        current.close()
        end_round(act, current)
    if complaint.replier == Replier.FORWARDER:
        act.tell(complaint.replies_instead_id, "to_do", verb="reply")


def _send_back(act: Act) -> None:
    complaint: Complaint = act.subject
    current = complaint.round
    if current is None:
        complaint.judge_incomplete()
        return
    current.reopen()
    # A network solution given by an earlier round's answer stays given.
    act.unmeet(Kind.HANDLING, part=current.number, met_at=current.answered_at)
    act.unmeet(Kind.NETWORK_SOLUTION, met_at=current.answered_at)
    give_time_again(act, act.latest(Kind.HANDLING, part=current.number))
    give_time_again(act, act.latest(Kind.NETWORK_SOLUTION))
