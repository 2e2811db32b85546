"""The leader's review of an answer before it goes to the centre, where the handler asks for it (R18).

The unit's clock keeps running; it is met at the instant at which the leader approves. Nobody acts for another person:
the answer stays the handler's, in the words they sealed; the approval is the leader's own act, bound to those words.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import Together
from accountability.files.attachments import claim
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Text
from accountability.gate.verbs import verb
from accountability.models import AnswerTemplate, Attachment, LedgerEntry, PersonalData
from complaints import permissions
from complaints.actions.handling import ANSWER_FACTS, deliver_answer
from complaints.actions.handover import begin_handling, running_round
from complaints.dossier.customer import texts_of
from complaints.models import Complaint, Round, conditions
from complaints.models.states import State


@verb(
    Complaint, _("送分管领导审核"), *ANSWER_FACTS, rule="R18",
    permission=permissions.submit_for_review, states=[State.DISPATCHED],
    when=[conditions.with_handler, conditions.not_under_review],
    icon="up", tone="info", group="review",
    templates=AnswerTemplate.Use.ANSWER,
)  # fmt: skip
def submit_for_review(act: Act, *, files: list[Attachment] | None = None, **texts: str) -> None:
    """The handler puts the answer before their leader first (R18). This also accepts the round (R24)."""
    current = running_round(act)
    refuse_unless(
        _may_review(act, current), _("本轮没有可审核的分管领导（空缺、离职，或就是您本人），请直接答复客服中心。")
    )
    begin_handling(act)
    assert act.entry is not None
    current.draft, current.review_asked_at = act.entry.texts, act.at
    claim(act, files or [], field_name="files")


def _may_review(act: Act, current: Round) -> bool:
    leader = act.batch.person(current.leader_id)
    return leader is not None and leader.is_active and leader.pk != current.works_on_it


@verb(
    Complaint, _("审核通过，答复客服中心"), rule="R18",
    permission=permissions.approve_answer, states=[State.DISPATCHED], when=[conditions.under_review],
    icon="square", tone="ok",
)  # fmt: skip
def approve_answer(act: Act) -> None:
    """The leader approves exactly the answer that they were shown. It reaches the centre now, as the handler's (R18,
    R24). The entry refers to the words that the handler sealed.
    """
    current = running_round(act)
    asked = _submission(act)
    assert act.entry is not None
    act.entry.texts = asked.texts
    act.said.append((act.entry, texts_of(asked.texts)))
    act.note(handler=asked.actor_id, files=asked.facts.get("files", []))
    deliver_answer(act)
    act.tell(current.works_on_it, "answer_approved", part=current.number)


@verb(
    Complaint, _("审核退回"), Text(name="remarks", label=_("审核意见")), rule="R18",
    permission=permissions.send_back_answer, states=[State.DISPATCHED], when=[conditions.under_review],
    icon="back", tone="warn",
)  # fmt: skip
def send_back_answer(act: Act, *, remarks: str) -> None:
    """The leader wants changes: the handler has the answer again, and their clock never stopped (R18)."""
    current = running_round(act)
    current.end_review()
    act.tell(current.works_on_it, "answer_sent_back", part=current.number)


@verb(
    Complaint, _("收回送审"), rule="R18",
    permission=permissions.withdraw_review, states=[State.DISPATCHED], when=[conditions.under_review],
    icon="back", tone="neutral", group="review",
)  # fmt: skip
def withdraw_review(act: Act) -> None:
    """The handler takes the answer back from the leader, to change it or to answer without a review (R18)."""
    current = running_round(act)
    lapse_review(act, current)


def lapse_review(act: Act, current: Round) -> None:
    """End a pending review and tell the leader."""
    if current.is_under_review:
        current.end_review()
        act.tell(current.leader_id, "review_over", part=current.number)


def _submission(act: Act) -> LedgerEntry:
    """The handler's entry whose words wait for the review."""
    draft, together = running_round(act).draft_id, Together()
    submitted = together.rows(LedgerEntry, matter_id=[act.matter.pk], verb=["submit_for_review"], texts_id=[draft])
    words = together.rows(PersonalData, id=[draft])
    entry = submitted()[-1]
    (entry.texts,) = words()
    return entry
