"""Verbs in the administration: who is offered which form, what becomes of it, and that nothing goes round the gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.models import (
    AccessLog,
    CalendarYear,
    Category,
    Deadline,
    LedgerEntry,
    TimeLimits,
    actor_for,
    limits_in_force,
)
from complaints.models import Complaint
from tests.factories import Cast, Now, Play

LIMITS = "admin:accountability_timelimits"
CALENDAR = "admin:accountability_calendaryear"
SET_LIMITS = reverse(f"{LIMITS}_begin", args=["set_limits"])
PUBLISH = reverse(f"{CALENDAR}_begin", args=["publish_calendar"])
REVISIONS = {
    "set_limits": (SET_LIMITS, {"handling_P3": "12h"}),
    "set_policy": (reverse(f"{LIMITS}_begin", args=["set_policy"]), {"returns_before_ruling": "1"}),
    "set_duty_hours": (
        reverse(f"{LIMITS}_begin", args=["set_duty_hours"]),
        {"unit": "WH", "clock": "duty", "hours": "09:00-18:00"},
    ),
    "set_mass_limits": (reverse(f"{LIMITS}_begin", args=["set_mass_limits"]), {"warn_count": "25"}),
    "publish_calendar": (PUBLISH, {"year": "2027", "days_off": "2027-01-01", "days_worked": "2027-01-02"}),
}
OUTSIDE = ["kf.agent", "kf.supervisor", "wh.contact", "wh.head", "sj.plain"]


@pytest.fixture
def officer(client_for: Callable[[str], Client]) -> Client:
    return client_for("sc.officer")


def versions() -> tuple[int, int]:
    return TimeLimits.objects.count(), CalendarYear.objects.count()


def last_made(verb: str) -> tuple[Any, Any, str]:
    """By whom, when and why the latest version was made."""
    if verb == "publish_calendar":
        year = CalendarYear.objects.latest("pk")
        return year.author, year.in_force_from, year.reason
    limits = TimeLimits.objects.latest("version")
    return limits.author, limits.in_force_from, limits.reason


def shown(client: Client, place: str) -> dict[str, str]:
    """The hidden fields as the page gave them."""
    form = client.get(place).context["form"]
    return {"_key": form["_key"].value(), "_seen": form["_seen"].value()}


# Rules revised in the administration


@pytest.mark.rule("R15")
@pytest.mark.parametrize("verb", REVISIONS)
@pytest.mark.parametrize("username", ["sc.officer", "sc.leader"])
def test_marketing_revises_with_a_reason(
    cast: Cast, now: Now, client_for: Callable[[str], Client], verb: str, username: str
) -> None:
    place, typed = REVISIONS[verb]
    client, before = client_for(username), versions()
    now.forward(minutes=1)
    response = client.post(place, typed | shown(client, place) | {"reason": "年度调整"})
    assert (response.status_code, response.headers["location"]) == (302, place.split("begin/")[0])
    assert last_made(verb) == (cast[username], now.at, "年度调整")
    assert sum(versions()) == sum(before) + 1
    entry = LedgerEntry.objects.filter(verb=verb).latest("pk")
    assert (entry.actor, entry.at) == (cast[username], now.at)
    assert "已完成" in client.get(response.headers["location"]).content.decode()


@pytest.mark.rule("R15")
@pytest.mark.parametrize("verb", REVISIONS)
def test_without_a_reason_nothing_is_revised_and_what_was_typed_stays(officer: Client, verb: str) -> None:
    place, typed = REVISIONS[verb]
    before = versions()
    response = officer.post(place, typed | shown(officer, place) | {"reason": "  "})
    assert (response.status_code, dict(response.context["form"].errors)) == (422, {"reason": ["此项必填。"]})
    page = response.content.decode()
    assert [value for value in typed.values() if value not in page] == []
    assert versions() == before
    log = AccessLog.objects.latest("pk")
    assert (log.action, log.result, log.detail) == (verb, "facts", "reason")


def test_all_that_is_wrong_is_said_at_once(officer: Client) -> None:
    response = officer.post(SET_LIMITS, {"handling_P1": "soon"})
    assert sorted(response.context["form"].errors) == ["handling", "reason"]
    assert 'value="soon"' in response.content.decode()


@pytest.mark.parametrize("username", OUTSIDE)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_who_keeps_no_books_is_told_so(client_for: Callable[[str], Client], username: str, method: str) -> None:
    before = versions()
    client = client_for(username)
    places = [place for place, _typed in REVISIONS.values()]
    assert {client.generic(method, place).status_code for place in places} == {403}
    assert versions() == before


@pytest.mark.parametrize("verb", REVISIONS)
def test_an_auditor_reads_and_is_offered_nothing(client_for: Callable[[str], Client], verb: str) -> None:
    auditor, before = client_for("sj.auditor"), versions()
    place, typed = REVISIONS[verb]
    response = auditor.get(place)
    assert (response.status_code, response.context["form"]) == (403, None)
    assert "您没有“" in response.content.decode()
    posted = auditor.post(place, typed | {"reason": "试试"})
    assert (posted.status_code, posted.context["can_run"], versions()) == (403, False, before)
    lists = [auditor.get(reverse(f"{name}_changelist")) for name in (LIMITS, CALENDAR)]
    assert [(page.status_code, page.context["offers"]) for page in lists] == [(200, []), (200, [])]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_form_is_read_and_posted_and_nothing_else(officer: Client, method: str) -> None:
    assert [officer.generic(method, place).status_code for place, _typed in REVISIONS.values()] == [405] * 5


def test_nothing_but_the_forms_takes_a_post(officer: Client) -> None:
    row = TimeLimits.objects.earliest("pk")
    places = [reverse(f"{LIMITS}_changelist"), reverse(f"{LIMITS}_add")]
    places += [reverse(f"{LIMITS}_{name}", args=[row.pk]) for name in ("change", "delete", "history")]
    assert [officer.post(place, {"version": 9}).status_code for place in places] == [405] * 5


@pytest.mark.parametrize("verb", ["appoint", "publish_calendar", "nonsense", "register"])
def test_a_verb_that_is_not_offered_here_is_not_found(officer: Client, verb: str) -> None:
    place = reverse(f"{LIMITS}_begin", args=[verb])
    assert (officer.get(place).status_code, officer.post(place, {}).status_code) == (404, 404)


@pytest.mark.rule("R15")
def test_a_double_click_makes_one_version(officer: Client) -> None:
    typed = shown(officer, SET_LIMITS) | {"handling_P3": "12h", "reason": "年度调整"}
    before = TimeLimits.objects.count()
    assert [officer.post(SET_LIMITS, typed).status_code for _click in range(2)] == [302, 302]
    assert TimeLimits.objects.count() == before + 1


@pytest.mark.rule("R15")
@pytest.mark.parametrize("verb", REVISIONS)
def test_a_stale_tab_is_told_the_version_in_force_and_may_try_again(
    client_for: Callable[[str], Client], now: Now, verb: str
) -> None:
    place, typed = REVISIONS[verb]
    mine, others = client_for("sc.officer"), client_for("sc.leader")
    seen = shown(mine, place)
    others.post(place, typed | shown(others, place) | {"reason": "先改"})
    made = versions()
    response = mine.post(place, typed | seen | {"reason": "后改"})
    version = limits_in_force(now.at).version
    calendar = CalendarYear.objects.order_by("-pk")[0]
    sentence = f"页面已过时，当前状态：时限 v{version}，最近公布的工作日历 {calendar}。"
    assert (response.status_code, response.context["form"].errors["__all__"], versions()) == (409, [sentence], made)
    again = response.context["form"]
    fresh = {name: again[name].value() for name in ("_key", "_seen")}
    assert fresh["_key"] != seen["_key"]
    assert mine.post(place, typed | fresh | {"reason": "后改"}).status_code == 302


@pytest.mark.rule("R15")
def test_the_versions_say_who_why_and_what_changed(cast: Cast, now: Now, officer: Client) -> None:
    now.forward(minutes=1)
    officer.post(SET_LIMITS, {"handling_P3": "12h", "reason": "年度调整"})
    page = officer.get(reverse(f"{LIMITS}_changelist")).content.decode()
    version = limits_in_force(now.at)
    row = page[page.index('id="result_list"') :].split("<tr>")[2]
    said = [str(version.version), "2026", str(cast["sc.officer"]), "年度调整", "处理 P3 36小时 → 12小时"]
    assert [word for word in said if word not in row] == []
    detail = officer.get(reverse(f"{LIMITS}_change", args=[version.pk])).content.decode()
    assert [word for word in ("处理 P3 36小时 → 12小时", "年度调整", "退回 P1") if word not in detail] == []


@pytest.mark.rule("R15")
def test_the_calendars_say_which_days_moved(officer: Client) -> None:
    officer.post(PUBLISH, {"year": "2027", "days_off": "2027-01-01\n2027-02-05", "reason": "国办通知"})
    officer.post(PUBLISH, {"year": "2027", "days_off": "2027-01-01\n2027-02-08", "reason": "更正"})
    page = officer.get(reverse(f"{CALENDAR}_changelist")).content.decode()
    said = ["2027 v2", "更正", "放假的工作日 +2027-02-08 −2027-02-05", "国办通知", "首次公布：放假 2 天，调休上班 0 天"]
    assert [word for word in said if word not in page] == []


def test_the_number_of_queries_does_not_grow_with_the_versions(officer: Client, now: Now) -> None:
    place = reverse(f"{LIMITS}_changelist")
    officer.get(place)
    few = queries(officer, place)
    for hours in range(1, 4):
        now.forward(minutes=1)
        officer.post(SET_LIMITS, {"handling_P3": f"{hours}h", "reason": "试行"})
    officer.get(place)
    assert queries(officer, place) == few


def queries(client: Client, place: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(place)
    return len(captured)


# Categories


@pytest.mark.rule("R15")
def test_every_change_of_a_category_keeps_who_when_and_why(cast: Cast, now: Now, officer: Client) -> None:
    leaf = Category.objects.exclude(parent=None).earliest("pk")
    place = reverse("admin:accountability_category_change", args=[leaf.pk])
    typed = {"name": leaf.name, "answered_by": "WL", "is_active": "on"}
    kept = leaf.history.count()
    for reason in ("", "   "):
        response = officer.post(place, typed | {"reason": reason})
        assert list(response.context["adminform"].form.errors) == ["reason"]
    assert leaf.history.count() == kept
    changes = [("改由网络部答复", {"answered_by": "WL"}), ("停用", {"answered_by": "WL", "is_active": ""})]
    for reason, given in changes:
        now.forward(minutes=1)
        officer.post(place, typed | given | {"reason": reason})
    rows = list(leaf.history.order_by("-history_id")[:2])
    assert [(row.history_change_reason, row.history_user, row.history_date) for row in rows] == [
        ("停用", cast["sc.officer"], now.at),
        ("改由网络部答复", cast["sc.officer"], now.at - timedelta(minutes=1)),
    ]
    page = officer.get(reverse("admin:accountability_category_history", args=[leaf.pk])).content.decode()
    assert [word for word in ("停用", "改由网络部答复", "启用: 是 → 否", "2026-11-24 09:02") if word not in page] == []


# The desk


def test_the_desk_lies_in_the_order_of_the_work(client_for: Callable[[str], Client]) -> None:
    desks = {who: client_for(who).get("/admin/").context["desks"] for who in ("sc.officer", "sj.auditor")}
    laid = {who: [(desk["label"], len(desk["entries"])) for desk in found] for who, found in desks.items()}
    assert laid == {
        "sc.officer": [("考核", 7), ("规则", 4), ("组织", 4), ("台账", 5), ("运行", 2)],
        "sj.auditor": [("考核", 7), ("规则", 4), ("组织", 4), ("台账", 5), ("运行", 3)],
    }
    offered = {
        who: [offer["label"] for desk in found for entry in desk["entries"] for offer in entry["offers"]]
        for who, found in desks.items()
    }
    assert offered == {
        "sc.officer": [
            "直接立案",
            "提出接口人处理不当",
            "修订时限",
            "设定单位交办计时",
            "修订规则参数",
            "修订大面积投诉标准",
            "公布工作日历",
            "新增",
            "修订公文用语",
        ],
        "sj.auditor": [],
    }


def test_every_label_is_chinese(rf: RequestFactory, cast: Cast, now: Now) -> None:
    request = rf.get("/admin/")
    request.user, request.at, request.actor = cast["sj.auditor"], now.at, actor_for(cast["sj.auditor"].pk, now.at)  # type: ignore[attr-defined]
    foreign = []
    for model, model_admin in admin.site._registry.items():
        names = [*model_admin.get_fields(request), *model_admin.list_display]
        labels = [str(label_for_field(name, model, model_admin)) for name in names]
        foreign += [(model.__name__, label) for label in [str(model._meta.verbose_name), *labels] if label.isascii()]
    assert foreign == []


def test_instants_end_a_day_as_on_every_other_page(play: Play, officer: Client) -> None:
    complaint = play.upto("registered")
    legal = Deadline.objects.get(matter=complaint.matter, kind="legal")
    places = [
        reverse("admin:accountability_deadline_changelist"),
        reverse("admin:accountability_deadline_change", args=[legal.pk]),
    ]
    assert ["2026-12-09 24:00" in officer.get(place).content.decode() for place in places] == [True, True]


# Verbs on what is there: an administration that runs verbs on complaints


@pytest.fixture
def missed(play: Play, now: Now) -> Complaint:
    """A complaint that its unit's contact handed off too late."""
    complaint = play.upto("delivered")
    now.forward(hours=2)
    return play("hand_off", "wh.contact", complaint)


def do(complaint: Complaint, verb: str = "propose_excuse") -> str:
    return reverse("admin:complaints_complaint_do", args=[complaint.pk, verb])


with_verbs = pytest.mark.urls("tests.accountability.verb_urls")
EXCUSE = {"deadlines": ["handoff#1"], "reason": "系统故障，整日不能交办。"}


@with_verbs
def test_the_page_offers_what_this_person_may_run_now(
    play: Play, missed: Complaint, client_for: Callable[[str], Client]
) -> None:
    place = reverse("admin:complaints_complaint_change", args=[missed.pk])
    offered = {
        who: [(offer["label"], offer["url"]) for offer in client_for(who).get(place).context["offers"]]
        for who in ("sc.officer", "sj.auditor")
    }
    assert offered == {"sc.officer": [("提请免责", do(missed))], "sj.auditor": []}


@with_verbs
def test_a_verb_is_run_and_told(cast: Cast, missed: Complaint, officer: Client, now: Now) -> None:
    page = officer.get(do(missed))
    assert (page.status_code, page.context["can_run"], page.context["original"]) == (200, True, missed)
    response = officer.post(do(missed), EXCUSE | shown(officer, do(missed)))
    assert response.headers["location"] == reverse("admin:complaints_complaint_change", args=[missed.pk])
    deadline = Deadline.objects.get(matter=missed.matter, kind="handoff")
    assert (deadline.excuse_proposed_by, deadline.excuse_proposed_at) == (cast["sc.officer"], now.at)
    assert "“提请免责”已完成。" in officer.get(response.headers["location"]).content.decode()


@with_verbs
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(missed: Complaint, officer: Client) -> None:
    response = officer.post(do(missed), {"deadlines": [], "reason": "系统故障。"})
    assert (response.status_code, dict(response.context["form"].errors)) == (422, {"deadlines": ["此项必填。"]})
    assert "系统故障。" in response.content.decode()
    assert Deadline.objects.exclude(excuse_proposed_at=None).count() == 0


@with_verbs
def test_a_double_click_has_one_effect(missed: Complaint, officer: Client) -> None:
    typed = EXCUSE | shown(officer, do(missed))
    assert [officer.post(do(missed), typed).status_code for _click in range(2)] == [302, 302]
    assert LedgerEntry.objects.filter(matter=missed.matter, verb="propose_excuse").count() == 1


@with_verbs
def test_a_stale_tab_is_told_the_state(play: Play, missed: Complaint, officer: Client) -> None:
    typed = EXCUSE | shown(officer, do(missed))
    accepted = play("accept", "wh.zhang", missed)
    response = officer.post(do(missed), typed)
    sentence = f"页面已过时，当前状态：{accepted.describe_state()}。"
    assert (response.status_code, response.context["form"].errors["__all__"]) == (409, [sentence])
    page = response.content.decode()
    assert ("系统故障，整日不能交办。" in page, str(accepted.describe_state()) in page) == (True, True)
    form = response.context["form"]
    fresh = {name: form[name].value() for name in ("_key", "_seen")}
    assert officer.post(do(missed), EXCUSE | fresh).status_code == 302


@with_verbs
def test_what_is_not_ones_own_is_refused_and_leaves_a_trace(missed: Complaint, officer: Client) -> None:
    page = officer.get(do(missed, "withdraw"))
    assert (page.status_code, page.context["form"], page.context["sentence"]) == (403, None, "您没有“客户撤诉”的权限。")
    response = officer.post(do(missed, "withdraw"), {"reason": "试试"})
    assert (response.status_code, response.context["can_run"]) == (403, False)
    assert "试试" in response.content.decode()
    log = AccessLog.objects.latest("pk")
    assert (log.action, log.result, log.matter_id) == ("withdraw", "forbidden", missed.matter_id)


@with_verbs
def test_what_can_not_be_run_now_says_so(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    leader = client_for("sc.leader")
    page = leader.get(do(complaint, "decide_criticism"))
    assert (page.status_code, page.context["form"], page.context["sentence"]) == (
        409, None, "当前状态不能“决定书面批评”。",
    )  # fmt: skip
    posted = leader.post(do(complaint, "decide_criticism"), {"criticised": "true", "reason": "试试"})
    assert (posted.status_code, posted.context["can_run"]) == (409, False)


@with_verbs
@pytest.mark.parametrize("username", OUTSIDE)
def test_verbs_in_the_administration_are_closed_to_who_keeps_no_books(
    missed: Complaint, client_for: Callable[[str], Client], username: str
) -> None:
    client = client_for(username)
    assert [client.get(do(missed)).status_code, client.post(do(missed), EXCUSE).status_code] == [403, 403]
    assert Deadline.objects.exclude(excuse_proposed_at=None).count() == 0


@with_verbs
def test_what_one_may_not_see_is_not_there(missed: Complaint, officer: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("complaints.models.complaints.ComplaintQuerySet.visible_to", lambda self, actor: self.none())
    assert [officer.get(do(missed)).status_code, officer.post(do(missed), EXCUSE).status_code] == [404, 404]
    assert Deadline.objects.exclude(excuse_proposed_at=None).count() == 0


@with_verbs
@pytest.mark.parametrize("object_id", ["999999", "x", "1/do/2", "_5F"])
def test_a_key_that_names_nothing_is_not_found(play: Play, officer: Client, object_id: str) -> None:
    assert officer.get(f"/admin/complaints/complaint/{object_id}/do/propose_excuse/").status_code == 404


@with_verbs
@pytest.mark.parametrize("verb", ["dispatch", "register", "set_limits", "nonsense"])
def test_a_verb_that_is_not_named_is_not_found(missed: Complaint, officer: Client, verb: str) -> None:
    assert [officer.get(do(missed, verb)).status_code, officer.post(do(missed, verb)).status_code] == [404, 404]


@with_verbs
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_answered(missed: Complaint, officer: Client, method: str) -> None:
    begin = reverse("admin:complaints_complaint_begin", args=["register"])
    assert [officer.generic(method, place).status_code for place in (do(missed), begin)] == [405, 405]


@with_verbs
def test_what_begins_a_matter_is_judged_by_the_gate_too(officer: Client) -> None:
    place = reverse("admin:complaints_complaint_begin", args=["register"])
    page = officer.get(place)
    assert (page.status_code, page.context["form"], page.context["state"]) == (403, None, "")
    posted = officer.post(place, {"customer": "王建国"})
    assert (posted.status_code, Complaint.objects.count()) == (403, 0)
