"""A case as one reader may know it, as JSON: what their page of it tells, from the same dossier and masks. Marketing
and auditors read the whole of it, the unit concerned its own part from the notice on, the centre how far its case has
come, and who is asked for one thing what that takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from accountability.documents.kinds import KINDS
from accountability.gate.verbs import find
from accountability.models import Attachment, Paper
from accountability.web.request import Request
from assessment.cases.dossier import Dossier, dossier_of
from assessment.cases.page import CaseFile
from assessment.cases.papers import JudgedRound, Owing, PenaltyLine, ReportPaper, SeatPaper
from assessment.cases.part_table import By, PartTable
from assessment.cases.progress import is_told
from assessment.cases.timeline import timeline
from assessment.documents import showing
from assessment.lists.worklists import Line
from assessment.models import Case, Circular, Ground, LeadMark, Plan
from assessment.views.case import told_of
from complaints.dossier.deadlines import label_of_name
from complaints.models import Round
from config.api.shapes import Json, choice, clock, deadline, entry, instant, person, unit

UNTOLD: Json = {"unit": None, "person": None}
"""Whose limit it is: the pages of a case leave it out."""


def body_of(request: Request, case: Case) -> Json:
    actor, at = request.actor, request.at
    dossier = dossier_of(case, actor)
    whole = dossier.reads_as == "whole"
    return _body(dossier, _of_the_whole(CaseFile(dossier, at)) if whole else told_of(dossier, at))


def _of_the_whole(file: CaseFile) -> dict[str, Any]:
    """What the administration's page of a case tells, by the names that the other pages give it."""
    dossier, case = file.dossier, file.case
    return {
        "holder": file.holder, "steps": file.steps, "entries": timeline(dossier), "paper": file.report,
        "opinion": file.opinion, "reasons": file.decision, "penalties": file.penalties, "owing": file.owing,
        "part_table": file.part_table, "circulars": case.circular_rows, "case": case, "file": file,
    }  # fmt: skip


def _body(dossier: Dossier, told: Mapping[str, Any]) -> Json:
    case, file = dossier.case, told.get("file")
    tells = dossier.reads_as != "asked"
    return {
        "number": str(case.matter.number),
        "reads_as": dossier.reads_as,
        "unit": unit(case.unit),
        "is_fault": case.is_fault,
        "state": choice(case.state, case.get_state_display()) if tells else None,
        "source": choice(case.source, case.get_source_display()) if dossier.reads_as in ("whole", "centre") else None,
        "present": _present(dossier, told) if tells else None,
        "steps": [choice(step["state"], step["label"]) for step in told.get("steps", ())],
        "opened": {"at": instant(case.opened_at), "by": person(case.opened_by)} if file else None,
        "officer": person(case.officer) if file else None,
        "annulled_at": instant(case.annulled_at) if tells else None,
        "closed_at": instant(case.closed_at) if file else None,
        "charge": _charge(dossier) if dossier.reads_as in ("whole", "unit") or dossier.case.is_fault else None,
        "description": file.description if file else "",
        "sheet": _sheet(dossier, file),
        "complaints": _complaints(told),
        "rounds": [_round(found) for found in _rounds(dossier, told)],
        "leads": _leads(dossier, told),
        "report": _report(told["paper"]) if told.get("paper") else None,
        "opinion": _opinion(case, told),
        "finding": _finding(dossier, told) if dossier.determined else None,
        "panel": _panel(told),
        "seat": _own_seat(told) if told.get("seat") else None,
        "alleged": told.get("alleged", []),
        "judged": [_judged(found) for found in told.get("judged", ())],
        "penalties": [penalty(line) for line in told.get("penalties", ())],
        "owing": [_owing(line) for line in told.get("owing", ())],
        "parts": _parts(told["part_table"]) if told.get("part_table") else None,
        "circulars": _circulars(told),
        "approval": _approval(file.approval) if file and file.approval else None,
        "plans": [_plan(each) for each in file.plans] if file else [],
        "papers": [_paper(each) for each in dossier.papers] if tells else [],
        "deadlines": [deadline(each) | ({} if file else UNTOLD) for each in _deadlines(dossier, told)],
        "timeline": [entry(each, "") for each in told.get("entries", ())],
    }


# Where it stands


def _present(dossier: Dossier, told: Mapping[str, Any]) -> Json | None:
    """Who must act now, what and until when; only as far as the reader may know it."""
    holder, awaits = told["holder"], dossier.case.awaits
    if "closed" in holder:
        return None
    return {
        "holder": person(holder["holder"]),
        "unit": unit(holder["unit"]),
        "awaits": awaits if is_told(awaits, knows_all=dossier.knows_all) else None,
        "duty": str(holder["duty"]),
        "since": instant(holder["since"]),
        "until": instant(holder["until"]),
    }


def _deadlines(dossier: Dossier, told: Mapping[str, Any]) -> Iterable[Any]:
    """Who is asked for an opinion on a fault knows its limit while they may give it."""
    if dossier.reads_as != "asked":
        return dossier.deadlines
    case, limit = dossier.case, told.get("limit")
    may_give = not find(case, "file_opinion").barred(case, dossier.actor)
    return [limit] if limit is not None and may_give else []


# What it is about


def _charge(dossier: Dossier) -> Json:
    case = dossier.case
    fault = f"{case.round.complaint.matter.number}#{case.round.number}" if case.is_fault and case.round else None
    return {
        "notified_at": instant(case.notified_at),
        "notice_number": dossier.notice_number,
        "round": fault,
        "to_check": dossier.to_check,
    }


def _sheet(dossier: Dossier, file: CaseFile | None) -> Json | None:
    """Of its own sheet the centre is told here that it was sent; its page tells the rest."""
    sheet = dossier.sheet
    if sheet is None:
        return None
    words = file.sheet.words if file and file.sheet else {}
    return {
        "number": sheet.number,
        "title": sheet.title,
        "issued_by": person(sheet.issued_by),
        "issued_at": instant(sheet.issued_at),
        "person": person(sheet.person) if file else None,
        "description": words.get("description", ""),
        "evidence": words.get("evidence", ""),
    }


def _complaints(told: Mapping[str, Any]) -> list[Json]:
    """The customer is told with the sheet, which names them (R39)."""
    if file := told.get("file"):
        has_sheet = file.sheet is not None
        return [
            _complaint(found, customer.masked_content, customer if has_sheet else None)
            for found, customer in file.complained
        ]
    return [_complaint(found, words, None) for found, _rounds, words in told.get("complaints", ())]


def _complaint(found: Any, content: str, customer: Any) -> Json:
    return {
        "number": str(found.matter.number),
        "category": found.category.path if found.category else None,
        "content": content,
        "customer": {"name": customer.masked_name, "phone": customer.masked_phone} if customer else None,
    }


def _rounds(dossier: Dossier, told: Mapping[str, Any]) -> Iterable[Round]:
    if "file" in told:
        return dossier.rounds
    return [found for _complaint, rounds, _words in told.get("complaints", ()) for found in rounds]


def _round(found: Round) -> Json:
    return _held(found) | {"unit": unit(found.unit), "ended_at": instant(found.ended_at)}


def _held(found: Round) -> Json:
    """Who had the round when."""
    return {
        "complaint": str(found.complaint.matter.number),
        "number": found.number,
        "state": choice(found.state, found.get_state_display()),
        **{name: person(getattr(found, name)) for name in ("contact", "handler", "leader")},
        **{name: instant(getattr(found, name)) for name in ("delivered_at", "handed_off_at", "answered_at")},
    }


def _judged(found: JudgedRound) -> Json:
    return _held(found.round) | {"deadlines": [clock(each) for each in found.deadlines]}


def _leads(dossier: Dossier, told: Mapping[str, Any]) -> list[Json]:
    """The misses that the case took up; a member of the panel isn't told of which complaint each is."""
    knows = dossier.reads_as in ("whole", "unit")
    return [_lead(mark, knows=knows) for mark in dossier.leads] if knows or told.get("seat") else []


def _lead(mark: LeadMark, *, knows: bool) -> Json:
    missed = mark.deadline
    return {
        "complaint": str(missed.matter.number) if knows else None,
        "name": missed.name,
        "label": str(label_of_name(missed.name)),
        "due_at": instant(missed.due_at),
        "met_at": instant(missed.met_at),
    }


# What was said and found


def _report(paper: ReportPaper) -> Json:
    report = paper.report
    return {
        "conclusion": choice(report.conclusion, report.get_conclusion_display()),
        "facts": paper.texts.get("facts", ""),
        "statement": paper.texts.get("statement", ""),
        "persons": [person(each) for each in paper.persons],
        "files": [_file(file, name) for file, name in paper.files],
        "filed_by": person(report.filed_by),
        "filed_at": instant(report.filed_at),
        "signer": person(report.signer),
        "signed_at": instant(report.signed_at),
        "is_late": report.late,
    }


def _file(file: Attachment, name: str) -> Json:
    return {"name": name, "size": file.size, "sha256": file.sha256}


def _opinion(case: Case, told: Mapping[str, Any]) -> Json | None:
    if not told.get("opinion"):
        return None
    return {"by": person(case.opinion_by), "at": instant(case.opinion_at), "text": told["opinion"]}


def _finding(dossier: Dossier, told: Mapping[str, Any]) -> Json:
    case = dossier.case
    return {
        "found": dossier.determined,
        "at": instant(case.determined_at),
        "by": person(case.decided_by) if dossier.reads_as == "whole" else None,
        "reasons": told.get("reasons", ""),
    }


def _panel(told: Mapping[str, Any]) -> Json | None:
    """Who called it and recorded it is told with the whole case; a member reads the outcome once all have spoken."""
    if file := told.get("file"):
        paper = file.panel
        return paper and _of_panel(paper.row, paper.seats, paper.words.get("reasons", ""), is_whole=True)
    if not told.get("seat"):
        return None
    return _of_panel(told["panel"], told["seats"], told["reasons"] if told["seats"] else "", is_whole=False)


def _of_panel(panel: Any, seats: Sequence[SeatPaper], reasons: str, *, is_whole: bool) -> Json:
    is_over = panel.recorded_at is not None and bool(seats)
    return {
        "due_at": instant(panel.due_at),
        "appointed_by": person(panel.appointed_by) if is_whole else None,
        "appointed_at": instant(panel.appointed_at) if is_whole else None,
        "seats": [_seat(each) for each in seats],
        "conclusion": choice(panel.conclusion, panel.get_conclusion_display()) if is_over else None,
        "reasons": reasons if is_over else "",
        "recorded_by": person(panel.recorded_by) if is_whole else None,
        "recorded_at": instant(panel.recorded_at) if is_over else None,
    }


def _seat(paper: SeatPaper) -> Json:
    row = paper.row
    is_shown = paper.is_shown and row.replaced_at is None
    return {
        "member": person(row.member),
        "unit": unit(row.member.unit),
        "opinion": choice(row.opinion, row.get_opinion_display()) if is_shown else None,
        "grounds": paper.words.get("grounds", "") if is_shown else "",
        "given_at": instant(row.given_at),
        "replaced_at": instant(row.replaced_at),
        "replaced_because": paper.left,
    }


def _own_seat(told: Mapping[str, Any]) -> Json:
    seat = told["seat"]
    return {
        "opinion": choice(seat.opinion, seat.get_opinion_display()) if seat.given_at else None,
        "grounds": told["grounds"],
        "given_at": instant(seat.given_at),
    }


# What follows


def penalty(line: PenaltyLine, *, knows: bool = True) -> Json:
    """`knows`: the reader may know of the case, and so who recorded it and how it was proved."""
    row = line.penalty
    return {
        "person": person(row.person),
        "grounds": [choice(ground, Ground(ground).label) for ground in row.grounds],
        "months": row.months,
        "reason": line.reason,
        "recorded_by": person(row.recorded_by) if knows else None,
        "recorded_at": instant(row.recorded_at),
        "executed_on": instant(row.executed_on),
        "voucher": row.voucher if knows else "",
        "slip_by": person(row.slip_by) if knows else None,
        "slip_at": instant(row.slip_at) if knows else None,
        "annulled_at": instant(row.annulled_at),
        "refunded_on": instant(row.refunded_on),
        "refund_voucher": row.refund_voucher if knows else "",
        "refund_by": person(row.refund_by) if knows else None,
        "refund_at": instant(row.refund_at) if knows else None,
    }


def _owing(line: Owing) -> Json:
    grounds = [choice(ground, label) for ground, label in zip(line.grounds, line.labels, strict=True)]
    return {"who": str(line.who), "person": person(line.person), "grounds": grounds}


def _parts(table: PartTable) -> Json:
    return {
        "is_determined": table.is_determined,
        "lines": [
            {
                "who": line.who, "unit": line.unit, "ground": str(line.ground), "owes": str(line.owes),
                "by": [_by(each) for each in line.by],
            }
            for line in table.lines
        ],
    }  # fmt: skip


def _by(found: By) -> Json:
    limit = found.deadline
    return {
        "words": str(found.words), "round": found.round, "limit": str(found.limit),
        "due_at": instant(limit.due_at) if limit else None, "met_at": instant(limit.met_at) if limit else None,
    }  # fmt: skip


def _circulars(told: Mapping[str, Any]) -> list[Json]:
    """With their words and drafts for those who read the whole case; to the unit those that were signed."""
    rows: list[Circular] = told.get("circulars", [])
    file = told.get("file")
    for row in rows:
        row.unit = told["case"].unit  # the same, and already read
    if file is None:
        return [_circular(row) for row in rows]
    words = showing.told(file.case, rows, file.at)
    return [
        _circular(row) | {
            "drafted_by": person(row.drafted_by), "drafted_at": instant(row.drafted_at), "signer": person(row.signer),
            "text": words.get(row.pk, ""), "returned_by": person(row.returned_by),
            "returned_at": instant(row.returned_at), "remarks": file.dossier.words(row.remarks).get("remarks", ""),
        }
        for row in rows
    ]  # fmt: skip


def _circular(row: Circular) -> Json:
    untold = dict.fromkeys(("drafted_by", "drafted_at", "signer", "returned_by", "returned_at"))
    return {
        "number": row.number,
        "title": row.title,
        "signed_at": instant(row.signed_at),
        "withdrawn_at": instant(row.withdrawn_at),
        "is_withdrawal": row.withdraws_id is not None,
        "text": "",
        "remarks": "",
    } | untold


def _approval(asked: Mapping[str, Any]) -> Json:
    return {
        "verb": choice(asked["verb"], asked["asked"]),
        "by": person(asked["by"]),
        "at": instant(asked["at"]),
        "approver": person(asked["approver"]),
        "reason": asked["reason"],
    }


def _plan(plan: Plan) -> Json:
    return {
        "number": str(plan.matter.number),
        "state": choice(plan.state, plan.get_state_display()),
        "owner": person(plan.owner),
        "due": instant(plan.due),
    }


def _paper(paper: Paper) -> Json:
    return {
        "kind": choice(paper.kind, KINDS[paper.kind].label),
        "number": paper.number,
        "title": paper.title,
        "issued_at": instant(paper.issued_at),
        "mark": paper.mark,
    }


# A line of the list


def line_body(line: Line) -> Json:
    """As the line of the page's list: what its reader may not know is null."""
    case, matter = line.case, line.case.matter
    return {
        "number": str(matter.number),
        "unit": unit(case.unit),
        "state": choice(case.state, case.get_state_display()) if line.is_seen else None,
        "source": choice(case.source, line.source) if line.source else None,
        "holder": person(line.holder) if line.is_seen else None,
        "holder_unit": unit(matter.holder_unit) if line.is_seen else None,
        "duty": str(line.duty) if line.is_seen else "",
        "deadline": clock(line.clock) if line.clock else None,
        "url": reverse("api_case", args=[matter.number]),
    }
