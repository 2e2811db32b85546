"""The verbs of a customer's request about their own data: found, corrected, handed over, deleted, or refused.

Handing over and deleting need a second person. Each of these acts serves R10: the centre answers to the customer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from accountability.db.sql import by_key
from accountability.gate.act import Act, Batch, lock, refuse_unless
from accountability.gate.fields import Choice, Line, Phone, Text
from accountability.gate.verbs import verb
from accountability.models import AccessLog, Employee, PersonalData, Unit
from accountability.organisation.succession import ON_AWAY, hand_on
from accountability.privacy import retention
from complaints import permissions
from complaints.actions.corrections import people_of
from complaints.actions.intake import TEXTS_OF_INTAKE
from complaints.customer_word import outbox
from complaints.data_rights.requests import MOST, bundle_of, kept_back, matters_of, persons_of
from complaints.declarations.limits import Kind
from complaints.dossier.customer import texts_of, with_former
from complaints.fields.kinds import Another, Complaints
from complaints.models import Complaint, RightsFind, RightsRequest
from complaints.models.rights import COPY_WAITS, NEEDS_TWO, Ground, RightsState, Wish

CORRECT = "correct_data"
"""Also the verb in the complaint's own ledger, so that its readers see that the customer's data changed, and why."""

CUSTOMER = Line(name="customer", label=_("客户姓名"), required=False, max_length=60)
PHONE = Phone(name="phone", label=_("联系电话"), required=False, as_recorded=True)
REASON = Text(name="reason", label=_("理由"), rows=3)


# Taken in


@verb(
    RightsRequest, _("受理权利请求"),
    Choice(name="wish", label=_("请求"), choices=tuple(Wish.choices)),
    CUSTOMER, PHONE,
    Text(name="identity", label=_("身份核实"), rows=2, max_length=500,
         help=_("如何核实申请人就是本人或其代理人；不要抄录证件号码。")),
    Text(name="request", label=_("请求内容"), rows=4),
    creates=True, rule="R10",
    permission=permissions.open_rights_request,
    icon="inbox", tone="info",
)  # fmt: skip
def open_rights_request(
    act: Act, *, wish: str, identity: str, request: str, customer: str = "", phone: str = ""
) -> None:
    """A supervisor of the centre takes the request in (R10). The person's complaints are searched for at once."""
    refuse_unless(customer or phone, _("姓名和电话至少填写一项。"), "phone")
    assert act.actor is not None
    assert act.entry is not None
    subject: RightsRequest = act.subject
    subject.opened_by, subject.wish, subject.intake = act.actor.employee, wish, act.entry.texts
    subject.open_rights_request()
    _find(act, matters_of([(customer, phone)]))
    centre = next((unit.pk for unit in act.batch.units_of_kind(Unit.Kind.SERVICE_CENTRE)), None)
    limit = act.batch.limits.limit(Kind.RIGHTS)
    act.start(Kind.RIGHTS, limit, unit_id=centre, person_id=act.actor.pk)


@verb(
    RightsRequest, _("查找投诉"), CUSTOMER, PHONE, rule="R10",
    permission=permissions.find_matters, states=[RightsState.OPEN],
    icon="search", tone="info",
)  # fmt: skip
def find_matters(act: Act, *, customer: str = "", phone: str = "") -> None:
    """Search again, under another number or spelling. What was found before stays (R10)."""
    subject: RightsRequest = act.subject
    _find(act, matters_of([*persons_of(subject), (customer, phone)]))


def _find(act: Act, found: dict[int, bool]) -> None:
    """Record the complaints found, and write in the access log of each who searched."""
    refuse_unless(len(found) <= MOST, _("找到的投诉超过 %(most)s 件，请用号码查找。") % {"most": MOST}, "customer")
    known = {} if act.is_first else {row.complaint_id: row for row in act.subject.finds.all()}
    for pk, by_name in sorted(found.items()):
        if pk not in known:
            act.changes.new(RightsFind(request=act.subject, complaint_id=pk, by_name=by_name))
        elif known[pk].by_name and not by_name:
            act.changes.watch(known[pk])
            known[pk].by_name = False
    act.note(found=len(found))
    _log(act, sorted(found))


def _log(act: Act, ids: Collection[int]) -> None:
    assert act.actor is not None
    assert act.entry is not None
    AccessLog.objects.bulk_create([
        AccessLog(at=act.at, actor=act.actor.employee, action=act.entry.verb, matter_id=pk, result="ok") for pk in ids
    ])  # fmt: skip


# Corrected


@verb(
    RightsRequest, _("更正客户资料"),
    Another(name="complaint", label=_("投诉编号"), help=_("须是本请求找到的投诉。")),
    CUSTOMER, PHONE,
    Text(name="content", label=_("投诉内容（补充或更正后的全文）"), required=False, rows=4),
    REASON, rule="R8",
    permission=permissions.correct_data, states=[RightsState.OPEN],
    icon="edit", tone="warn",
)  # fmt: skip
def correct_data(
    act: Act, *, complaint: Complaint, reason: str, customer: str = "", phone: str = "", content: str = ""
) -> None:
    """Correct the customer's own data in one complaint (R8). What was written before stays in its record; from now on
    the corrected data are shown, found and masked.
    """
    subject: RightsRequest = act.subject
    refuse_unless(subject.wish == Wish.CORRECT, _("本请求不是更正请求。"))
    given = {name: text for name, text in (("customer", customer), ("phone", phone), ("content", content)) if text}
    refuse_unless(given, _("请至少更正一项。"))
    refuse_unless(subject.finds.filter(complaint=complaint.pk).exists(), _("该投诉不在本请求找到的之中。"), "complaint")
    matters = lock([complaint.pk])
    refuse_unless(matters[complaint.pk].deidentified_at is None, _("该投诉已去标识，没有可更正的资料。"), "complaint")
    present = {name: text for name, text in texts_of(_intake_of(complaint)).items() if name in TEXTS_OF_INTAKE}
    refuse_unless(present | given != present, _("与现有登记相同，没有需要更正的内容。"))
    subject.corrections += 1
    (other,) = act.batch.acts_of(Complaint, matters)
    _correct(act, other, present | given, changed=sorted(given))


def _intake_of(complaint: Complaint) -> PersonalData | None:
    return by_key(PersonalData, [complaint.intake_id]).get(complaint.intake_id)


def _correct(act: Act, other: Act, texts: dict[str, str], *, changed: list[str]) -> None:
    assert act.actor is not None
    other.actor = act.actor
    facts = {"request": str(act.matter), "changed": changed}
    texts = with_former(_intake_of(other.subject), texts)
    other.entry = other.record(CORRECT, act.actor.employee, facts=facts, texts=texts, part=0)
    other.subject.intake = other.entry.texts
    if "phone" in changed:
        outbox.follow_number(other)
    for person_id in people_of(other.subject.round) if other.subject.round else ():
        other.tell(person_id, "corrected")


# Handed over or deleted, by two people


@verb(
    RightsRequest, _("提请批准"),
    Complaints(name="complaints", label=_("投诉编号"), help=_("每行一个；仅姓名相同的请先核实是同一人。")),
    Text(name="note", label=_("说明"), required=False, rows=2),
    rule="R10",
    permission=permissions.propose_fulfilment,
    icon="flag", tone="warn",
)  # fmt: skip
def propose_fulfilment(act: Act, *, complaints: list[Complaint], note: str = "") -> None:
    """Propose to hand over a copy of exactly these complaints, or to delete their personal data. Another person
    approves it (R10). A complaint that is open, in a case or in another request can't be deleted.
    """
    subject: RightsRequest = act.subject
    refuse_unless(subject.wish in NEEDS_TWO, _("本请求无需第二人批准，请直接办理。"))
    is_new = subject.state == RightsState.OPEN
    refuse_unless(is_new or subject.wish == Wish.COPY, _("已经删除，不能再次提请。"))
    finds = {row.complaint_id: row for row in subject.finds.all()}
    strange = [str(complaint) for complaint in complaints if complaint.pk not in finds]
    refuse_unless(not strange, _("不在本请求找到的之中：%(numbers)s。") % {"numbers": "、".join(strange)}, "complaints")
    if subject.wish == Wish.DELETE:
        _refuse_kept_back(act, [complaint.pk for complaint in complaints])
    assert act.actor is not None
    subject.propose_fulfilment()
    subject.proposed_by, subject.proposed_at = act.actor.employee, act.at
    subject.approved_by = subject.approved_at = subject.handed_over_at = None
    wanted = {complaint.pk for complaint in complaints}
    for row in finds.values():
        act.changes.watch(row)
        row.is_chosen = row.complaint_id in wanted


def _refuse_kept_back(act: Act, ids: Collection[int]) -> None:
    kept = kept_back(ids, besides=act.matter.pk)
    sentence = _(
        "不能删除：%(numbers)s 未办结，或在案件、其他请求中。请从清单中去掉；全部不能删除的，不予办理并说明理由。"
    )
    refuse_unless(not kept, sentence % {"numbers": "、".join(kept[:5])}, "complaints")


@verb(
    RightsRequest, _("批准"), rule="R10",
    permission=permissions.approve_fulfilment,
    icon="check", tone="ok",
)  # fmt: skip
def approve_fulfilment(act: Act) -> None:
    """A second person approves in their own session (R10). A copy may then be fetched once, within seven days; a
    deletion is carried out at once.
    """
    subject: RightsRequest = act.subject
    assert act.actor is not None
    ids = subject.chosen
    matters = lock(ids) if subject.wish == Wish.DELETE else {}
    if matters:
        _refuse_kept_back(act, ids)
    subject.approve_fulfilment()
    subject.approved_by, subject.approved_at = act.actor.employee, act.at
    act.note(complaints=ids)
    acts = act.batch.acts_of(Complaint, {pk: row for pk, row in matters.items() if row.deidentified_at is None})
    for other in acts:
        other.actor = act.actor
    retention.deidentify(acts, request=str(act.matter))


@verb(
    RightsRequest, _("不批准"), REASON, rule="R10",
    permission=permissions.decline_fulfilment,
    icon="cross", tone="back",
)  # fmt: skip
def decline_fulfilment(act: Act, *, reason: str) -> None:
    """Return it to the proposer, with the reason (R10)."""
    act.subject.decline_fulfilment()
    act.tell(act.subject.proposed_by_id, "rights_declined")


@verb(
    RightsRequest, _("交付副本"), rule="R10",
    permission=permissions.hand_over_copy, states=[RightsState.APPROVED],
    icon="down",
)  # fmt: skip
def hand_over_copy(act: Act) -> None:
    """Hand the copy over, once. The archive is made now, goes to the person who hands it over, and is stored nowhere;
    its digest and its list of complaints stay in the record (R10).
    """
    subject: RightsRequest = act.subject
    refuse_unless(subject.wish == Wish.COPY, _("本请求不是查阅、复制请求。"))
    refuse_unless(subject.handed_over_at is None, _("副本只能下载一次，已经下载；需要重新下载的，请重新提请批准。"))
    assert subject.approved_at is not None
    in_time = act.at <= subject.approved_at + COPY_WAITS
    refuse_unless(in_time, _("批准已超过 %(days)s 天，请重新提请批准。") % {"days": COPY_WAITS.days})
    subject.handed_over_at = act.at
    subject.bundle = bundle_of(subject, act.at)
    ids = subject.chosen
    act.note(complaints=ids, sha256=hashlib.sha256(subject.bundle).hexdigest())
    _log(act, ids)


# Ended


@verb(
    RightsRequest, _("不予办理"),
    Choice(name="ground", label=_("依据"), choices=tuple(Ground.choices)),
    Text(name="reason", label=_("理由"), rows=3, help=_("须告知申请人。")),
    rule="R10",
    permission=permissions.refuse_rights_request,
    icon="cross", tone="neutral", grave=True,
)  # fmt: skip
def refuse_rights_request(act: Act, *, ground: str, reason: str) -> None:
    """The request is not followed, on a ground and with a reason that the customer is told (R10)."""
    _end(act)
    act.subject.refuse_rights_request()
    act.subject.ground = ground


@verb(
    RightsRequest, _("办结"), Text(name="note", label=_("办理结果及告知情况"), rows=3), rule="R10",
    permission=permissions.close_rights_request,
    icon="square-full", tone="ok",
)  # fmt: skip
def close_rights_request(act: Act, *, note: str) -> None:
    """The request was followed, and the customer was told so (R10)."""
    subject: RightsRequest = act.subject
    is_open = subject.state == RightsState.OPEN
    refuse_unless(not (is_open and subject.wish in NEEDS_TWO), _("请先提请批准；不能办理的，不予办理并说明理由。"))
    refuse_unless(subject.wish != Wish.CORRECT or subject.corrections, _("尚未更正；不能更正的，不予办理并说明理由。"))
    refuse_unless(is_open or not subject.owes_copy, _("副本尚未交付。"))
    _end(act)
    subject.close_rights_request()


def _end(act: Act) -> None:
    assert act.entry is not None
    act.subject.answer = act.entry.texts
    act.meet(Kind.RIGHTS)


# Leavers


def pass_on(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """In the sweep: a request whose holder can no longer do the awaited act goes to somebody who can."""
    if gone is not None:
        return 0
    running = RightsRequest.objects.running().select_related("matter").order_by("pk")
    able = {int(row.pk): (row.matter.holder_id, row.able(batch)) for row in running}
    stuck = {pk for pk, (holder, those) in able.items() if those and holder not in those}
    return hand_on(batch, RightsRequest, stuck)


ON_AWAY.append(pass_on)
