"""How a case begins: the centre's sheet (R38–R40), or marketing's own judgement (R41); or it is declined."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.documents.issuing import issue
from accountability.documents.phrases import ask_wording
from accountability.gate.act import Act, lock, refuse_unless
from accountability.gate.fields import Choice, InUnit, Lines, Person, Reference, Text
from accountability.gate.verbs import verb
from accountability.models import Deadline, Employee, Unit
from assessment import permissions
from assessment.actions.approving import ask_approval
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.actions.quoting import NOT_CUSTOMER, refuse_identity, refuse_quotes
from assessment.cases import candidates
from assessment.cases.unjudged import settle_alarms
from assessment.declarations.limits import Kind
from assessment.documents.numbering import number_by, number_typed
from assessment.models import ROUTE_TWO, SHEETS, Case, CaseComplaint, LeadMark, Sheet, Source, code_of, open_leads
from assessment.models.states import BEFORE_NOTICE, DETERMINED, OF_A_FAULT, CaseState
from complaints.fields.kinds import Complaints
from complaints.models import Complaint, Cooperation, Round


@verb(
    Case, _("发出互动单"),
    InUnit(name="unit", label=_("涉嫌单位")),
    Complaints(name="complaints", label=_("关联投诉"), help=_("投诉编号，每行一个，至少一件。")),
    Person(name="person", label=_("首问责任人"), even_gone=True),
    Text(name="description", label=_("违规问题描述"), rows=5),
    Lines(name="evidence", label=_("判定依据"), help=_("每行一项，至少一项。")),
    creates=True, rule="R39",
    permission=permissions.issue_sheet,
    icon="paper", tone="info",
    read_by=("centre",),
)  # fmt: skip
def issue_sheet(
    act: Act, *, unit: Unit, complaints: list[Complaint], person: Employee, description: str, evidence: str
) -> None:
    """Route 1: the centre judges by its customers' complaints and tells only the marketing department (R40)."""
    refuse_own_department(unit)
    centre = unit.kind == Unit.Kind.SERVICE_CENTRE
    refuse_unless(not centre, _("涉及客服中心自身的，由市场部立案。"), "unit")
    _refuse_unregistered(complaints)
    refuse_unless(
        person.unit_id == unit.pk or _took_part(unit, person, complaints),
        _("首问责任人应是该单位的人员。"), "person",
    )  # fmt: skip
    case: Case = act.subject
    case.issue_sheet()
    begin(act, unit, Source.SHEET, complaints, by_centre=True)
    assert act.actor is not None
    assert act.entry is not None
    sheet = Sheet(
        case=case, number=f"{SHEETS}{day_of(act.at).year}-{code_of('sheet', act.matter.pk)}", unit=unit, person=person,
        issued_by=act.actor.employee, issued_at=act.at, texts=act.entry.texts,
    )  # fmt: skip
    act.changes.new(sheet)
    ask_wording(act.batch)  # with the calendar
    issue(act, "sheet", sheet=sheet)
    lock(sorted(case.complaint_ids))
    take_up(act, open_leads(unit=unit, matter_id__in=case.complaint_ids))
    _start_notice(act)
    tell_marketing(act, "sheet_received")


def _refuse_unregistered(complaints: Iterable[Complaint]) -> None:
    early = [str(complaint) for complaint in complaints if complaint.registered_at is None]
    refuse_unless(not early, _("尚未登记受理：%(numbers)s。") % {"numbers": "、".join(early)}, "complaints")


def _took_part(unit: Unit, person: Employee, complaints: Iterable[Complaint]) -> bool:
    """Whether they were recorded for the unit on one of these complaints, wherever they work now."""
    ids = [complaint.pk for complaint in complaints]
    stamped = Round.objects.filter(complaint_id__in=ids, unit=unit)
    if any(stamped.filter(**{role: person}).exists() for role in ("handler", "leader", "contact", "head")):
        return True
    parts = Cooperation.objects.filter(coordination__round__complaint_id__in=ids, unit=unit)
    return any(parts.filter(**{role: person}).exists() for role in ("handler", "leader", "confirmed_by", "finished_by"))


@verb(
    Case, _("直接立案"),
    InUnit(name="unit", label=_("涉嫌单位")),
    Choice(name="source", label=_("来源"), choices=tuple((s.value, s.label) for s in ROUTE_TWO)),
    Text(name="description", label=_("反映的问题"), rows=5),
    Complaints(name="complaints", label=_("关联投诉"), required=False, help=_("投诉编号，每行一个，可不填。")),
    creates=True, rule="R41",
    permission=permissions.open_case,
    icon="plus", tone="info",
)  # fmt: skip
def open_case(
    act: Act, *, unit: Unit, source: str, description: str, complaints: list[Complaint] | None = None
) -> None:
    """Route 2: a report from above, a leader or an important customer; the marketing department judges on its own."""
    refuse_own_department(unit)
    _refuse_unregistered(complaints or [])
    case: Case = act.subject
    case.open_case()
    begin(act, unit, Source(source), complaints or [], by_centre=False)
    assert act.actor is not None
    case.officer = act.actor.employee
    lock(sorted(case.complaint_ids))
    take_up(act, open_leads(unit=unit, matter_id__in=case.complaint_ids))
    _start_notice(act)


def refuse_own_department(unit: Unit, field_name: str | None = "unit") -> None:
    """The marketing department can't judge its own violation; that is decided above it."""
    own = unit.kind == Unit.Kind.MARKETING
    refuse_unless(not own, _("涉及市场部自身的，不能由市场部定责，请报上级处理。"), field_name)


def begin(act: Act, unit: Unit, source: Source, complaints: list[Complaint], *, by_centre: bool) -> None:
    """What every case gets when it begins; its text is in the act's own sealed row."""
    case: Case = act.subject
    assert act.actor is not None
    assert act.entry is not None
    case.unit, case.source, case.by_centre = unit, source, by_centre
    case.opened_by, case.opened_at, case.texts = act.actor.employee, act.at, act.entry.texts
    case.complaint_ids = [complaint.pk for complaint in complaints]
    for complaint in complaints:
        act.changes.new(CaseComplaint(case=case, complaint=complaint))


def take_up(act: Act, leads: Iterable[Deadline]) -> None:
    """Assign these leads to the case; what is missed later is a new lead.

    The complaints' matters are locked before, so that each lead goes to one case only, and none is excused meanwhile.
    """
    assert act.actor is not None
    taken = list(leads)
    settle_alarms(act, taken if act.subject.by_centre else ())  # the centre doesn't know of marketing's own cases
    for deadline in taken:
        mark = LeadMark(deadline=deadline, case=act.subject, marked_by=act.actor.employee, marked_at=act.at)
        act.changes.new(mark)
    act.note(leads=[deadline.pk for deadline in taken])


def _start_notice(act: Act) -> None:
    marketing = next(iter(act.batch.units_of_kind(Unit.Kind.MARKETING)), None)
    act.start(Kind.NOTICE, act.batch.limits.limit("notice"), unit_id=marketing.pk if marketing else None)


@verb(
    Case, _("通知自查"),
    Text(name="check", label=_("需核查的事项"), required=False, rows=4,
         help=_("将写给被查单位，不得引用互动单的内容，不得出现客户姓名或号码。")),
    Reference(name="document_number", label=_("发文字号"), required=False), NOT_CUSTOMER,
    rule="R42",
    permission=permissions.notify_unit,
    icon="bell", tone="warn",
    read_by=("unit", "centre"), told_awaited=True,
)  # fmt: skip
def notify_unit(act: Act, *, check: str = "", document_number: str = "", not_customer: bool = False) -> None:
    """Notify the unit within two working days. From now on it knows of the case, and its five working days run (R42,
    R43).

    An unapproved request to decline lapses. The notice takes the next number if none was typed, and marketing's part is
    added to the sheet.
    """
    case: Case = act.subject
    ask_wording(act.batch)  # with the calendar
    refuse_quotes(case, check, "check")
    refuse_identity(act, check, "check", not_customer=not_customer)
    number = ""
    if document_number:
        refuse_identity(act, document_number, "document_number", not_customer=not_customer)
        number = number_typed(act, document_number, "document_number")
    case.notify_unit()
    case.drop_approval()
    assert act.actor is not None
    assert act.entry is not None
    case.notice = act.entry.texts
    case.notified_at, case.document_number, case.officer = act.at, number, act.actor.employee
    case.notified_head_id = case.unit.head_id
    act.meet(Kind.NOTICE)
    act.start(Kind.REPORT, act.batch.limits.limit("report"), unit_id=case.unit_id)
    issue(act, "notice", number=number or number_by(act, "notice_prefix"))
    if case.source == Source.SHEET:
        issue(act, "sheet", said="sheet_notified")
    tell_unit(act, "self_inspection")


APPROVER = Person(name="approved_by", label=_("请其批准"), among=candidates.leaders_to_ask)


@verb(
    Case, _("不予立案"), Text(name="reason", label=_("理由"), rows=3), APPROVER, rule="R42",
    permission=permissions.decline_case, states=[*BEFORE_NOTICE, *OF_A_FAULT],
    icon="cross", tone="neutral", grave=True,
)  # fmt: skip
def decline_case(act: Act, *, reason: str, approved_by: Employee) -> None:
    """The notice gives no power to drop a sheet, so declining takes a reason and a marketing leader's approval in their
    own session. The leads that the case took up don't reopen.
    """
    ask_approval(act, "decline_case", approved_by)


@verb(
    Case, _("交由他人经办"), Person(name="to", label=_("经办人"), among=candidates.officers), rule="R42",
    permission=permissions.assign_case,
    states=[*BEFORE_NOTICE, *OF_A_FAULT, CaseState.NOTIFIED, CaseState.DISPUTED, *DETERMINED, CaseState.NO_VIOLATION],
    icon="person", tone="info",
)  # fmt: skip
def assign_case(act: Act, *, to: Employee) -> None:
    """Another person of the department answers for the case from now on, for example because of leave or illness."""
    serves = to.pk in act.batch.marketing_ids
    refuse_unless(serves, _("经办人应是市场部在任人员。"), "to")
    refuse_unless(act.subject.officer_id != to.pk, _("已由其经办。"), "to")
    act.subject.officer = to
    act.tell(to.pk, "case_assigned")
