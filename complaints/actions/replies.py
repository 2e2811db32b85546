"""The customer hears, and says whether it is good: reply, satisfaction, archive (R34, R35, R37, R7)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.acts import Act, refuse_unless
from accountability.facts import Text, YesNo
from accountability.models import Deadline
from accountability.verbs import verb
from complaints.actions.ending import archive
from complaints.actions.material import lapse_material
from complaints.models import Complaint, Ending

Kind = Deadline.Kind


@verb(Complaint, _("回复客户"), Text(name="content", label=_("回复内容"), rows=5), rule="R35")
def reply(act: Act, *, content: str) -> None:
    """Whoever the duty names replies, and only after the centre judged it complete (R34, R35)."""
    complaint: Complaint = act.subject
    complaint.reply()
    complaint.replies += 1
    complaint.replied_at = act.at
    complaint.satisfied = None
    lapse_material(act)
    act.meet(Kind.FIRST_REPLY)
    act.meet(Kind.LEGAL)
    act.tell(complaint.agent_id, "to_do", verb="record_satisfaction")


@verb(
    Complaint, _("记录满意度"),
    YesNo(name="satisfied", label=_("客户是否满意"), yes=_("满意"), no=_("不满意")),
    rule="R37",
)  # fmt: skip
def record_satisfaction(act: Act, *, satisfied: bool) -> None:
    """Once a reply: 满意 archives; 不满意 asks the centre whether to dispatch again (D5, D4)."""
    complaint: Complaint = act.subject
    if complaint.result_round_id and complaint.latest_round and complaint.result_round_id == complaint.latest_round_id:
        complaint.latest_round.satisfied, complaint.latest_round.satisfied_at = satisfied, act.at
    if satisfied:
        complaint.record_satisfaction()
        complaint.resolved = True
        archive(act, Ending.SATISFIED)
    complaint.satisfied = satisfied


@verb(Complaint, _("未满意归档"), Text(name="reason", label=_("归档理由")), rule="R7")
def archive_unsatisfied(act: Act, *, reason: str) -> None:
    """The exception: a supervisor ends it although the customer isn't satisfied; it counts as not resolved (A5)."""
    refuse_unless(act.batch.limits.allow_unsatisfied_archive, _("现行规则不允许未满意归档，请再次派单。"))
    act.subject.archive_unsatisfied()
    act.subject.archived_unsatisfied = True
    archive(act, Ending.UNSATISFIED)
