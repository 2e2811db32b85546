"""The page of outages, and what a held matter's pages say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.gate import holding
from accountability.models import Hold
from accountability.monitoring import system_health
from complaints.models import Complaint
from tests.accountability.gate.held import after, held, missed, propose, ruled
from tests.factories import Now, Play

__all__ = ["held"]

Clients = Callable[[str], Client]
WINDOW = "2026-11-24 09:00 – 2026-11-24 11:00"


def text_of(response: Any) -> str:
    return response.content.decode()


def buttons(client: Client) -> list[str]:
    """The verbs that the page of outages offers."""
    shown = client.get(reverse("holds")).context["holds"]
    return [verb["url"].rstrip("/").rpartition("/")[2] for row in shown for verb in row["verbs"]]


def test_it_names_the_window_and_what_waits_by_kind_and_unit(held: list[Complaint], client_for: Clients) -> None:
    page = client_for("sc.officer").get(reverse("holds"))
    told = text_of(page)
    assert [(row["label"], str(row["unit"]), row["count"]) for row in page.context["tally"]] == [
        ("交办", "武汉分公司", 2)
    ]
    assert all(str(complaint.matter.number) in told for complaint in held)
    assert "11-24 09:00" in told
    assert "11-24 11:00" in told


def test_the_list_is_paged(play: Play, now: Now, client_for: Clients) -> None:
    for number in range(30):
        play.upto("delivered", phone=f"139{number:08d}")
    holding.note_served(now.at)
    holding.forget()
    now.forward(hours=2)
    holding.note_served(now.at)
    client = client_for("sc.leader")
    first = client.get(reverse("holds"))
    assert (len(first.context["rows"]), first.context["page"].after is None) == (25, False)
    assert len(client.get(reverse("holds"), {"after": first.context["page"].after}).context["rows"]) == 5


@pytest.mark.parametrize("who", ["kf.supervisor", "kf.agent", "wh.head", "sj.system", "sj.auditadmin"])
def test_other_offices_see_none_of_it(held: list[Complaint], client_for: Clients, who: str) -> None:
    assert client_for(who).get(reverse("holds")).status_code == 403


def test_two_people_release_it_through_the_pages(held: list[Complaint], client_for: Clients, now: Now) -> None:
    officer, leader = client_for("sc.officer"), client_for("sc.leader")
    assert (buttons(officer), buttons(leader), buttons(client_for("sj.auditor"))) == (
        ["propose_release"], ["propose_release"], [],
    )  # fmt: skip
    form = reverse("organisation_act", args=["propose_release"])
    assert "由市场部领导中的另一人批准" in text_of(officer.get(form))
    said = {"ruling": "excuse", "messages": "drop", "reason": ""}
    refused = officer.post(form, said)
    assert (refused.status_code, "全部免责的，须写明理由。" in text_of(refused)) == (422, True)
    assert officer.post(form, said | {"reason": "机房断电。"})["Location"] == reverse("holds")
    assert (buttons(officer), buttons(leader)) == (["withdraw_release"], ["approve_release", "refuse_release"])
    approval = reverse("organisation_act", args=["approve_release"])
    shown = text_of(leader.get(approval))
    assert "机房断电。" in shown
    assert "免责：超时记录并全部免责" in shown
    assert officer.post(approval).status_code == 403
    assert leader.post(approval)["Location"] == reverse("holds")
    assert (Hold.objects.get().state, buttons(leader)) == ("releasing", [])


def test_an_approval_of_what_has_changed_meanwhile_is_refused(
    held: list[Complaint], play: Play, client_for: Clients, now: Now
) -> None:
    """The leader read one proposal; another stands there now."""
    propose(play, "excuse")
    leader, approval = client_for("sc.leader"), reverse("organisation_act", args=["approve_release"])
    seen = leader.get(approval).context["form"]["_seen"].value()
    play("withdraw_release", "sc.officer")
    propose(play, "confirm")
    assert leader.post(approval, {"_seen": seen}).status_code == 409
    assert Hold.objects.get().state == "proposed"


def test_a_held_complaint_says_so_and_offers_nothing(held: list[Complaint], client_for: Clients) -> None:
    page = client_for("wh.contact").get(reverse("complaint", args=[held[0].matter.number]))
    assert f"本件有时限在系统停摆期间（{WINDOW}）到期" in text_of(page)
    assert (page.context["forms"], page.context["asides"]) == ([], [])


def test_the_page_of_a_verb_says_it_instead_of_a_form(held: list[Complaint], client_for: Clients) -> None:
    address = reverse("act", args=[held[0].matter.number, "hand_off"])
    page = client_for("wh.contact").get(address)
    assert (page.status_code, WINDOW in text_of(page), page.context["form"]) == (409, True, None)


def test_a_refused_form_keeps_what_was_typed(held: list[Complaint], client_for: Clients) -> None:
    address = reverse("act", args=[held[0].matter.number, "report_to_leader"])
    page = client_for("wh.contact").post(address, {"leader": "wh.leader", "reason": "责任人正在核实中"})
    assert page.status_code == 409
    assert all(words in text_of(page) for words in (WINDOW, "您填写的内容没有丢失。", "责任人正在核实中"))


def test_other_complaints_are_as_always(held: list[Complaint], play: Play, client_for: Clients) -> None:
    fresh = play.upto("delivered")
    page = client_for("wh.contact").get(reverse("complaint", args=[fresh.matter.number]))
    assert "系统停摆期间" not in text_of(page)
    assert page.context["forms"]


@pytest.mark.parametrize("who", ["sc.officer", "kf.supervisor", "sj.system"])
def test_every_page_tells_those_concerned(held: list[Complaint], client_for: Clients, who: str) -> None:
    assert "系统停摆：自 2026-11-24 09:00" in text_of(client_for(who).get(reverse("preferences")))


def test_the_system_administrator_sees_since_when_it_waits(held: list[Complaint], play: Play, now: Now) -> None:
    assert system_health.sweep_runs(now.at).tone == "ok"  # the sweep does what it should
    assert system_health.holds_are_ruled_on(now.at).tone == "warn"
    for _hour in range(25):
        for _time in range(5):
            after(now, 12)
    assert system_health.holds_are_ruled_on(now.at).tone == "danger"
    ruled(play, "confirm")
    Hold.objects.update(state="released")
    assert (system_health.holds_are_ruled_on(now.at).tone, missed()) == ("ok", [])
