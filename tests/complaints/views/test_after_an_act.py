"""After an act: who has the complaint now, until when, how late the act was, what undoes it, and what comes next."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages

from accountability.deadlines.limits import SHANGHAI
from accountability.models import Employee


def done(client: Any, complaint: Any, verb: str, **typed: Any) -> str:
    """Run the verb as the page sends it; the message that follows."""
    response = client.post(f"/complaints/{complaint.matter.number}/{verb}/", typed)
    assert response.status_code == 302, response.content.decode()
    return str(list(get_messages(response.wsgi_request))[-1])


def test_a_hand_over_names_the_person_and_the_due_instant(play, client_for):
    complaint = play.upto("delivered")
    told = done(client_for("wh.contact"), complaint, "hand_off", to="wh.zhang", method="system")
    zhang = Employee.objects.get(username="wh.zhang")
    due = play.again(complaint).matter.deadlines.get(kind="handling").due_at
    assert f"现由 {zhang.name} 负责" in told
    assert f"{due.astimezone(SHANGHAI):%H:%M}" in told
    assert any(day in told for day in ("周一", "周二", "周三", "周四", "周五", "周六", "周日"))
    assert "超时" not in told


def test_a_dispatch_names_the_unit_of_the_person_too(play, client_for):
    complaint = play.upto("registered")
    told = done(client_for("kf.agent"), complaint, "dispatch", unit="WH")
    contact = Employee.objects.select_related("unit").get(username="wh.contact")
    assert f"现由 {contact.name}（{contact.unit}） 负责" in told


def test_a_late_hand_over_says_by_how_much(play, client_for, now):
    complaint = play.upto("delivered")
    now.forward(minutes=33, seconds=12)
    told = done(client_for("wh.contact"), complaint, "hand_off", to="wh.zhang", method="system")
    assert "超时 3分 12秒" in told


def test_a_dispatch_can_be_recalled_from_its_message(play, client_for):
    complaint = play.upto("registered")
    told = done(client_for("kf.agent"), complaint, "dispatch", unit="WH")
    assert f'<a href="/complaints/{complaint.matter.number}/recall/">撤回派单</a>' in told


def test_a_slip_at_the_satisfaction_can_be_put_right_from_its_message(play, client_for):
    complaint = play.upto("replied")
    told = done(client_for("kf.supervisor"), complaint, "record_satisfaction", satisfied="true")
    assert f"/complaints/{complaint.matter.number}/correct_satisfaction/" in told
    assert "负责" not in told  # nobody has it any more


def test_an_agent_who_may_not_put_it_right_is_offered_nothing(play, client_for):
    assert "<a" not in done(client_for("kf.agent"), play.upto("replied"), "record_satisfaction", satisfied="true")


def test_no_message_offers_what_its_reader_may_not_do(play, client_for):
    told = done(client_for("wh.zhang"), play.upto("handed_off"), "accept")
    assert "<a" not in told


def test_who_may_not_know_who_has_it_isnt_told(play, client_for):
    """The forwarder of a VIP customer replies (R34), and doesn't know who has the complaint then."""
    complaint = play("register", "kf.agent", play.upto("forwarded", tier="vip"))
    complaint = play("handle_directly", "kf.agent", complaint)
    complaint = play("judge_complete", "kf.agent", complaint)
    told = done(client_for("yc.chen"), complaint, "reply", content="已修复。")
    assert told == "“回复客户”已完成。"


@pytest.mark.parametrize("asked", ["list=hand_off", "list=hand_off&priority=P3"])
def test_the_next_of_the_same_list_is_offered(play, client_for, asked):
    first, second = play.upto("delivered"), play.upto("delivered", phone="13871239999")
    client = client_for("wh.contact")
    page = client.get(f"/complaints/{first.matter.number}/?{asked}")
    assert [address for _label, address in page.context["next"]] == [f"/complaints/{second.matter.number}/?{asked}"]
    form = next(form for form in page.context["forms"] if form.verb.name == "hand_off")
    assert parse_qs(form["_list"].value()) == parse_qs(asked)
    told = done(client, first, "hand_off", to="wh.zhang", method="system", _list=form["_list"].value())
    assert f"/complaints/{second.matter.number}/?" in told
    assert "下一件" in told
    last = done(client, second, "hand_off", to="wh.zhang", method="system", _list=asked)
    assert "下一件" not in last


@pytest.mark.parametrize("order", ["", "&order=newest"])
def test_from_one_to_the_next_a_list_is_worked_through_to_its_end(play, client_for, order):
    made = [play.upto("delivered", phone=f"1387123999{n}").matter.number for n in range(3)]
    client, asked, way = client_for("wh.contact"), f"list=hand_off{order}", []
    expected = made[::-1] if order else made
    address: str | None = f"/complaints/{expected[0]}/?{asked}"
    while address:
        page = client.get(address)
        way.append(page.context["complaint"].matter.number)
        assert len(way) <= len(made)
        address = next((address for _label, address in page.context["next"]), None)
    assert way == expected


@pytest.mark.parametrize(
    "asked", ["//evil.example/", "list=//evil.example", "https://evil.example/?list=hand_off", "%00", "list"]
)
def test_a_list_that_isnt_one_leads_nowhere(play, client_for, asked):
    first, _second = play.upto("delivered"), play.upto("delivered", phone="13871239999")
    told = done(client_for("wh.contact"), first, "hand_off", to="wh.zhang", method="system", _list=asked)
    assert "evil" not in told
    assert "下一件" not in told


def test_beside_the_list_the_next_opens_beside_it(play, client_for):
    first, second = play.upto("delivered"), play.upto("delivered", phone="13871239999")
    response = client_for("wh.contact").post(
        f"/complaints/{first.matter.number}/hand_off/", {"to": "wh.zhang", "method": "system"},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/complaints/?list=hand_off&open={first.matter.number}"},
    )  # fmt: skip
    told = " ".join(str(message) for message in get_messages(response.wsgi_request))
    assert response["HX-Redirect"] == f"/complaints/?list=hand_off&open={first.matter.number}"
    assert f"/complaints/?list=hand_off&amp;open={second.matter.number}" in told


def test_the_list_says_to_each_complaint_where_it_was_opened(play, client_for):
    complaint = play.upto("delivered")
    client = client_for("wh.contact")
    address = f"/complaints/{complaint.matter.number}/?list=hand_off"
    assert urlsplit(address).query == "list=hand_off"
    for page in ("/", "/complaints/?list=hand_off"):
        assert f'href="{address}"' in client.get(page).content.decode()
