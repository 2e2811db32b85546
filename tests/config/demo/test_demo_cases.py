"""The demo's second half, played: every state of a case, a desk for each who judges, evidence that opens."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from random import Random
from string import Formatter

import pypdfium2
import pytest

from accountability.files import inspection
from accountability.files.attachments import content_of
from accountability.models import Alarm, Deadline, LedgerEntry, Matter, Paper
from assessment.models import (
    Case,
    CaseState,
    Circular,
    Evidence,
    LeadMark,
    Panel,
    Plan,
    Report,
    Seat,
    open_leads,
)  # fmt: skip
from complaints.models import Complaint, Coordination, Round
from config.demo import papers
from config.demo.accounts import demo_accounts
from config.demo.cases import CASES, TEXTS, Dossier, cases
from config.demo.organisation import Company
from tests.demo import NOW, NUMBER, Demo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker, demo: Demo) -> Iterator[int]:
    """Laid out once for all tests that only look at it; gone after the last of them."""
    with django_db_blocker.unblock(), demo.for_a_module() as acts:
        yield acts


def test_every_case_state_is_there(played):
    assert set(Case.objects.values_list("state", flat=True)) == set(CaseState.values) - {CaseState.NEW}
    assert (Case.objects.count(), Complaint.objects.count()) == (len(CASES), NUMBER)


def test_who_has_something_to_do(played):
    waiting = Counter(Matter.objects.filter(kind="case").values_list("holder__username", "awaits"))
    expected = {
        ("wh.contact", "file_report"): 1, ("wh.head", "file_opinion"): 1, ("yc.head", "sign_report"): 1,
        ("sc.officer", "notify_unit"): 1, ("wl.leader", "give_opinion"): 1, ("sc.officer2", "appoint_panel"): 1,
        ("sc.officer2", "close_case"): 1, ("sc.leader", "approve"): 1, ("sc.leader", "sign_circular"): 1,
        ("jz.head", "penalise"): 1, ("sc.officer", "issue_circular"): 2,
    }  # fmt: skip
    assert {desk: number for desk, number in expected.items() if waiting[desk] != number} == {}
    assert list(Seat.objects.to_speak().values_list("member__username", flat=True)) == ["wl.leader"]


@pytest.mark.rule("R18")
def test_an_answer_waits_for_its_leader_and_one_came_back(played):
    waiting = Counter(Matter.objects.filter(awaits="approve_answer").values_list("holder__username", flat=True))
    assert (waiting["wh.leader"], waiting["yc.leader"]) == (1, 1)
    assert LedgerEntry.objects.filter(verb="send_back_answer").count() == 1


@pytest.mark.rule("R36")
def test_two_units_were_asked_for_material(played):
    asked = Round.objects.exclude(material_asked_at=None).order_by("unit__code")
    assert [(each.unit.code, each.material_alarmed_at is not None) for each in asked] == [("WH", False), ("YC", True)]


@pytest.mark.rule("R14")
def test_marketing_has_convened_and_recorded(played):
    tables = Coordination.objects.filter(convened_by__username="sc.officer")
    assert Counter(table.recorded_at is not None for table in tables) == {True: 1, False: 1}


@pytest.mark.rule("R52")
def test_a_circular_came_back_with_remarks(played):
    returned = Circular.objects.exclude(returned_at=None)
    assert [(each.case.unit.code, each.signer, bool(each.remarks)) for each in returned] == [("XG", None, True)]


@pytest.mark.rule("R38")
def test_a_lead_is_unjudged_too_long(played):
    assert Alarm.objects.filter(kind="lead", cleared_at=None).exists()


@pytest.mark.rule("R38")
def test_leads_wait_and_some_were_set_aside(played):
    heads = set(open_leads(kind="handoff").values_list("matter__complaint__category__parent__name", flat=True))
    assert heads >= {"服务态度与服务规范", "业务办理", "资费与收费争议"}
    aside = LeadMark.objects.filter(case=None)
    assert (aside.filter(restored_at=None).count(), aside.exclude(restored_at=None).count()) == (2, 1)
    assert LeadMark.objects.exclude(case=None).exists()


@pytest.mark.rule("R43")
def test_a_report_clock_is_running(played):
    ours = Deadline.objects.filter(kind="report", met_at=None, missed_at=None, matter__case__unit__code="WH")
    assert (ours.count(), ours.filter(due_at__gt=NOW).count()) == (1, 1)


@pytest.mark.rule("R45")
def test_the_deemed_violation_has_its_draft_and_keeps_the_late_report(played):
    case = Case.objects.get(state="deemed_violation")
    assert [(circular.signed_at, circular.drafted_by.username) for circular in case.circular_rows] == [(None, "system")]
    assert list(Report.objects.filter(case=case).values_list("late", flat=True)) == [True]


@pytest.mark.rule("R54")
def test_an_overdue_slip_is_chased(played):
    slip = Deadline.objects.get(kind="slip", matter__case__unit__code="HS")
    assert (slip.status, slip.chased > 1) == ("missed", True)
    assert Counter(bool(row.slip_at) for row in slip.matter.case.penalty_rows) == {True: 2, False: 1}


@pytest.mark.rule("R52")
def test_a_circular_was_withdrawn_by_another(played):
    withdrawal = Circular.objects.get(withdraws__isnull=False)
    assert (withdrawal.case.state, bool(withdrawal.signed_at)) == ("annulled", True)
    assert Circular.objects.get(withdrawal=withdrawal).withdrawn_at == withdrawal.signed_at


@pytest.mark.rule("R46")
def test_every_evidence_file_opens_as_what_it_is(played):
    files = [evidence.file for evidence in Evidence.objects.select_related("file")]
    assert {file.media_type for file in files} == {"application/pdf", "image/png", "text/plain"}
    ends = {"application/pdf": "a.pdf", "image/png": "a.png", "text/plain": "a.txt"}
    judged = [inspection.judge(ends[file.media_type], content_of(file))[1] for file in files]
    assert judged == [file.media_type for file in files]


@pytest.mark.rule("R46")
def test_what_is_in_the_evidence_shows_its_glyphs(played):
    """The fonts are in the file: a name alone shows nothing where the reader has no such font."""
    files = [row.file for row in Evidence.objects.select_related("file") if row.file.media_type == "application/pdf"]
    for file in files[:3]:
        document = pypdfium2.PdfDocument(content_of(file))
        text = document[0].get_textpage().get_text_range()
        fonts = [font for font in _fonts(document) if not pypdfium2.raw.FPDFFont_GetIsEmbedded(font)]
        document.close()
        assert ("投诉" in text, fonts) == (True, [])


def _fonts(document):
    objects = document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])
    return [pypdfium2.raw.FPDFTextObj_GetFont(each.raw) for each in objects]


@pytest.mark.rule("R16")
def test_a_plan_runs_and_another_was_accepted(played):
    found = Plan.objects.order_by("pk").values_list("state", "unit__code", "case__unit__code", "matter__awaits")
    assert set(found) == {("open", "HS", "HS", "report_plan_done"), ("closed", "WG", "WG", "")}
    duties = Deadline.objects.filter(kind="rectification").order_by("pk")
    assert {(duty.status, duty.due_at is not None and duty.due_at > NOW) for duty in duties} == {
        ("open", True),
        ("met", False),
    }


def test_every_paper_of_the_cases_was_issued(played):
    issued = Counter(Paper.objects.filter(matter__kind="case").values_list("kind", flat=True))
    signed = Circular.objects.filter(signed_at__isnull=False).count()
    reports = Report.objects.filter(signed_at__isnull=False).count()
    panels = Panel.objects.filter(recorded_at__isnull=False).count()
    assert (issued["circular"], issued["report"], issued["panel_record"]) == (signed, reports, panels)
    assert issued["notice"] == Case.objects.exclude(notified_at=None).count()
    assert [issued["fault_opinion"], issued["order"] > issued["fault_opinion"]] == [1, True]


def test_no_act_is_earlier_than_the_one_before(played):
    told: dict[int, list[datetime]] = {}
    for matter, at in LedgerEntry.objects.order_by("matter", "seq").values_list("matter_id", "at"):
        told.setdefault(matter, []).append(at)
    by_matter = {matter: times for matter, times in told.items() if Matter.objects.get(pk=matter).kind == "case"}
    assert [matter for matter, times in by_matter.items() if times != sorted(times)] == []


def test_who_judges_is_among_the_printed_accounts(played):
    printed = {account.username for account in demo_accounts()}
    assert printed >= {"sc.officer", "sc.leader", "wh.contact", "wh.head", "wl.leader", "sj.auditor"}


def test_steps_of_a_case_come_in_order_at_any_hour():
    for hour in (0, 9, 23):
        scripts = cases(Company(Random(2)), NOW.replace(hour=hour))
        wrong = [script for script in scripts if (times := [step["at"] for step in script.steps]) != sorted(times)]
        assert wrong == []


def test_every_placeholder_of_the_texts_is_known():
    script = next(script for script in cases(Company(Random(2)), NOW) if isinstance(script, Dossier))
    known, texts = set(script.told), list(_texts(TEXTS))
    assert {name for text in texts for _, name, _, _ in Formatter().parse(text) if name} <= known


def _texts(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def test_a_machine_that_sets_no_pdf_hands_in_the_text(monkeypatch):
    def none(content):
        raise papers.NoPango

    monkeypatch.setattr(papers, "render", none)
    assert papers.letter("标题", ["甲：", "乙。", "丙"]) == ("txt", "标题\r\n甲：\r\n乙。\r\n丙".encode())


def test_the_chart_unpacks_to_its_size():
    made = papers.chart([10, 50, 100])
    width, height = struct.unpack(">II", made[16:24])
    packed = made[made.index(b"IDAT") + 4 : made.index(b"IEND") - 8]
    assert len(zlib.decompress(packed)) == (width + 1) * height
