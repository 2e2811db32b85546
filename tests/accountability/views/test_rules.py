"""The page of the rules, one's own receipt, and the list of who has read (R55)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.actions.rules import confirm_reading
from accountability.models import Employee, RuleReading, RulesVersion, rules_in_force
from accountability.rules.catalogue import RULES
from accountability.rules.notice import clauses
from tests.factories import Cast, Now, Play
from tests.looking import writes

pytestmark = pytest.mark.rule("R55")

RULES_PAGE, CONFIRM = reverse("rules"), reverse("confirm_reading")
READINGS = reverse("rule_readings")
PUBLISH = reverse("organisation_act", args=["publish_rules"])
EVERYBODY = ("kf.agent", "kf.supervisor", "wh.contact", "wh.zhang", "wh.leader", "wh.head", "sc.officer", "sj.auditor",
             "sj.plain")  # fmt: skip


def body(response: Any) -> str:
    return "".join(part.decode() for part in response.streaming_content) if response.streaming else text(response)


def text(response: Any) -> str:
    return response.content.decode()


def anchors(page: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page))


# The page


@pytest.mark.parametrize("username", EVERYBODY)
def test_everybody_reads_the_notice_and_every_rule(username: str, client_for: Callable[[str], Client]) -> None:
    response = client_for(username).get(RULES_PAGE)
    page = text(response)
    assert response.status_code == 200
    assert {*RULES, *(clause.anchor for clause in clauses())} - anchors(page) == set()
    paragraphs = [words for clause in clauses() for words in clause.paragraphs if " | " not in words]
    assert [words for words in paragraphs if words not in page] == []


def test_every_link_within_the_page_leads_somewhere(client_for: Callable[[str], Client]) -> None:
    page = text(client_for("sc.officer").get(RULES_PAGE))
    inside = {*re.findall(r'href="#([^"]+)"', page), *re.findall(rf'href="{RULES_PAGE}#([^"]+)"', page)}
    assert inside - anchors(page) == set()
    assert len(inside) > len(RULES)


def test_no_anchor_stands_twice(client_for: Callable[[str], Client]) -> None:
    page = text(client_for("sc.officer").get(RULES_PAGE))
    found = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("R5", ["R5"]),
        ("r5", ["R5"]),
        ("30分钟内交办", ["R19"]),
        ("互动单", ["R39", "R40", "R41", "R42"]),
        ("没有这个词", []),
    ],
)
def test_the_rules_can_be_searched(wanted: str, found: list[str], client_for: Callable[[str], Client]) -> None:
    sections = client_for("sj.plain").get(RULES_PAGE, {"q": wanted}).context["sections"]
    assert [rule.name for _title, rows in sections for rule, _added in rows] == found


def test_what_is_looked_for_is_shown_as_text(client_for: Callable[[str], Client]) -> None:
    page = text(client_for("sj.plain").get(RULES_PAGE, {"q": '"><script>x</script>'}))
    assert "<script>x" not in page


@pytest.mark.rule("R5")
def test_the_principles_are_said_to_be_missing_until_they_are_put_in(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    missing = "原则的内容尚未收入"
    assert missing in text(client_for("sj.plain").get(RULES_PAGE))
    assert f"{PUBLISH}?rule=R5" in text(client_for("sc.officer").get(RULES_PAGE))
    play("publish_rules", "sc.officer", rule="R5", supplement="一、首问\n二、首办", reason="补入")
    page = text(client_for("sj.plain").get(RULES_PAGE))
    assert (missing in page, "一、首问<br>二、首办" in page) == (False, True)


def test_marketing_publishes_from_the_page(client_for: Callable[[str], Client], now: Now) -> None:
    officer = client_for("sc.officer")
    form = officer.get(f"{PUBLISH}?rule=R5").context["form"]
    assert form["rule"].value() == "R5"
    typed = {"rule": "R5", "supplement": "首问。", "reason": "补入", "_seen": form["_seen"].value()}
    assert officer.post(PUBLISH, typed).headers["location"] == RULES_PAGE
    assert officer.post(PUBLISH, typed).status_code == 409
    assert rules_in_force(now.at).version == 2


# One's own receipt


def test_a_person_confirms_once(cast: Cast, client_for: Callable[[str], Client], now: Now) -> None:
    reader = client_for("wh.zhang")
    assert "我已阅读" in text(reader.get(RULES_PAGE))
    answers = [reader.post(CONFIRM, {"version": "1"}) for _click in range(2)]
    assert [answer.headers["location"] for answer in answers] == [RULES_PAGE, RULES_PAGE]
    assert list(RuleReading.objects.values_list("employee__username", "read_at")) == [("wh.zhang", now.at)]
    page = text(reader.get(RULES_PAGE))
    assert ("您已确认阅读 v1" in page, "我已阅读" in page) == (True, False)


def test_nobody_confirms_for_another(cast: Cast, client_for: Callable[[str], Client]) -> None:
    other = cast["wh.li"]
    named = {"employee": "wh.li", "employee_id": str(other.pk), "user": str(other.pk), "by": "wh.li"}
    client_for("sc.officer").post(CONFIRM, {"version": "1"} | named)
    assert list(RuleReading.objects.values_list("employee__username", flat=True)) == ["sc.officer"]


@pytest.mark.parametrize("version", ["", "0", "2", "x", "1 OR 1=1"])
def test_another_version_than_the_one_in_force_is_not_confirmed(
    version: str, cast: Cast, client_for: Callable[[str], Client]
) -> None:
    response = client_for("wh.zhang").post(CONFIRM, {"version": version})
    assert (response.status_code, RuleReading.objects.count()) == (409, 0)
    assert "规则在此期间已有新版本" in text(response)


def test_a_new_version_asks_anew(play: Play, client_for: Callable[[str], Client], now: Now) -> None:
    reader = client_for("wh.zhang")
    reader.post(CONFIRM, {"version": "1"})
    assert "规则学习" not in text(reader.get("/"))
    now.forward(days=1)
    play("publish_rules", "sc.officer", supplement="补充。", reason="补充")
    assert reader.post(CONFIRM, {"version": "1"}).status_code == 409
    assert "规则学习" in text(client_for("wh.zhang").get("/"))
    reader.post(CONFIRM, {"version": "2"})
    assert sorted(RuleReading.objects.values_list("version__version", flat=True)) == [1, 2]
    assert "规则学习" not in text(client_for("wh.zhang").get("/"))


# Who has read


def people(response: Any) -> set[str]:
    return {person.username for person in response.context["page"].rows}


def test_a_head_sees_their_own_unit_only(cast: Cast, client_for: Callable[[str], Client]) -> None:
    head = client_for("wh.head")
    of_the_unit = {person.username for person in cast if person.unit == cast.unit("WH")}
    assert people(head.get(READINGS)) == of_the_unit
    assert people(head.get(READINGS, {"unit": "YC"})) == set()
    own_names = {person.name for person in cast if person.username in of_the_unit}
    others = {person.name for person in cast if person.unit} - own_names
    for place in (READINGS, f"{READINGS}?unit=YC"):
        page = body(head.get(place))
        assert [name for name in others if name in page] == []
        assert "宜昌" not in page


@pytest.mark.parametrize("username", ["sc.officer", "sc.leader", "sj.auditor"])
def test_marketing_and_auditors_see_everybody(username: str, cast: Cast, client_for: Callable[[str], Client]) -> None:
    client, seen, after = client_for(username), set[str](), ""
    while after is not None:
        page = client.get(f"{READINGS}?after={after}")
        seen, after = seen | people(page), page.context["page"].after
    assert seen == {person.username for person in cast if person.is_active and person.unit}


@pytest.mark.parametrize("username", ["kf.agent", "kf.supervisor", "wh.contact", "wh.leader", "wh.zhang", "sj.plain"])
def test_it_is_nobody_elses(username: str, client_for: Callable[[str], Client]) -> None:
    client = client_for(username)
    assert client.get(READINGS).status_code == 403
    assert READINGS not in text(client.get(RULES_PAGE))


def test_it_is_narrowed_to_who_has_not_read(cast: Cast, now: Now, client_for: Callable[[str], Client]) -> None:
    confirm_reading(cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    head = client_for("wh.head")
    assert people(head.get(READINGS, {"read": "yes"})) == {"wh.zhang"}
    assert "wh.zhang" not in people(head.get(READINGS, {"read": "no"}))
    assert people(head.get(READINGS, {"read": "x"})) == people(head.get(READINGS))
    context = head.get(READINGS).context
    assert (context["read"], context["people"]) == (1, len(people(head.get(READINGS))))


def test_the_list_is_paged_by_key(cast: Cast, client_for: Callable[[str], Client]) -> None:
    Employee.objects.bulk_create(
        Employee(username=f"wh.x{n:03d}", name=f"员工{n:03d}", unit=cast.unit("WH"), password="!") for n in range(60)
    )
    head, seen, after = client_for("wh.head"), [], ""
    while after is not None:
        page = head.get(READINGS, {"after": after} if after else {}).context["page"]
        seen += [person.username for person in page.rows]
        after = page.after
    assert seen == sorted(Employee.objects.filter(unit__code="WH", is_active=True).values_list("username", flat=True))


def test_the_list_takes_as_many_queries_for_many_people(cast: Cast, client_for: Callable[[str], Client]) -> None:
    officer = client_for("sc.officer")
    with CaptureQueriesContext(connection) as few:
        officer.get(READINGS, {"unit": "WH"})
    Employee.objects.bulk_create(
        Employee(username=f"wh.x{n:03d}", name=f"员工{n:03d}", unit=cast.unit("WH"), password="!") for n in range(30)
    )
    with CaptureQueriesContext(connection) as many:
        officer.get(READINGS, {"unit": "WH"})
    assert len(many) == len(few)


def test_a_list_of_people_is_taken_along_by_request_only(client_for: Callable[[str], Client]) -> None:
    """Who may ask for one is led to the request; there is no file here."""
    way = f'href="{reverse("begin_export")}?what=readings"'
    shown = {name: way in text(client_for(name).get(READINGS)) for name in ("sc.officer", "sj.auditor", "wh.head")}
    assert shown == {"sc.officer": True, "sj.auditor": True, "wh.head": False}
    assert client_for("sc.officer").get(f"{READINGS}download/").status_code == 404


def test_reading_the_pages_writes_nothing(cast: Cast, client_for: Callable[[str], Client]) -> None:
    head = client_for("wh.head")
    before = writes()
    for place in (RULES_PAGE, READINGS):
        head.get(place)
    assert (writes(), RulesVersion.objects.count()) == (before, 1)


# Where a rule bites


def test_forms_and_limits_lead_to_their_rule(play: Play, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    number = complaint.matter.number
    contact = client_for("wh.contact")
    deadline = complaint.matter.deadlines.get(kind="handoff")
    for place in (
        reverse("act", args=[number, "hand_off"]),
        reverse("complaint", args=[number]),
        reverse("deadline", args=[number, deadline.pk]),
    ):
        assert f'href="{RULES_PAGE}#R19"' in text(contact.get(place)), place
    officer = client_for("sc.officer")
    assert f'href="{RULES_PAGE}#R15"' in text(officer.get(reverse("organisation_act", args=["set_limits"])))
    assert f'href="{RULES_PAGE}#R24"' in text(officer.get(reverse("limits")))
    assert f'href="{RULES_PAGE}#R38"' in text(officer.get(reverse("leads")))
    assert f'href="{RULES_PAGE}#R15"' in text(officer.get("/admin/accountability/timelimits/begin/set_limits/"))


def test_a_refusal_leads_to_the_rule_it_names(play: Play, cast: Cast, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    leaderless = Employee.objects.create(username="wh.alone", name="无领导", unit=cast.unit("WH"), password="!")
    typed = {"to": leaderless.username, "method": "system"}
    place = reverse("act", args=[complaint.matter.number, "hand_off"])
    response = client_for("wh.contact").post(place, typed)
    assert response.status_code in (409, 422)
    assert f'不能交办(<a class="nowrap" href="{RULES_PAGE}#R4"' in text(response)
