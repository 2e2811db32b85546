"""The verbs for a unit's note and for what the customer adds (R1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from accountability.files.attachments import claim
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Text, YesNo
from accountability.gate.verbs import verb
from accountability.models import Attachment, Employee
from complaints import permissions
from complaints.dossier.files import NOTE, SUPPLEMENT, files_for
from complaints.fields.candidates import readers_of_note
from complaints.fields.kinds import Mentioned
from complaints.models import Complaint
from complaints.models.states import UNTIL_ARCHIVED


@verb(
    Complaint, _("添加备注"),
    Text(name="note", label=_("备注")),
    YesNo(
        name="shared", label=_("谁能看到"), required=False, yes=_("本单位和对方"), no=_("仅本单位"),
        help=_("各单位的备注与客服中心共享；客服中心的备注与当前首问责任部门共享。"),
    ),
    Mentioned(name="mention", label=_("提醒"), required=False, help=_("被提醒的人会收到通知，须看得到这条备注。")),
    files_for(NOTE),
    rule="R31", permission=permissions.add_note, states=UNTIL_ARCHIVED,
    icon="chat", tone="neutral", timeline="talks", group="talks",
)  # fmt: skip
def add_note(
    act: Act, *, note: str, shared: bool = False, mention: Sequence[Employee] = (), files: Sequence[Attachment] = ()
) -> None:
    """A unit that works on it (R31) writes something down for itself, or shares it with the centre; the centre shares
    with the unit that has the round. What the unit of the round writes, and what the centre shares with it, belongs to
    the round and is read by its people. Any other note belongs to none.
    """
    complaint: Complaint = act.subject
    assert act.actor is not None
    assert act.entry is not None
    claim(act, files, field_name="files")
    named = {person.pk for person in mention}
    readers: Iterable[Employee] = ()
    if named:
        readers = readers_of_note(complaint, act.actor, shared=shared).filter(pk__in=named)
    refuse_unless({reader.pk for reader in readers} == named, _("只能提醒看得到这条备注的人。"), "mention")
    side, in_hand = complaint.side_of(act.actor), complaint.round_in_hand
    of_the_round = in_hand is not None and in_hand.unit_id == side
    if not (of_the_round or (shared and act.actor.reads_every_complaint)):
        act.entry.part = 0
    act.note(of_unit=side, shared=shared)
    for person_id in named:
        act.tell(person_id, "mentioned")


@verb(
    Complaint, _("客户补充"), Text(name="content", label=_("客户补充的内容"), rows=4), files_for(SUPPLEMENT), rule="R1",
    permission=permissions.supplement, states=UNTIL_ARCHIVED,
    icon="plus", tone="info", timeline="talks", group="talks",
)  # fmt: skip
def supplement(act: Act, *, content: str, files: Sequence[Attachment] = ()) -> None:
    """The customer says more, or sends something later (R1). It belongs to the intake, whatever round is running."""
    complaint: Complaint = act.subject
    assert act.entry is not None
    claim(act, files, field_name="files")
    act.entry.part = 0
    handler = complaint.round.works_on_it if complaint.round else None
    for person_id in {act.matter.holder_id, handler, complaint.call_back_by_id}:
        act.tell(person_id, "supplemented")
