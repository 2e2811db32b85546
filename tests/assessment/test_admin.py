"""Violations adjudicated in the administration: who may, the list, the desk and the dossier."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.gate.sweeper import sweep
from accountability.models import AccessLog
from assessment.models import Case, Circular, Penalty
from tests.assessment.adjudicating import LIST, begin, do, page
from tests.assessment.cases import made_cases
from tests.factories import Cast, Now, Play
from tests.looking import OPENING_READS, writes

OUTSIDE = ["kf.agent", "kf.supervisor", "wh.contact", "wh.head", "sj.plain"]
READ_MODELS = ("sheet", "report", "panel", "penalty", "circular")

SignIn = Callable[[str], Client]


def queries(client: Client, place: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(place)
    return len(captured)


# Who may


@pytest.mark.rule("R40")
@pytest.mark.parametrize("username", OUTSIDE)
def test_who_keeps_no_books_is_told_so(play: Play, client_for: SignIn, username: str) -> None:
    case, client = made_cases.by_sheet(play), client_for(username)
    places = [
        LIST,
        page(case),
        do(case, "notify_unit"),
        begin("open_case"),
        reverse("admin:assessment_sheet_changelist"),
    ]
    assert [client.get(place).status_code for place in places] == [403] * 5
    assert client.post(do(case, "notify_unit"), {"check": "请核查。"}).status_code == 403
    assert made_cases.again(case).state == "sheet_issued"


def test_an_auditor_reads_everything_and_is_offered_nothing(play: Play, now: Now, auditor: Client) -> None:
    made = [
        made_cases.by_sheet(play),
        made_cases.fault(play),
        made_cases.penalised(play, made_cases.admitted(play)),
        made_cases.disputed(play),
    ]
    answers = [auditor.get(page(case)) for case in made]
    assert [(answer.status_code, answer.context["offers"]) for answer in answers] == [(200, [])] * 4
    assert [answer.context["dossier"].knows_all for answer in answers] == [True] * 4
    listed = auditor.get(LIST)
    assert (listed.context["offers"], [chip["label"] for chip in listed.context["chips"]]) == (
        [], ["在办", "已超时", "待执行回执", "全部"],
    )  # fmt: skip
    refused = auditor.get(do(made[0], "notify_unit"))
    assert (refused.status_code, refused.context["form"], "file" in refused.context) == (403, None, False)
    posted = auditor.post(do(made[0], "notify_unit"), {"check": "请核查。"})
    assert (posted.status_code, posted.context["can_run"]) == (403, False)
    assert made_cases.again(made[0]).state == "sheet_issued"


def test_nothing_but_the_forms_takes_a_post(play: Play, officer: Client) -> None:
    case = made_cases.by_sheet(play)
    names = ("change", "delete", "history")
    places = [LIST, *(reverse(f"admin:assessment_case_{name}", args=[case.pk]) for name in names)]
    version = reverse("admin:assessment_case_simple_history", args=[case.pk, case.history.latest().pk])
    assert [officer.post(place, {"state": "closed"}).status_code for place in [*places, version]] == [405] * 5
    assert made_cases.again(case).state == "sheet_issued"


@pytest.mark.parametrize("verb", ["issue_sheet", "file_report", "sign_report", "file_opinion", "file_slip", "nonsense"])
def test_what_is_the_units_or_the_centres_is_no_form_here(play: Play, officer: Client, verb: str) -> None:
    case = made_cases.by_sheet(play)
    places = [do(case, verb), begin(verb)]
    assert [(officer.get(place).status_code, officer.post(place, {}).status_code) for place in places] == [
        (404, 404)
    ] * 2


# The list


def test_open_cases_come_first_by_their_nearest_instant(play: Play, now: Now, officer: Client) -> None:
    closed = made_cases.penalised(play, made_cases.deemed(play, now))
    closed = play("sign_circular", "sc.leader", play("issue_circular", "sc.officer", closed, signed_by="sc.leader"))
    closed = play("close_case", "sc.officer", closed)
    first = made_cases.by_sheet(play)
    second = made_cases.notified(play)
    waiting = made_cases.fault(play)
    found = officer.get(f"{LIST}?scope=all")
    assert [line.case.pk for line in found.context["lines"]] == [first.pk, second.pk, waiting.pk, closed.pk]
    assert [line.case.pk for line in officer.get(LIST).context["lines"]] == [first.pk, second.pk, waiting.pk]
    told = [(str(line.step), line.clock and line.clock.kind) for line in found.context["lines"]]
    assert told == [("通知自查", "notice"), ("提交自查报告", "report"), ("提交处理意见", "opinion"), ("", "slip")]
    slips = officer.get(f"{LIST}?scope=slip").context["lines"]
    assert [line.case.pk for line in slips] == [closed.pk]


@pytest.mark.rule("R42")
def test_what_is_overdue_stands_out(play: Play, now: Now, officer: Client) -> None:
    made_cases.by_sheet(play)
    late = made_cases.by_sheet(play)
    play("notify_unit", "sc.officer", late)
    now.forward(days=3)
    found = {line.case.pk: (line.tone, line.clock.kind) for line in officer.get(LIST).context["lines"]}
    assert found[late.pk] == ("", "report")
    assert sorted(found.values()) == [("", "report"), ("danger", "notice")]
    assert len(officer.get(f"{LIST}?scope=late").context["lines"]) == 1
    assert 'class="tone-danger"' in officer.get(LIST).content.decode()


@pytest.mark.rule("R45")
def test_a_report_that_never_came_presses_nobody_any_more(play: Play, now: Now, officer: Client) -> None:
    case = made_cases.deemed(play, now)
    [line] = officer.get(LIST).context["lines"]
    assert (line.clock.kind, line.tone) == ("discipline", "")
    assert case.matter.work_due_at == line.clock.due_at
    assert officer.get(f"{LIST}?scope=late").context["lines"] == []


def test_the_list_is_narrowed(play: Play, cast: Cast, officer: Client) -> None:
    sheet, fault = made_cases.by_sheet(play), made_cases.fault(play)
    admitted = made_cases.admitted(play)
    other = play("open_case", "sc.officer2", Case(), unit="YC", source="leader", description="回复拖延。")
    asked = {
        "scope=mine": {admitted.pk}, "scope=waits": set(),
        "step=notify_unit": {sheet.pk, other.pk}, "unit=YC": {other.pk},
        "source=fault": {fault.pk}, "state=admitted": {admitted.pk}, f"q={other.matter.number}": {other.pk},
        f"q={sheet.sheet.number.lower()}": {sheet.pk}, f"q={sheet.sheet.number[-4:]}&unit=YC": set(), "q=A": set(),
        "unit=nowhere": {sheet.pk, fault.pk, admitted.pk, other.pk},
    }  # fmt: skip
    found = {query: {line.case.pk for line in officer.get(f"{LIST}?{query}").context["lines"]} for query in asked}
    assert found == asked


def test_a_closed_case_is_found_by_its_number(play: Play, officer: Client) -> None:
    case = play("decline_case", "sc.officer", made_cases.by_sheet(play), reason="事实不清。", approved_by="sc.leader")
    play("approve", "sc.leader", case)
    assert officer.get(LIST).context["lines"] == []
    found = officer.get(f"{LIST}?q={case.matter.number}").context["lines"]
    assert [line.case.pk for line in found] == [case.pk]


def test_the_list_is_paged_by_key(play: Play, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "accountability.web.request.page_by_key.__kwdefaults__", {"size": 2, "strict": False, "first": None}
    )
    made = [made_cases.fault(play).pk for _each in range(3)]
    first = officer.get(LIST).context
    rest = officer.get(f"{LIST}?after={first['page'].after}").context
    assert [[line.case.pk for line in one["lines"]] for one in (first, rest)] == [made[:2], made[2:]]


def test_the_list_and_the_desk_cost_the_same_at_any_length(play: Play, officer: Client) -> None:
    made_cases.by_sheet(play)
    places = [LIST, f"{LIST}?scope=waits", reverse("admin:index")]
    for place in places:
        officer.get(place)
    few = [queries(officer, place) for place in places]
    made_cases.by_sheet(play)
    made_cases.admitted(play)
    assert [queries(officer, place) for place in places] == few


def test_a_dossier_costs_the_same_however_much_hangs_on_it(play: Play, officer: Client) -> None:
    first = made_cases.linked(play)
    one = made_cases.by_sheet(play, first)
    several = [made_cases.linked(play, phone=f"1387123000{n}") for n in range(3)]
    play.now.forward(hours=9)
    sweep(play.now.at)
    three = play(
        "issue_sheet", "kf.supervisor", Case(), complaints=[str(each.matter) for each in several], **made_cases.SHEET
    )
    for case in (one, three):
        officer.get(page(case))
    assert queries(officer, page(one)) == queries(officer, page(three))
    with_penalties = [made_cases.again(one), made_cases.again(three)]
    for case in with_penalties:
        told = play("file_report", "wh.head", play("notify_unit", "sc.officer", case), **made_cases.ADMITTED)
        play("penalise", "sc.officer", told, person="wh.zhang", ground="handler", months=1, reason="首次。")
    play(
        "penalise",
        "sc.officer",
        made_cases.again(three),
        person="wh.leader",
        ground="leader",
        months=1,
        reason="首次。",
    )
    assert queries(officer, page(one)) == queries(officer, page(three))


# The desk


def test_the_desk_tells_what_waits_for_a_leader_by_name(play: Play, now: Now, officer: Client, leader: Client) -> None:
    play("decline_case", "sc.officer", made_cases.by_sheet(play), reason="事实不清。", approved_by="sc.leader")
    made_cases.appointed(play, made_cases.disputed(play))
    play("issue_circular", "sc.officer", made_cases.penalised(play, made_cases.admitted(play)), signed_by="sc.leader")
    told = {
        who: "".join(str(line) for line in client.get("/admin/").context["desks"][0]["entries"][0]["lines"])
        for who, client in (("leader", leader), ("officer", officer))
    }
    named = ["待我批准 1 件", "待我签发 1 件", "待我发表意见 1 件"]
    assert [words in told["leader"] for words in named] == [True, True, True]
    assert [words in told["officer"] for words in named] == [False, False, True]
    waits = leader.get(f"{LIST}?scope=waits").context["lines"]
    assert {line.case.state for line in waits} == {"sheet_issued", "disputed", "admitted"}


# The dossier


@pytest.mark.rule("R39")
@pytest.mark.rule("R40")
def test_the_dossier_shows_the_sheet_masked_and_notes_who_read_it(
    play: Play, cast: Cast, officer: Client, auditor: Client
) -> None:
    case = made_cases.by_sheet(play)
    text = officer.get(page(case)).content.decode()
    said = [
        "关于武汉分公司涉嫌违反“首问责任制”的互动单",
        case.sheet.number,
        "八小时内未处理亦未答复客户。",
        "处理时限记录",
        "138****4567",
    ]
    assert [word for word in said if word not in text] == []
    assert [word for word in ("王建国", "13871234567") if word in text] == []
    auditor.get(page(case))
    read = AccessLog.objects.filter(action="sheet").order_by("pk").values_list("actor__username", "matter", "result")
    assert list(read) == [("sc.officer", case.pk, "ok"), ("sj.auditor", case.pk, "ok")]


def test_a_dossier_without_a_sheet_notes_nothing(play: Play, officer: Client) -> None:
    case = made_cases.fault(play)
    before = writes()
    officer.get(page(case))
    assert AccessLog.objects.filter(action="sheet").count() == 0
    assert [sql for sql in writes() if not OPENING_READS.fullmatch(sql)] == before


@pytest.mark.rule("R38")
def test_a_miss_taken_up_says_why_it_was_due_just_then(play: Play, officer: Client) -> None:
    case = made_cases.by_sheet(play)
    found = officer.get(page(case)).context["file"].leads
    assert [(lead.label, str(lead.why.clause.rule), lead.why.differs) for lead in found] == [
        ("处理（第 1 轮）", "R24", False)
    ]
    [lead] = found
    place = reverse("deadline", args=[lead.deadline.matter.number, lead.deadline.pk])
    assert place in officer.get(page(case)).content.decode()


def test_the_dossier_tells_the_whole_story(play: Play, officer: Client, leader: Client) -> None:
    case = made_cases.disputed(play)
    members = ["sc.officer", "sc.leader", "kf.head"]
    case = made_cases.appointed(play, case, members)
    for member in members:
        case = play("give_opinion", member, case, opinion="violated", grounds=f"{member}同意。")
    case = play("record_panel", "sc.officer", case, conclusion="violated", reasons="录音不足为证。")
    case = made_cases.penalised(play, case)
    play("issue_circular", "sc.officer", case, signed_by="sc.leader")
    answer = officer.get(page(case))
    text = answer.content.decode()
    said = [
        "经查情况属实。", "时限内已回复。", "回复录音.txt", "录音不足为证。", "sc.leader同意。", "情节一般。", "待签发",
        "对武汉分公司予以全省通报批评。", "纳入线索 1 条", "逾期",
    ]  # fmt: skip
    assert [word for word in said[:-1] if word not in text] == []
    entries = [str(entry["title"]) for entry in answer.context["entries"]]
    assert entries[-3:] == ["提交自查报告", "通知自查", "发出互动单"]
    assert answer.context["file"].owing == []
    assert [step["state"] for step in answer.context["file"].steps] == ["done"] * 4 + ["current"]


def test_a_sealed_row_is_never_a_column(play: Play, officer: Client) -> None:
    """The models beside the case, their histories too: references and instants, no texts."""
    case = made_cases.penalised(play, made_cases.disputed_and_violated(play))
    play("issue_circular", "sc.officer", case, signed_by="sc.leader")
    secret = ["八小时内", "经查情况属实", "录音不足为证", "情节一般", "予以全省通报批评"]
    bodies = ""
    for name in READ_MODELS:
        place = reverse(f"admin:assessment_{name}_changelist")
        row = {"sheet": case.sheet, "report": case.report, "panel": case.panel}.get(name)
        row = row or {"penalty": Penalty, "circular": Circular}[name].objects.earliest("pk")  # type: ignore[attr-defined]
        for which in ("change", "history"):
            answer = officer.get(reverse(f"admin:assessment_{name}_{which}", args=[row.pk]))
            assert answer.status_code == 200
            bodies += answer.content.decode()
        bodies += officer.get(place).content.decode()
    bodies += officer.get(reverse("admin:assessment_case_history", args=[case.pk])).content.decode()
    assert [word for word in [*secret, "Notice:", "Texts:", "personal"] if word in bodies] == []
