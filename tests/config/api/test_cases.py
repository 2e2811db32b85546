"""A case read by a program is the case of its person's page, and no more: of the sheet, of the panel and of what waits
for a leader nobody learns here what they don't learn there.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, LedgerEntry, Notification
from assessment.models import Case, Circular
from tests.assessment.docket import OBJECTS, OPEN_WAYS, SHEET_LINE, WAY, Docket
from tests.config.api.conftest import Issue, Program, ProgramOf, asked, is_problem, told
from tests.factories import Play

ClientFor = Callable[[str], Client]

WHOLE = ("sc.officer", "sc.leader", "sj.auditor")
CENTRE = ("kf.agent", "kf.supervisor")
UNIT = ("wh.contact", "wh.deputy", "wh.head")
NOBODY = ("wh.zhang", "wh.li", "yc.contact", "yc.head", "zd.head", "sj.plain")
PANELLIST = "kf.head"
FEW = ("report waits", "declined", "penalised")
POSITIONS = [
    pytest.param(position, marks=() if position in FEW else pytest.mark.slow) for position in sorted({*WAY, *OPEN_WAYS})
]


def place(case: Case, *more: str) -> str:
    return "/".join(["cases", str(case.matter.number), *more])


def read(program: Program, case: Case) -> Any:
    return told(program, place(case), "Case")


# Who reads it, and as whom


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    ("position", "readers"),
    [
        ("sheet_issued", {**dict.fromkeys(WHOLE, "whole"), **dict.fromkeys(CENTRE, "centre")}),
        ("opened", dict.fromkeys(WHOLE, "whole")),
        ("declined", {**dict.fromkeys(WHOLE, "whole"), **dict.fromkeys(CENTRE, "centre")}),
        (
            "fault_opened",
            {**dict.fromkeys(WHOLE, "whole"), **dict.fromkeys(CENTRE, "centre"), **dict.fromkeys(UNIT, "unit"),
             "wh.leader": "asked"},
        ),
        (
            "panel sits",
            {**dict.fromkeys(WHOLE, "whole"), **dict.fromkeys(CENTRE, "centre"), **dict.fromkeys(UNIT, "unit"),
             PANELLIST: "asked"},
        ),
    ],
)  # fmt: skip
def test_each_reads_it_as_on_their_page_and_nobody_else(
    docket: Docket, program: ProgramOf, position: str, readers: dict[str, str]
) -> None:
    case, found = docket.upto(position), {}
    for username in (*WHOLE, *CENTRE, *UNIT, *NOBODY, "wh.leader", PANELLIST):
        answer = program(username).get(place(case))
        if answer.status_code == 200:
            found[username] = answer.json()["reads_as"]
        else:
            is_problem(answer, 404)
    assert found == readers


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of an answer, with the member that it stands in; not what is offered."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name) if name != "verbs" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, str):
        yield key, value


SAID = re.compile(r"[\u4e00-\u9fff]")
ELSEWHERE = {"label", "limit", "category", "duty", "title", "mark"}
"""Members whose words the page says in another way, or on the page that it leads to; none is typed by anybody."""


def page_of(client: Client, case: Case) -> str:
    """The words of the person's page, without what stands in tags."""
    answer = client.get(reverse("case", args=[case.matter.number]), follow=True)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


@pytest.mark.parametrize("position", POSITIONS)
def test_nothing_is_told_that_the_page_does_not_tell(
    docket: Docket, program: ProgramOf, client_for: ClientFor, position: str
) -> None:
    case = docket.upto(position)
    for username in (*CENTRE, *UNIT, PANELLIST, "wh.leader", "sc.officer", "sc.leader"):
        answer = program(username).get(place(case))
        page = client_for(username).get(reverse("case", args=[case.matter.number]))
        assert (answer.status_code == 404) == (page.status_code == 404), username
        if answer.status_code == 404:
            continue
        shown = page_of(client_for(username), case)
        kept = [
            (key, text) for key, text in leaves(answer.json())
            if SAID.search(text) and key not in ELSEWHERE
            and not all(" ".join(line.split()) in shown for line in text.split("\n"))
        ]  # fmt: skip
        assert kept == [], username


@pytest.mark.rule("R40")
@pytest.mark.parametrize("position", POSITIONS)
def test_the_unit_is_told_nothing_of_the_sheet(docket: Docket, program: ProgramOf, position: str) -> None:
    case = docket.upto(position)
    for username in (*UNIT, PANELLIST, "wh.leader"):
        for where in (place(case), "cases?all=1"):
            text = program(username).get(where).content.decode()
            assert [said for said in (SHEET_LINE, "互动单", "sheet_issued") if said in text] == []
        answer = program(username).get(place(case))
        if answer.status_code == 200:
            body = answer.json()
            unknown = (body["sheet"], body["source"], body["opened"], body["officer"], body["approval"], body["plans"])
            assert unknown == (None, None, None, None, None, [])
            assert not {"kf.agent", "sc.officer"} & {text for _key, text in leaves(body)} - of_the_record(body)


def of_the_record(body: Any) -> set[str]:
    """Who is named beside what the unit is told: who recorded a penalty, and whom the case waits for."""
    found = [each["recorded_by"]["username"] for each in body["penalties"]]
    holder = body["present"] and body["present"]["holder"]
    return {*found, *([holder["username"]] if holder else [])}


@pytest.mark.rule("R39")
@pytest.mark.parametrize(("position", "has_sheet"), [("notified", True), ("fault_opened", False)])
def test_the_customer_is_told_with_the_sheet(
    docket: Docket, program: ProgramOf, position: str, has_sheet: bool
) -> None:
    body = read(program("sc.officer"), docket.upto(position))
    assert [each["customer"] is not None for each in body["complaints"]] == [has_sheet]


def test_the_centre_is_told_of_its_sheet_that_it_was_sent(docket: Docket, program: ProgramOf) -> None:
    """Its words stand on the page of the sheet."""
    sheet = read(program("kf.agent"), docket.upto("notified"))["sheet"]
    assert (sheet["issued_by"]["username"], sheet["title"] != "") == ("kf.agent", True)
    assert (sheet["person"], sheet["description"], sheet["evidence"]) == (None, "", "")


def test_who_found_it_is_told_with_the_whole_case(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("contact at fault")
    assert read(program("sc.officer"), case)["finding"]["by"]["username"] == "sc.officer"
    assert read(program("wh.head"), case)["finding"]["by"] is None


def test_the_whole_of_it_is_told_to_those_who_decide(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("annulling asked")
    body = read(program("sc.officer"), case)
    assert (body["sheet"]["description"], body["sheet"]["person"]["username"]) == (SHEET_LINE, "wh.zhang")
    assert (body["approval"]["verb"]["name"], body["approval"]["reason"]) == ("annul_case", "认定有误。")
    assert {each["person"]["username"] for each in body["penalties"]} == {"wh.zhang", "wh.leader", "wh.head"}
    assert body["circulars"][0]["number"] in body["circulars"][0]["text"]
    assert [each["kind"]["name"] for each in body["papers"]]
    assert len(body["timeline"]) == LedgerEntry.objects.filter(matter=case.pk).count()


def test_what_waits_for_a_leader_is_not_the_units_to_know(docket: Docket, program: ProgramOf) -> None:
    """They read that the department has it, and neither what for nor who."""
    case, asking = docket.upto("admitted"), program("wh.head")
    before = read(asking, case)
    docket("annul_case", "sc.officer", case)
    after = read(asking, case)
    assert after == before | {name: after[name] for name in ("present", "verbs")}
    assert [each["name"] for each in after["verbs"]] == [each["name"] for each in before["verbs"]]
    present = {name: after["present"][name] for name in ("holder", "awaits", "duty")}
    assert present == {"holder": None, "awaits": None, "duty": "由市场部办理"}


# The panel


@pytest.mark.rule("R48")
def test_a_member_reads_what_was_laid_before_the_panel(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("panel sits")
    body = read(program(PANELLIST), case)
    assert (body["report"]["statement"], body["report"]["files"][0]["name"]) == (OBJECTS["statement"], "通话录音.txt")
    assert (len(body["judged"]), len(body["leads"]), body["leads"][0]["complaint"]) == (1, 1, None)
    assert [body["panel"][name] for name in ("appointed_by", "appointed_at", "recorded_by", "seats")] == [
        None, None, None, [],
    ]  # fmt: skip
    assert read(program("sc.officer"), case)["panel"]["appointed_by"]["username"] == "sc.officer"
    unknown = ("state", "present", "sheet", "charge", "finding", "parts", "source")
    assert {name: body[name] for name in unknown} == dict.fromkeys(unknown)
    nothing = ("steps", "timeline", "deadlines", "penalties", "owing", "circulars", "papers", "complaints", "rounds")
    assert [name for name in nothing if body[name]] == []
    assert [each["name"] for each in body["verbs"]] == ["give_opinion"]


@pytest.mark.rule("R48")
def test_anothers_opinion_is_told_once_all_are_in(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("panel sits")
    asking, whole = program(PANELLIST), program("sc.leader")
    tag = asking.get(place(case)).headers["ETag"]
    docket("give_opinion", "sc.leader", case, grounds="夜莺说明")
    for username in (PANELLIST, "sc.officer", "sj.auditor", *UNIT, *CENTRE):
        assert "夜莺说明" not in program(username).get(place(case)).content.decode()
    assert "夜莺说明" in whole.get(place(case)).content.decode()  # their own
    assert asking.get(place(case)).headers["ETag"] == tag
    docket("give_opinion", PANELLIST, case, grounds="云雀说明")
    assert [each["grounds"] for each in read(asking, case)["panel"]["seats"]] == ["夜莺说明", "云雀说明"]
    for username in (*UNIT, *CENTRE):
        assert "夜莺说明" not in program(username).get(place(case)).content.decode()


@pytest.mark.rule("R22")
def test_a_leader_reads_the_fault_that_they_are_asked_about(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("fault_opened")
    body = read(program("wh.leader"), case)
    assert body["charge"]["to_check"] == "接口人未说明原因，超时交办。"
    assert ([each["kind"] for each in body["deadlines"]], body["state"], body["timeline"]) == (["opinion"], None, [])
    docket("file_opinion", "wh.head", case)
    body = read(program("wh.leader"), case)
    assert (body["opinion"], body["deadlines"]) == (None, [])


# Reading is recorded


def test_who_reads_a_sheet_whole_is_recorded(docket: Docket, issue: Issue) -> None:
    case = docket.upto("notified")
    found = {}
    for username in ("sc.officer", "sj.auditor", "kf.agent", "wh.head"):
        token, secret = issue(username)
        Program(secret).get(place(case))
        rows = AccessLog.objects.filter(actor__username=username, matter=case.pk).order_by("pk")
        found[username] = [(row.action, row.detail.removeprefix(f"{token}").strip()) for row in rows]
    assert found == {
        "sc.officer": [("sheet", "")], "sj.auditor": [("sheet", ""), ("read", "api_case")], "kf.agent": [],
        "wh.head": [],
    }  # fmt: skip


def test_who_acts_on_what_they_read_has_not_read_it_again(docket: Docket, program: ProgramOf) -> None:
    case, asking = docket.upto("declining asked"), program("sc.leader")
    assert asking.post_read(place(case, "disapprove"), {"reason": "理由不足。"}).status_code == 200
    assert AccessLog.objects.filter(action="sheet", matter=case.pk).count() == 1


def test_reading_marks_no_notice_as_read(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("notified")
    unread = Notification.objects.filter(recipient__username="wh.contact", read_at=None).count()
    assert unread
    program("wh.contact").get(place(case))
    assert Notification.objects.filter(recipient__username="wh.contact", read_at=None).count() == unread


# The list


def test_the_list_is_that_of_the_page(docket: Docket, program: ProgramOf, client_for: ClientFor) -> None:
    cases = [docket.upto(position) for position in ("sheet_issued", "notified", "closed")]
    for username in (*WHOLE, *CENTRE, *UNIT, *NOBODY):
        for query in ("", "?all=1"):
            rows = told(program(username), f"cases{query}", "Cases")["items"]
            lines = client_for(username).get(f"{reverse('cases')}{query}").context["lines"]
            assert [row["number"] for row in rows] == [str(line.case.matter.number) for line in lines], username
            assert [(row["source"] or {}).get("label", "") for row in rows] == [str(line.source) for line in lines]
    assert [row["state"]["name"] for row in told(program("wh.head"), "cases?all=1", "Cases")["items"]] == [
        "notified", "closed",
    ]  # fmt: skip
    assert len(told(program("sc.officer"), "cases?all=1", "Cases")["items"]) == len(cases)


def test_who_is_asked_finds_the_case_and_nothing_else_of_it(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("panel sits")
    asking = program(PANELLIST)
    assert told(asking, "cases?all=1", "Cases")["items"] == []
    (row,) = told(asking, "cases?asked=opinions", "Cases")["items"]
    assert (row["number"], row["state"], row["holder"], row["holder_unit"], row["duty"], row["deadline"]) == (
        str(case.matter), None, None, None, "", None,
    )  # fmt: skip
    docket("give_opinion", PANELLIST, case)
    assert told(asking, "cases?asked=opinions", "Cases")["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("all=2", "all"), ("all=", "all"), ("asked=nothing", "asked"), ("asked=", "asked"), ("colour=red", "colour"),
     ("limit=101", "limit"), ("after=x", "after"), ("fields=number,secret", "fields"), ("asked=held&all=1", "asked")],
)  # fmt: skip
def test_a_question_that_is_not_understood_is_not_answered(
    docket: Docket, program: ProgramOf, query: str, field: str
) -> None:
    docket.upto("notified")
    assert set(is_problem(program("sc.officer").get(f"cases?{query}"), 400)["errors"]) == {field}


def test_it_is_paged_by_key_both_ways(docket: Docket, program: ProgramOf) -> None:
    numbers = {str(docket("open_case", "sc.officer").matter.number) for _n in range(5)}
    asking = program("sc.officer")
    first = asking.get("cases?limit=2").json()
    second = asking.get(first["next"]).json()
    last = asking.get(second["next"]).json()
    assert {row["number"] for page in (first, second, last) for row in page["items"]} == numbers
    assert (last["next"], asking.get(second["previous"]).json()["items"]) == (None, first["items"])


def test_a_list_of_a_hundred_asks_the_database_no_more_than_one_of_one(docket: Docket, program: ProgramOf) -> None:
    """For one who reads everything and for one who reads what their unit has."""
    readers = [program(username) for username in ("sc.officer", "wh.contact")]

    def notified() -> None:
        docket("notify_unit", "sc.officer", docket("open_case", "sc.officer"))

    notified()
    for reader in readers:
        reader.get("cases")
    of_one = [asked(reader, "cases?limit=100") for reader in readers]
    for _n in range(99):
        notified()
    assert [len(reader.get("cases?limit=100").json()["items"]) for reader in readers] == [100, 100]
    assert [asked(reader, "cases?limit=100") for reader in readers] == of_one


@pytest.mark.parametrize("username", ["sc.officer", "wh.head", "kf.agent", PANELLIST])
def test_a_case_of_more_asks_the_database_no_more(docket: Docket, program: ProgramOf, username: str) -> None:
    """However many complaints are linked, people penalised, members seated, entries written."""
    counts = []
    for more in (1, 3):
        numbers = [docket.number(docket.complaint(phone=f"1387{more}{each:06d}")) for each in range(more)]
        members = ["sc.leader", PANELLIST, "yc.head", "zd.head"][: more + 1]
        case = docket("notify_unit", "sc.officer", docket("issue_sheet", "kf.agent", complaints=numbers))
        case = docket("file_report", "wh.head", case, **OBJECTS | {"evidence": [f"{n}.txt" for n in range(more)]})
        case = docket("appoint_panel", "sc.officer", case, members=members)
        for member in members:
            case = docket("give_opinion", member, case)
        case = docket("record_panel", "sc.officer", case)
        for person, ground in (("wh.contact", "contact"), ("wh.head", "unit_head"))[:more]:
            case = docket("penalise", "sc.officer", case, person=person, ground=ground)
        asking = program(username)
        asking.get(place(case))
        counts.append(asked(asking, place(case)))
    assert counts[1] <= counts[0]


# Versions


def test_what_has_not_changed_is_not_sent_again(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("notified")
    asking = program("wh.contact")
    tag = asking.get(place(case)).headers["ETag"]
    same = asking.get(place(case), If_None_Match=f'"x", W/{tag}')
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    docket("file_report", "wh.head", case, **OBJECTS)
    assert asking.get(place(case), If_None_Match=tag).status_code == 200
    assert program("wh.head").get(place(case)).headers["ETag"] != tag
    assert set(asking.get(f"{place(case)}?fields=number,state").json()) == {"number", "state"}
    is_problem(asking.get(f"{place(case)}?fields=secret"), 400)
    is_problem(asking.get(f"{place(case)}?colour=red"), 400)


SIGNED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sign_report": ("report waits", "wh.head", {}),
    "disapprove": ("declining asked", "sc.leader", {"reason": "理由不足。"}),
    "sign_circular": ("circular laid before", "sc.leader", {}),
    "return_circular": ("circular laid before", "sc.leader", {"remarks": "请写明时刻。"}),
    "give_opinion": ("panel sits", PANELLIST, {"opinion": "violated"}),
}
"""What somebody puts their name to: where, who, told what."""


@pytest.mark.parametrize("verb", SIGNED)
def test_who_puts_their_name_to_it_must_have_read_it(docket: Docket, program: ProgramOf, verb: str) -> None:
    position, by, facts = SIGNED[verb]
    case, asking = docket.upto(position), program(by)
    offered = {each["name"]: each["needs_version"] for each in read(asking, case)["verbs"]}
    assert offered[verb]
    for given in ({}, {"If_Match": "*"}):
        is_problem(asking.post(place(case, verb), facts, **given), 428)
    is_problem(asking.post(place(case, verb), facts, If_Match='"x"'), 412)
    is_problem(program("wh.contact").post(place(case, verb), facts), 404 if position == "declining asked" else 403)
    assert asking.post_read(place(case, verb), facts).status_code == 200
    assert LedgerEntry.objects.filter(matter=case.pk, verb=verb).count() == 1


def test_a_report_that_was_replaced_is_not_signed(docket: Docket, program: ProgramOf) -> None:
    case, asking = docket.upto("report waits"), program("wh.head")
    tag = asking.get(place(case)).headers["ETag"]
    docket("file_report", "wh.contact", case, **OBJECTS)
    is_problem(asking.post(place(case, "sign_report"), If_Match=tag), 412)
    assert asking.post_read(place(case, "sign_report")).status_code == 200


def test_a_circular_is_signed_as_it_was_read(docket: Docket, program: ProgramOf, client_for: ClientFor) -> None:
    case, asking = docket.upto("circular laid before"), program("sc.leader")
    (draft,) = read(asking, case)["circulars"]
    shown = page_of(client_for("sc.leader"), case)
    assert [line for line in draft["text"].split("\n") if " ".join(line.split()) not in shown] == []
    assert "处理决定" in draft["text"]
    tag = asking.get(place(case)).headers["ETag"]
    docket("return_circular", "sc.leader", case)
    docket("issue_circular", "sc.officer", Docket.again(case), body="各单位：\n一、另一份\n二、通报")
    is_problem(asking.post(place(case, "sign_circular"), If_Match=tag), 412)
    assert not Circular.objects.filter(signed_at__isnull=False).exists()


@pytest.mark.rule("R48")
def test_a_member_who_speaks_meanwhile_holds_up_nobody(docket: Docket, program: ProgramOf) -> None:
    case, asking = docket.upto("panel sits"), program(PANELLIST)
    tag = asking.get(place(case)).headers["ETag"]
    docket("give_opinion", "sc.leader", case)
    assert asking.post(place(case, "give_opinion"), {"opinion": "violated"}, If_Match=tag).status_code == 200


def test_what_is_offered_is_what_the_gate_takes(docket: Docket, program: ProgramOf) -> None:
    for position, username in (("notified", "wh.contact"), ("admitted", "wh.head"), ("disputed", "sc.officer")):
        case, asking = docket.upto(position), program(username)
        body = asking.get(place(case))
        for offer in body.json()["verbs"]:
            given = {"If_Match": body.headers["ETag"]} if offer["needs_version"] else {}
            assert asking.post(offer["url"], {"no such field": 1}, **given).status_code == 422


def test_a_token_that_may_not_read_reads_nothing(docket: Docket, program: ProgramOf) -> None:
    case = docket.upto("notified")
    for where in (place(case), "cases"):
        is_problem(program("wh.head", reads=False).get(where), 403)


def test_customers_are_masked(play: Play, docket: Docket, program: ProgramOf) -> None:
    name, phone = "欧阳明华", "13986120001"
    made = docket.complaint(customer=name, phone=phone, content=f"{name}称多扣费，请打{phone}。")
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(made)])
    case = docket("notify_unit", "sc.officer", case)
    for username in ("sc.officer", "wh.head", "kf.agent"):
        answer = program(username).get(place(case)).content.decode()
        assert [said for said in (name, phone) if said in answer] == []
    assert read(program("sc.officer"), case)["complaints"][0]["customer"]["phone"] == "139****0001"
