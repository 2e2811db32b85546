"""The pages of rectification plans: who sees them, and a plan's way by its pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.gate.perform import perform
from accountability.models import Attachment, Notification
from assessment.models import Plan
from tests.assessment.plans.made_plans import Plans
from tests.factories import Now

pytestmark = pytest.mark.rule("R16")

ClientFor = Callable[[str], Client]

CONCERNED = ("wh.contact", "wh.deputy", "wh.head", "wh.zhang", "sc.officer", "sc.leader", "sj.auditor")
OTHERS = ("kf.agent", "kf.supervisor", "kf.head", "wh.leader", "wh.li", "yc.contact", "zd.head", "sj.plain")
NAV = '<a href="/plans/"'


def text_of(client: Client, place: str) -> str:
    return client.get(place).content.decode()


def test_who_sees_the_pages(plans: Plans, client_for: ClientFor) -> None:
    plan = plans.open()
    places = (
        f"/plans/{plan}/",
        f"/plans/{plan}/do/report_progress/",
        "/plans/ZG2026-AAAAAAAA/",
        "/plans/begin/open_plan/",
    )
    found = {name: [client_for(name).get(place).status_code for place in places] for name in (*CONCERNED, *OTHERS)}
    unit, office, nobody = [200, 200, 404, 403], [200, 403, 404, 200], [404, 404, 404, 403]
    assert found == dict.fromkeys(CONCERNED[:4], unit) | dict.fromkeys(CONCERNED[4:6], office) | {
        "sj.auditor": [200, 403, 404, 403]
    } | dict.fromkeys(OTHERS, nobody)


def test_the_list_shows_each_their_own(plans: Plans, client_for: ClientFor) -> None:
    plan = plans.open()
    other = plans.open(unit="YC", owner="yc.chen", due="2026-11-25")
    shown = {
        name: [row["plan"].pk for row in client_for(name).get("/plans/").context["rows"]]
        for name in (*CONCERNED, *OTHERS)
    }
    own, both, none = [plan.pk], [other.pk, plan.pk], list[int]()
    expected = dict.fromkeys(CONCERNED[:4], own) | dict.fromkeys(CONCERNED[4:], both) | dict.fromkeys(OTHERS, none)
    assert shown == expected | {"yc.contact": [other.pk]}


def test_the_way_to_it_stands_where_it_concerns_somebody(plans: Plans, client_for: ClientFor) -> None:
    plans.open()
    found = [name for name in (*CONCERNED, *OTHERS) if 'href="/plans/"' in text_of(client_for(name), "/calendar/")]
    assert found == [*CONCERNED, "kf.head", "yc.contact", "zd.head"]


def test_a_plan_by_its_pages(plans: Plans, client_for: ClientFor, now: Now) -> None:
    officer, owner, head = (client_for(name) for name in ("sc.officer", "wh.zhang", "wh.head"))
    assert officer.get("/plans/begin/open_plan/").context["unit"] is None
    asked = officer.get("/plans/begin/open_plan/?unit=WH")
    offered = [username for username, _label in asked.context["form"].fields["owner"].widget.choices]
    assert (offered[0], "wh.zhang" in offered, "yc.chen" in offered) == ("", True, False)
    typed = {
        "unit": "WH",
        "owner": "wh.zhang",
        "due": "2026-11-27",
        "content": "客户13871234567的工单清零。",
        "_key": "k",
    }
    answer = officer.post("/plans/begin/open_plan/", typed)
    plan = Plan.objects.get()
    place = f"/plans/{plan}/"
    assert (answer.status_code, answer.headers["location"]) == (302, place)
    assert officer.post("/plans/begin/open_plan/", typed).headers["location"] == place
    shown = text_of(owner, place)
    assert ("138****4567" in shown, "13871234567" in shown) == (True, False)
    assert [form.verb.name for form in owner.get(place).context["forms"]] == ["report_plan_done", "report_progress"]
    assert owner.post(f"{place}do/report_progress/", {"note": "已清一半。"}).status_code == 302
    assert head.post(f"{place}do/report_plan_done/", {"result": ""}).status_code == 422
    file = SimpleUploadedFile("清单.txt", "已清零".encode())
    done = owner.post(f"{place}do/report_plan_done/", {"result": "已清零。", "evidence": file, "_key": "done"})
    assert (done.status_code, done.headers["location"]) == (302, place)
    shown = text_of(head, place)
    assert ("已清一半。" in shown, "已清零。" in shown, "清单.txt" in shown) == (True, True, True)
    token = Attachment.objects.get().token
    assert [client_for(name).get(f"/files/{token}/").status_code for name in ("wh.head", "wh.li")] == [200, 404]
    assert owner.post(f"{place}do/report_progress/", {"note": "再报。"}).status_code == 409
    assert officer.post(f"{place}do/accept_plan/", {"remark": "同意。"}).status_code == 302
    assert [len(head.get(f"/plans/{query}").context["rows"]) for query in ("", "?all=1")] == [0, 1]
    assert "已验收" in text_of(head, place)


def test_a_refused_beginning_keeps_what_was_typed(plans: Plans, client_for: ClientFor) -> None:
    typed = {"unit": "WH", "owner": "wh.zhang", "due": "2026-11-20", "content": "清零。"}
    answer = client_for("sc.officer").post("/plans/begin/open_plan/", typed)
    form = answer.context["form"]
    assert (answer.status_code, form.errors["due"], form["content"].value()) == (
        422,
        ["整改期限不能早于今天。"],
        "清零。",
    )
    nowhere = client_for("sc.officer").post("/plans/begin/open_plan/", typed | {"unit": "XX"})
    assert (nowhere.status_code, Plan.objects.count()) == (422, 0)


def test_a_stale_page_is_refused_beside_the_present_state(plans: Plans, client_for: ClientFor) -> None:
    plan = plans.open()
    seen = plan.shown_for("change_plan")
    plans("change_plan", "sc.leader", plan, owner="wh.li")
    typed = {"due": "2026-12-04", "reason": "范围扩大。", "_seen": seen}
    officer, place = client_for("sc.officer"), f"/plans/{plan}/do/change_plan/"
    form = officer.get(place).context["form"]
    assert (form["owner"].value(), 'value="2026-11-27"' in str(form["due"])) == ("wh.li", True)
    answer = officer.post(place, typed)
    assert (answer.status_code, answer.context["form"]["reason"].value()) == (409, "范围扩大。")


def test_words_that_are_no_verbs_of_a_plan_are_not_found(plans: Plans, client_for: ClientFor) -> None:
    plan = plans.open()
    words = ("open_plan", "chase_plan", "close_case", "accept_plan")
    assert [client_for("sc.officer").get(f"/plans/{plan}/do/{word}/").status_code for word in words] == [
        404,
        404,
        404,
        409,
    ]


@pytest.mark.rule("R40")
def test_the_case_is_named_only_to_those_who_may_know_of_it(plans: Plans, client_for: ClientFor, now: Now) -> None:
    case = plans.case()
    number = str(case)
    plan = plans.open(case=number, content="赵铁柱的工单要清零。")
    place = f"/plans/{plan}/"
    shown = {name: text_of(client_for(name), place) for name in CONCERNED}
    assert [name for name, page in shown.items() if number in page] == ["sc.officer", "sc.leader", "sj.auditor"]
    assert [name for name, page in shown.items() if "赵铁柱" in page] == []
    sheet = str(case.sheet.number)
    assert [name for name, page in shown.items() if sheet in page or "推诿" in page] == []
    perform(case, "notify_unit", by=plans.play.cast["sc.officer"], at=now.at)
    assert [name for name in CONCERNED if number in text_of(client_for(name), place)] == [
        "wh.contact", "wh.deputy", "wh.head", "sc.officer", "sc.leader", "sj.auditor",
    ]  # fmt: skip


def test_the_case_that_led_here_names_the_unit(plans: Plans, client_for: ClientFor) -> None:
    case = plans.case()
    form = client_for("sc.officer").get(f"/plans/begin/open_plan/?case={case.matter.number}").context["form"]
    assert (form["unit"].value(), form["case"].value()) == ("WH", case.matter.number)


def test_notices_lead_to_the_plan(plans: Plans, client_for: ClientFor) -> None:
    plan = plans.open()
    inbox = text_of(client_for("wh.head"), "/inbox/")
    assert (f'href="/plans/{plan}/"' in inbox, "市场部提出整改方案，请按期整改（R16）。" in inbox) == (True, True)
    assert Notification.objects.filter(matter=plan.matter).count() == 5


def test_a_changed_and_missed_plan_tells_its_story(plans: Plans, client_for: ClientFor, now: Now) -> None:
    plan = plans.open()
    now.set("2026-11-30 10:00")
    plan = plans("change_plan", "sc.officer", plan, owner="wh.li", due="2026-12-04")
    page = client_for("wh.head").get(f"/plans/{plan}/")
    told = [(entry["title"], entry["text"]) for entry in page.context["entries"]]
    assert [(str(title), text) for title, text in told] == [
        ("变更责任人或期限", "整改责任人：李思琪\n整改期限：2026-12-04 24:00\n范围扩大。"),
        ("催办：整改逾期未完成", ""),
        ("“整改”时限已超", ""),
        ("提出整改", "整改责任人：张伟民\n整改期限：2026-11-27 24:00"),
    ]
    shown = [*page.context["first_clocks"], *page.context["earlier"]]
    assert [deadline.status for deadline in shown] == ["open", "missed"]


def test_pages_take_as_many_queries_for_many_plans_as_for_one(plans: Plans, client_for: ClientFor) -> None:
    client, counted = client_for("sc.officer"), []
    plan = plans.open()
    for more in (0, 4):
        for _each in range(more):
            plans("report_progress", "wh.zhang", plan)
            plans.open()
        for place in ("/plans/", f"/plans/{plan}/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(place).status_code == 200
            counted.append(len(queries))
    assert counted[:2] == counted[2:]


def test_the_list_is_paged_by_key(plans: Plans, client_for: ClientFor) -> None:
    made = [plans.open(due=f"2026-12-{31 - place:02d}").pk for place in range(27)]
    client = client_for("sc.officer")
    first = client.get("/plans/").context
    second = client.get(f"/plans/?after={first['page'].after}").context
    assert [row["plan"].pk for row in (*first["rows"], *second["rows"])] == made[::-1]
