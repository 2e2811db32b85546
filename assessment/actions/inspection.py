"""The unit's self-inspection report, and what follows if there is none when it is due (R43–R46)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.documents.issuing import issue
from accountability.documents.phrases import wording_of
from accountability.files.attachments import claim
from accountability.files.fields import Files
from accountability.gate.act import Act, Batch, refuse_unless
from accountability.gate.fields import Choice, Person, Text
from accountability.gate.sweeper import ON_MISS
from accountability.gate.verbs import verb
from accountability.models import Attachment, Deadline, Employee
from assessment import permissions
from assessment.actions.determination import ask_to_determine, determine
from assessment.actions.notify import tell_marketing, tell_unit
from assessment.cases import candidates
from assessment.cases.fields import Staff
from assessment.declarations.limits import Kind
from assessment.documents import circular_text
from assessment.documents.numbering import number_by, short_name
from assessment.documents.record import Record
from assessment.models import Case, CaseState, Circular, Conclusion, Evidence, NamedPerson, Report


@verb(
    Case, _("提交自查报告"),
    Choice(name="conclusion", label=_("结论"), choices=tuple((c.value, c.label) for c in Conclusion)),
    Text(name="facts", label=_("事件经过与原因"), rows=6),
    Staff(name="persons", label=_("具体责任人"), required=False, likely=candidates.to_be_named,
          parts=candidates.parts_told, even_gone=True, help=_("承认违反的，至少明确一名责任人（R44）。")),
    Text(name="statement", label=_("异议说明"), required=False, rows=4,
         help=_("有异议的，须说明并提供证据材料（R46）。")),
    Files(name="evidence", label=_("证据材料"), required=False),
    Person(name="signer", label=_("签发人"), among=candidates.signers,
           help=_("报告自签发人本人签发时起才算报送；请在时限内签发。")),
    rule="R43",
    permission=permissions.file_report, states=[CaseState.NOTIFIED, CaseState.DEEMED_VIOLATION, CaseState.CLOSED],
    when=[permissions.report_is_missing],
    icon="paper",
    read_by=("unit",), told_awaited=True,
)  # fmt: skip
def file_report(
    act: Act, *, conclusion: str, facts: str, signer: Employee, persons: list[Employee] | None = None,
    statement: str = "", evidence: list[Attachment] | None = None,
) -> None:  # fmt: skip
    """File facts, conclusion, and who is responsible or why nobody is. The report counts once its signer has signed it;
    if the signer files it, that is the signature. After the limit it is kept as a late file and changes nothing (R45).
    """
    case: Case = act.subject
    persons, evidence = persons or [], evidence or []
    assert act.actor is not None
    _demand(conclusion, persons, statement, evidence)
    _refuse_strangers(act, persons)
    refuse_unless(
        candidates.may_sign_for(case.unit_id, signer, act.actor),
        _("签发人应是本单位负责人、接口人或副接口人。"),
        "signer",
    )
    _write(act, conclusion, signer, persons, evidence)
    if signer.pk == act.actor.pk:
        _receive(act)
    else:
        act.tell(signer.pk, "to_do", verb="sign_report")


def _demand(conclusion: str, persons: list[Employee], statement: str, evidence: list[Attachment]) -> None:
    if conclusion == Conclusion.ADMITTED:
        refuse_unless(persons, _("承认违反的，应明确具体责任人，至少一名。"), "persons")
        return
    refuse_unless(statement, _("有异议的，应在报告中说明。"), "statement")
    refuse_unless(evidence, _("有异议的，应提供可以证明本单位没有违规的证据，至少一份。"), "evidence")


def _refuse_strangers(act: Act, persons: list[Employee]) -> None:
    """Refuse a report that names people who took no part; so a unit can't name its accuser (R44)."""
    assert act.actor is not None
    wanted = [person.pk for person in persons]
    able = set(candidates.to_be_named(act.subject, act.actor).filter(pk__in=wanted).values_list("pk", flat=True))
    others = "、".join(str(person) for person in persons if person.pk not in able)
    sentence = _("只能写明本单位人员，或在关联投诉中确认、完成过配合任务的人员：%(names)s不是。")
    refuse_unless(not others, sentence % {"names": others}, "persons")


def _write(
    act: Act, conclusion: str, signer: Employee, persons: list[Employee], evidence: list[Attachment]
) -> None:  # fmt: skip
    """Write the report that waits for its signer, in place of an earlier unsigned one."""
    case: Case = act.subject
    assert act.actor is not None
    assert act.entry is not None
    if (before := case.waiting_report) is not None:
        before.replaced_at = act.at
    report = Report(
        case=case, conclusion=conclusion, texts=act.entry.texts, filed_by=act.actor.employee, filed_at=act.at,
        signer=signer,
    )  # fmt: skip
    act.changes.new(report)
    for person in persons:
        act.changes.new(NamedPerson(report=report, person=person))
    claim(act, evidence)
    for file in evidence:
        act.changes.new(Evidence(report=report, file=file))
    report.named = [person.pk for person in persons]
    case.report_rows.append(report)


@verb(
    Case, _("签发自查报告"), rule="R43",
    permission=permissions.sign_report, states=[CaseState.NOTIFIED, CaseState.DEEMED_VIOLATION, CaseState.CLOSED],
    when=[permissions.report_waits],
    icon="check", tone="ok",
    seen=lambda case: [case.waiting_report and case.waiting_report.texts_id],
    read_by=("unit",), told_awaited=True,
)  # fmt: skip
def sign_report(act: Act) -> None:
    """The signer's own act: from now on the report counts."""
    _receive(act)


def _receive(act: Act) -> None:
    """Act on the signed report: in time it decides what comes next, late it is only kept."""
    case: Case = act.subject
    report = case.waiting_report
    assert report is not None
    report.signed_at = act.at
    if case.state == CaseState.NOTIFIED and report.conclusion == Conclusion.ADMITTED:
        ask_to_determine(act)
    issue(act, "report", number=number_by(act, "report_prefix", unit=short_name(case.unit.name)))
    if case.state != CaseState.NOTIFIED:
        report.late = True
        act.note(late=True)
        tell_marketing(act, "late_report")
        return
    act.meet(Kind.REPORT)
    if report.conclusion == Conclusion.ADMITTED:
        case.admit()
        determine(act, violated=True, at=act.at)
    else:
        case.dispute()
    tell_marketing(act, "report_filed")


def deem(act: Act, deadline: Deadline) -> None:
    """No report when it was due: a violation as of that instant, the circular drafted, no panel (R45)."""
    case: Case = act.subject
    if case.state != CaseState.NOTIFIED:
        return
    due = deadline.due_at
    assert due is not None
    case.deem()
    act.record("deemed_violation", act.batch.system, at=due, part=0)
    record = act.batch.once("record", lambda _ids: Record(_cases_of(act.batch)))
    determine(act, violated=True, at=due, read=record)
    _draft_circular(act, due, record)
    tell_unit(act, "deemed")
    tell_marketing(act, "deemed")


def _cases_of(batch: Batch) -> list[Case]:
    return [act.subject for act in batch.acts if isinstance(act.subject, Case)]


def _draft_circular(act: Act, at: datetime, record: Record) -> None:
    case: Case = act.subject
    texts: dict[str, Any] = {"body": circular_text(case, wording_of(act.batch), record)}
    drafted = Circular(
        case=case, unit=case.unit, drafted_by=act.batch.system, drafted_at=at, texts=act.sealed("circular", texts)
    )
    act.changes.new(drafted)
    case.circular_rows.append(drafted)


ON_MISS[Kind.REPORT] = deem
