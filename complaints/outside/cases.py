"""The verbs for what the telecom authority, 12345, 12315 or headquarters hand over: the case is taken up under their
number, answered by its own day with a letter, or dropped as a mistake (R9).

How the complaint is handled doesn't change: the customer's limits and those of the units run as ever. The centre owes
the answer, also after the complaint was archived.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accountability.documents.issuing import issue
from accountability.files.attachments import claim
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, Instant, Text
from accountability.gate.verbs import verb
from accountability.models import Attachment
from complaints import permissions
from complaints.declarations.limits import answer_to
from complaints.dossier.files import OUTSIDE_LETTER, files_for
from complaints.models import OUTSIDE, Complaint, OutsideCase, conditions
from complaints.models.states import IN_WORK, ONCE_DISPATCHED
from complaints.outside.taking_up import DUE, NUMBER, take_up

BODY = Choice(name="body", label=_("转办单位"), choices=tuple((one.value, one.label) for one in OUTSIDE))


@verb(
    Complaint, _("登记外部转办"), BODY, NUMBER,
    Instant(name="received", label=_("收到时间"), help=_("转办件到达本公司的时刻，如 2026-11-24 09:20。")),
    DUE, files_for(OUTSIDE_LETTER),
    rule="R9", permission=permissions.record_outside_case, states=IN_WORK,
    icon="inbox", tone="warn", group="outside",
)  # fmt: skip
def record_outside_case(
    act: Act, *, body: str, outside_number: str, received: datetime, answer_due: datetime | None = None,
    files: Sequence[Attachment] = (),
) -> None:  # fmt: skip
    """A body outside asks about a complaint that is being handled. It counts as escalated from now on (R12)."""
    complaint: Complaint = act.subject
    assert act.entry is not None
    refuse_unless(received <= act.at, _("收到时间不能晚于现在。"), "received")
    standing = OutsideCase.standing().filter(complaint=complaint.pk, body=body)
    refuse_unless(not standing.exists(), _("该单位的转办尚未答复，不能再登记一件。"), "body")
    claim(act, files, field_name="files")
    act.entry.part = 0
    take_up(act, body, outside_number, received, answer_due)
    complaint.raise_priority()
    for person_id in complaint.told_at_centre(act.batch):
        act.tell(person_id, "outside_case", kind=answer_to(body))


def _standing(act: Act, body: str) -> OutsideCase:
    case = OutsideCase.standing().filter(complaint=act.subject.pk, body=body).first()
    refuse_unless(case, _("没有该单位待答复的转办。"), "body")
    assert case is not None
    act.changes.watch(case)
    act.subject.outside_open -= 1
    return case


@verb(
    Complaint, _("答复转办单位"), BODY, Text(name="content", label=_("办理情况"), rows=6, help=_("印入答复函。")),
    files_for(OUTSIDE_LETTER),
    rule="R9", permission=permissions.answer_outside_case, states=ONCE_DISPATCHED, when=[conditions.outside_stands],
    icon="paper", tone="ok", group="outside",
)  # fmt: skip
def answer_outside_case(act: Act, *, body: str, content: str, files: Sequence[Attachment] = ()) -> None:
    """The centre answers the body with a letter, which is kept as it was sent. Its limit is met."""
    case = _standing(act, body)
    assert act.entry is not None
    claim(act, files, field_name="files")
    act.entry.part = 0
    case.answered_at = act.at
    act.meet(answer_to(body))
    act.note(number=case.number)
    issue(act, "outside_answer", part=case.pk, number=f"{act.matter.number}-{case.pk}".replace("TS", "DF"), case=case)


@verb(
    Complaint, _("撤销外部转办"), BODY, Text(name="reason", label=_("理由"), rows=2),
    rule="R9", permission=permissions.drop_outside_case, states=ONCE_DISPATCHED, when=[conditions.outside_stands],
    icon="back", tone="warn", group="outside",
)  # fmt: skip
def drop_outside_case(act: Act, *, body: str, reason: str) -> None:
    """A supervisor takes back what was recorded by mistake, or what the body withdrew. A limit that was missed stays
    missed (R38 excuses it).
    """
    case = _standing(act, body)
    assert act.entry is not None
    act.entry.part = 0
    case.dropped_at = act.at
    act.void(answer_to(body))
    act.note(number=case.number)
