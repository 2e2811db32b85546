"""Who may read which paper of a case, and that none tells what its readers may not know."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.documents.content import Content
from accountability.documents.kinds import KINDS
from accountability.gate.act import Order
from accountability.gate.subjects import Organisation
from accountability.models import AccessLog, Category, LedgerEntry, Matter, Paper
from accountability.security.masking import mask_customer
from assessment.models import Case
from complaints.models import Complaint, MassEvent
from tests.assessment.bulletins.made_bulletins import Bulletins
from tests.assessment.docket import SHEET_LINE, Docket, told
from tests.assessment.documents.test_words import admitted, fault, judged
from tests.assessment.paper_trail import NAME, PHONE, PLANTED, expected, issued, readers, words
from tests.assessment.plans.made_plans import Plans
from tests.assessment.rankings.made_rankings import Rankings

rule = pytest.mark.rule
ClientFor = Callable[[str], Client]

CENTRE = ("kf.agent", "kf.supervisor")
JUDGES = ("sc.officer", "sc.leader", "sj.auditor")
OF_THE_UNIT = ("wh.contact", "wh.deputy", "wh.head")
OTHERS = ("kf.head", "wh.zhang", "wh.leader", "yc.contact", "yc.head", "sj.plain")
PEOPLE = (*CENTRE, *JUDGES, *OF_THE_UNIT, *OTHERS)


@rule("R40")
def test_the_sheet_is_the_issuing_roles_marketings_and_the_auditors(docket: Docket) -> None:
    for paper in issued(docket.upto("closed"), "sheet"):
        assert readers(docket, paper, PEOPLE) == [*CENTRE, *JUDGES]


@rule("R42")
@rule("R43")
@rule("R49")
@pytest.mark.parametrize("kind", ["notice", "report", "order"])
def test_what_passes_between_the_unit_and_its_judges(kind: str, docket: Docket) -> None:
    (paper,) = issued(admitted(docket), kind)
    assert readers(docket, paper, PEOPLE) == [*JUDGES, *OF_THE_UNIT]


@rule("R48")
def test_a_member_of_the_panel_reads_the_report_and_not_what_the_others_said(docket: Docket) -> None:
    """kf.head sits on it, of no office in the case otherwise."""
    case = judged(docket)
    found = {kind: readers(docket, issued(case, kind)[0], PEOPLE) for kind in ("report", "panel_record", "order")}
    assert found == {
        "report": [*JUDGES, *OF_THE_UNIT, "kf.head"],
        "panel_record": [*JUDGES],
        "order": [*JUDGES, *OF_THE_UNIT],
    }


@rule("R22")
def test_the_opinion_on_a_contacts_fault_is_the_units_and_its_judges(docket: Docket) -> None:
    (paper,) = issued(fault(docket), "fault_opinion")
    assert readers(docket, paper, PEOPLE) == [*JUDGES, *OF_THE_UNIT]


@rule("R52")
def test_a_signed_circular_is_everybodys(docket: Docket) -> None:
    (paper,) = issued(docket.upto("circular issued"), "circular")
    assert readers(docket, paper, PEOPLE) == [*PEOPLE]


@rule("R40")
def test_nothing_of_the_sheet_stands_in_what_the_unit_reads(docket: Docket) -> None:
    """Not a line of it, not its number, not its name, and no sign that there is one."""
    case = judged(docket)
    seen = [words(paper) for kind in ("notice", "report", "order") for paper in issued(case, kind)]
    hidden = (
        "互动单",
        "接单后超过三十分钟仍未交办",
        "无人受理",
        "派单与交办的记录",
        "第二次来电",
        "HD编号",
        "客户服务中心",
    )
    assert [[text for text in hidden if text in told] for told in seen] == [[]] * 3


@rule("R40")
def test_a_notice_that_quotes_the_sheet_is_refused(docket: Docket) -> None:
    refusal = docket.refused("notify_unit", "sc.officer", docket.upto("sheet_issued"), check=SHEET_LINE)
    assert list(refusal.fields) == ["check"]


@rule("R42")
@pytest.mark.parametrize(
    "told", [PLANTED, "王 建 国", "１３８ ７１２３－４５６７", "138-7123-4567", "王_建_国", "138(7123)4567"]
)
def test_a_notice_that_tells_who_the_customer_is_is_refused(told: str, docket: Docket) -> None:
    refusal = docket.refused("notify_unit", "sc.officer", docket.upto("sheet_issued"), check=f"请核查{told}的投诉。")
    assert refusal.fields["check"].startswith("不得出现客户")


@rule("R42")
@pytest.mark.parametrize("told", ["王建国", "138-7123-4567", "汪建国"])
def test_nor_a_name_or_number_under_which_they_stood_here(told: str, docket: Docket) -> None:
    case = docket.upto("sheet_issued")
    for complaint in Complaint.objects.filter(pk__in=case.complaint_ids):
        docket.play("correct", "kf.agent", complaint, customer="汪建国", phone="13987654321", reason="听错。")
    refusal = docket.refused("notify_unit", "sc.officer", case, check=f"请核查{told}的投诉。")
    assert refusal.fields["check"].startswith("不得出现客户")


@rule("R39")
@pytest.mark.parametrize("reach", [judged, fault])
def test_no_paper_has_a_name_or_number_of_the_customer(reach: Callable[[Docket], Case], docket: Docket) -> None:
    """They were planted into every text; those that go out to many don't even have them masked."""
    case = reach(docket)
    papers = list(Paper.objects.filter(matter=case.pk))
    assert [paper.kind for paper in papers if NAME in str(paper.text) or PHONE in str(paper.text)] == []
    masked = {paper.kind for paper in papers if "138****4567" in words(paper) or "王**" in words(paper)}
    assert masked & {"notice", "order", "circular"} == set()


# Reading


@rule("R40")
def test_reading_the_sheets_paper_is_noted_as_reading_the_sheet(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("sheet_issued")
    (paper,) = issued(case, "sheet")
    place = reverse("paper", args=[paper.token])
    answers = [client_for(who).get(place).status_code for who in ("sc.officer", "wh.head")]
    noted = AccessLog.objects.filter(action="sheet", matter=case.pk).order_by("pk")
    assert answers == [200, 404]
    assert list(noted.values_list("actor__username", "result")) == [("sc.officer", "ok"), ("wh.head", "refused")]


@rule("R52")
def test_a_draft_of_the_circular_is_marketings_to_look_at(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("circular laid before")
    place = reverse("paper_draft", args=["circular", case.matter.number, case.circular_rows[0].pk])
    answers = [client_for(who).post(place).status_code for who in ("sc.officer", "sj.auditor", "wh.head", "kf.agent")]
    draft = Paper.objects.get(issued_at=None)
    assert (answers, draft.issued_by.username, draft.number) == ([302, 404, 404, 404], "sc.officer", "")
    assert words(draft) == expected("circular-draft")
    page = client_for("sc.officer").get(reverse("paper", args=[draft.token]))
    assert "草稿" in page.content.decode()


@rule("R52")
def test_what_is_signed_or_of_another_case_is_no_draft(docket: Docket, client_for: ClientFor) -> None:
    case, other = docket.upto("circular issued"), docket.upto("circular laid before")
    expected = dict.fromkeys(case.circular_rows, 302) | dict.fromkeys(other.circular_rows, 404)
    assert len(expected) == 2
    for circular, status in expected.items():
        place = reverse("paper_draft", args=["circular", case.matter.number, circular.pk])
        answer = client_for("sc.officer").post(place)
        assert (answer.status_code, Paper.objects.filter(issued_at=None).count()) == (status, 0)


MATTERS: dict[str, Callable[[Docket, Bulletins, Rankings, Plans], Any]] = {
    "organisation": lambda *_others: Organisation.standing(),
    "complaint": lambda docket, *_others: docket.play.upto("accepted"),
    "case": lambda docket, *_others: docket.upto("circular laid before"),
    "mass": lambda docket, *_others: MassEvent.objects.create(
        matter=Matter.objects.create(kind="mass", number="DM2026-1", opened_at=docket.play.now.at),
        region="武汉", head=Category.objects.filter(parent=None)[0], since=docket.play.now.at,
    ),
    "plan": lambda _docket, _bulletins, _rankings, plans: plans.open(),
    "bulletin": lambda _docket, bulletins, *_others: bulletins.drafted(),
    "ranking": lambda _docket, _bulletins, rankings, _plans: rankings.draft({"WH": (1, 2)}),
}  # fmt: skip
DRAFTED = {"circular": "case", "bulletin": "bulletin", "ranking": "ranking"}


@pytest.mark.parametrize("kind_of_matter", MATTERS)
def test_a_draft_of_what_has_none_is_not_found(
    kind_of_matter: str, docket: Docket, bulletins: Bulletins, rankings: Rankings, plans: Plans, client_for: ClientFor
) -> None:
    """Each kind of paper for each kind of matter: another's answers like one that doesn't exist, whoever asks."""
    number = MATTERS[kind_of_matter](docket, bulletins, rankings, plans).matter.number
    for who in ("sc.officer", "kf.supervisor"):
        client = client_for(who)
        for kind in KINDS:
            parts = (0, 1, 2**31 - 1, 2**31) if DRAFTED.get(kind) != kind_of_matter else (2**31 - 1, 10**30)
            places = [reverse("paper_draft", args=[kind, number, part]) for part in parts]
            assert [client.post(place).status_code for place in places] == [404] * len(places)
    assert Paper.objects.filter(issued_at=None).count() == 0


TABLES = re.compile(r'^\w+|(?:FROM|INTO|JOIN|UPDATE) "\w+"')


@rule("R40")
@pytest.mark.lesson(15)
@pytest.mark.usefixtures("sent_as_written")
def test_a_hidden_case_costs_what_a_number_of_nothing_costs(docket: Docket, client_for: ClientFor) -> None:
    """The unit may not know of the case: for it the draft takes the same statements, and is noted, in both cases."""
    case = docket.upto("sheet_issued")
    for who in ("wh.head", "wh.contact", "yc.head", "kf.head"):
        client = client_for(who)
        told = []
        for number in (str(case.matter.number), "AJ2026-99999999"):
            with CaptureQueriesContext(connection) as sent:
                answer = client.post(reverse("paper_draft", args=["circular", number, 1]))
            assert answer.status_code == 404
            told.append([TABLES.findall(query["sql"]) for query in sent])
        assert told[0] == told[1]
    noted = AccessLog.objects.filter(action="paper_draft", result="refused").order_by("pk")
    once = [(case.pk, "circular 1"), (None, "circular AJ2026-99999999 1")]
    assert list(noted.values_list("matter", "detail")) == once * 4


# The pages that link them


def linked(client: Client, place: str) -> list[str]:
    """The kinds of paper that a page links to."""
    answer = client.get(place)
    assert answer.status_code == 200
    page = answer.content.decode()
    return [paper.kind for paper in Paper.objects.order_by("pk") if reverse("paper", args=[paper.token]) in page]


def test_pages_link_what_their_reader_may_read(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("closed")
    sheet, circular = case.sheet, case.circular_rows[0]
    page = reverse("case", args=[case.matter.number])
    found = {
        "unit": linked(client_for("wh.head"), page),
        "centre": linked(client_for("kf.agent"), page),
        "marketing": linked(client_for("sc.officer"), reverse("admin:assessment_case_change", args=[case.pk])),
        "sheet": linked(client_for("kf.agent"), reverse("sheet", args=[sheet.number])),
        "circular": linked(client_for("sj.plain"), reverse("circular", args=[circular.pk])),
    }
    assert found == {
        "unit": ["notice", "order", "report", "circular"],
        "centre": ["sheet", "sheet", "circular"],
        "marketing": ["sheet", "notice", "sheet", "order", "report", "circular"],
        "sheet": ["sheet", "sheet"],
        "circular": ["circular"],
    }


@rule("R42")
def test_the_number_of_the_notice_stands_on_the_units_page(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("notified")
    page = client_for("wh.head").get(reverse("case", args=[case.matter.number])).content.decode()
    assert "鄂市通〔2026〕1号" in page


def test_composing_several_at_once_asks_no_more(docket: Docket, django_assert_num_queries: Any) -> None:
    """A kind composes the papers of three cases with as many queries as that of one."""
    cases = [docket.again(docket.upto("circular laid before")) for _ in range(3)]
    orders = [Order("circular", case, docket.now.at, part=case.circular_rows[0].pk) for case in cases]
    for several in (orders[:1], orders):
        with django_assert_num_queries(2):
            contents = list(KINDS["circular"].compose(several))
        assert [type(content) for content in contents] == [Content] * len(several)


def renamed(docket: Docket, case: Case, customer: str, phone: str = "13987654321") -> Case:
    """The customer of the case's complaint has this name."""
    for complaint in Complaint.objects.filter(pk__in=case.complaint_ids):
        docket.play("correct", "kf.agent", complaint, customer=customer, phone=phone, reason="听错。")
    return case


@rule("R52")
def test_a_name_that_is_a_word_is_shown_and_may_be_stated_not_to_mean_the_customer(docket: Docket) -> None:
    """The statement is in the record, and every auditor is told; without it the paper is refused."""
    case = renamed(docket, docket.upto("sheet_issued"), "文明")
    check = "请核查：\n贵部精神文 明建设中是否有此事。"
    refusal = docket.refused("notify_unit", "sc.officer", case, check=check)
    assert "第2行“： 贵部精神【文 明】建设中是否有”" in refusal.fields["check"]
    assert docket.refused("notify_unit", "sc.officer", case, check=check, not_customer=False).fields == refusal.fields
    case = docket("notify_unit", "sc.officer", case, check=check, not_customer=True)
    entry = LedgerEntry.objects.filter(matter=case.matter, verb="notify_unit").get()
    assert entry.facts["not_customer"] is True
    assert told(case, "not_customer_stated") == {"sj.auditor"}


@rule("R52")
def test_who_states_it_where_nothing_hits_bothers_no_auditor(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket.upto("sheet_issued"), check="请核查。", not_customer=True)
    assert told(case, "not_customer_stated") == set()


@rule("R52")
def test_a_number_cannot_be_stated_away(docket: Docket) -> None:
    case = renamed(docket, docket.upto("sheet_issued"), "文明")
    for number in ("139 8765 4321", "138-7123-4567"):
        refusal = docket.refused("notify_unit", "sc.officer", case, check=f"文明，{number}。", not_customer=True)
        assert f"【{number}】" in refusal.fields["check"]


@rule("R52")
@pytest.mark.parametrize("name", ["客户", "先生", "女 士", "用户", "不详", "（匿名）", "N/A"])
def test_what_is_no_name_is_none(name: str, docket: Docket) -> None:
    case = renamed(docket, docket.upto("sheet_issued"), name)
    check = f"请核查{name}所说的情况。"
    assert docket("notify_unit", "sc.officer", case, check=check).state == "notified"
    assert mask_customer(check, name=name, phone="") == check


@rule("R52")
@pytest.mark.parametrize("name", ["周到", "江河"])
def test_a_circular_with_such_a_word_is_issued_and_the_case_closes(name: str, docket: Docket) -> None:
    case = renamed(docket, docket.upto("penalised"), name)
    body = f"服务不够{name}，予以通报批评。"
    assert name in docket.refused("issue_circular", "sc.officer", case, body=body).fields["body"]
    case = docket("issue_circular", "sc.officer", case, body=body, not_customer=True)
    docket("sign_circular", "sc.leader", case)
