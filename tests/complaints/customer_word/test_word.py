"""The customer's own word on a reply, by a link that is the only key (R37)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.gate.perform import Refused
from accountability.models import AccessLog, Employee, LedgerEntry
from complaints.customer_word.links import link_of
from complaints.data_rights import requests
from complaints.models import Complaint, CustomerMessage
from complaints.views import customer as customer_pages
from tests.accountability.notices.pretend_gateway import Gateway
from tests.complaints.customer_word.conftest import link_in
from tests.factories import INTAKE, Now, Play
from tests.test_nonsense import NONSENSE

Sent = Callable[..., list[str]]
NO = {"satisfied": "false", "kind": "slow", "reason": "拖了三天才有人联系我。"}


@pytest.fixture
def complaint(play: Play) -> Complaint:
    return play.upto("replied")


@pytest.fixture
def link(complaint: Complaint, sent: Sent) -> str:
    return link_in(sent())


def entries(complaint: Complaint) -> list[str]:
    return list(LedgerEntry.objects.filter(matter=complaint.pk).order_by("seq").values_list("verb", flat=True))


@pytest.mark.rule("R37")
@pytest.mark.rule("R7")
def test_who_is_satisfied_ends_it(link: str, complaint: Complaint, customer: Client, play: Play) -> None:
    answer = customer.post(link, {"satisfied": "true"}, follow=True)
    assert "您的评价已收到" in answer.content.decode()
    present = play.again(complaint)
    assert (present.state, present.satisfied, present.resolved) == ("archived", True, True)
    assert present.latest_round is not None
    assert present.latest_round.satisfied is True
    said = LedgerEntry.objects.get(matter=complaint.pk, verb="rate_reply")
    assert (said.actor, said.facts["satisfied"]) == (Employee.objects.system(), True)


@pytest.mark.rule("R37")
def test_who_is_not_says_why_and_the_centre_decides(
    link: str, complaint: Complaint, customer: Client, play: Play
) -> None:
    customer.post(link, NO)
    present = play.again(complaint)
    assert (present.state, present.satisfied, present.awaits) == ("replied", False, "decide")
    assert present.latest_round is not None
    assert present.latest_round.dissatisfied_by == "slow"
    said = LedgerEntry.objects.get(matter=complaint.pk, verb="rate_reply")
    assert said.texts is not None
    assert (said.texts.opened, "拖了" in str(said.facts)) == ({"reason": NO["reason"]}, False)
    assert play("dispatch", "kf.agent", present).state == "dispatched"


def test_it_is_told_as_the_customers_own(
    link: str, complaint: Complaint, customer: Client, client_for: Callable[[str], Client]
) -> None:
    customer.post(link, NO)
    page = client_for("kf.agent").get(reverse("complaint", args=[complaint.matter.number])).content.decode()
    assert ("客户本人" in page, NO["reason"] in page) == (True, True)


def test_a_mistake_is_put_right_by_a_supervisor(link: str, complaint: Complaint, customer: Client, play: Play) -> None:
    customer.post(link, {"satisfied": "true"})
    present = play.again(complaint)
    wrong: dict[str, Any] = {"satisfied": False, "kind": "other", "reason": "客户来电：点错了。"}
    assert play.refused("correct_satisfaction", "kf.agent", present, **wrong).code == "forbidden"
    assert play("correct_satisfaction", "kf.supervisor", present, **wrong).state == "replied"


@pytest.mark.parametrize(
    ("typed", "field"),
    [({}, "satisfied"), ({"satisfied": "perhaps"}, "satisfied"), ({"satisfied": "false", "reason": "慢"}, "kind"),
     ({"satisfied": "false", "kind": "nonsense"}, "kind"), ({"satisfied": "true", "kind": "slow"}, "kind"),
     ({**NO, "reason": "慢" * 501}, "reason")],
)  # fmt: skip
def test_bad_input_is_told_at_its_field_and_changes_nothing(
    link: str, complaint: Complaint, customer: Client, typed: dict[str, str], field: str
) -> None:
    before = entries(complaint)
    answer = customer.post(link, typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert typed.get("reason", "")[:1] in answer.content.decode()
    assert entries(complaint) == before


def test_opening_the_link_says_nothing(link: str, complaint: Complaint, customer: Client) -> None:
    """Messengers open links before people do."""
    before = entries(complaint)
    for method in (customer.get, customer.head):
        assert method(link).status_code == 200
    assert entries(complaint) == before


def test_a_second_click_counts_once(link: str, complaint: Complaint, customer: Client) -> None:
    answers = [customer.post(link, NO, follow=True) for _time in range(2)]
    assert ["您的评价已收到" in answer.content.decode() for answer in answers] == [True, True]
    assert entries(complaint).count("rate_reply") == 1


def test_what_the_centre_recorded_stands(link: str, complaint: Complaint, customer: Client, play: Play) -> None:
    play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    answer = customer.post(link, {"satisfied": "true"})
    assert (answer.status_code, "已不再接受评价" in answer.content.decode()) == (409, True)
    assert play.again(complaint).satisfied is False
    turned_away = AccessLog.objects.get(action="customer_word")
    assert (turned_away.matter_id, turned_away.result, turned_away.detail) == (complaint.pk, "state", "satisfied")


def test_an_agents_act_is_never_shown_as_the_customers(
    link: str, complaint: Complaint, customer: Client, play: Play
) -> None:
    """The key of a form is whatever a browser sends."""
    key = f"customer-word-{CustomerMessage.objects.get(kind='replied').pk}"
    play("record_satisfaction", "kf.agent", complaint, satisfied=True, key=key)
    assert "您的评价已收到" not in customer.get(link).content.decode()


def test_while_its_hours_are_in_question_nothing_is_taken(
    link: str, complaint: Complaint, customer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words for customers, with everything still there."""

    def held(*_args: Any, **_more: Any) -> None:
        raise Refused("held", "停摆时段待裁定")

    monkeypatch.setattr(customer_pages, "perform", held)
    answer = customer.post(link, NO)
    page = answer.content.decode()
    assert (answer.status_code, "暂时不能提交" in page, "停摆" in page, NO["reason"] in page) == (
        409,
        True,
        False,
        True,
    )


def test_the_copy_for_the_customer_has_their_word(link: str, complaint: Complaint, customer: Client, now: Now) -> None:
    customer.post(link, NO)
    said = list(LedgerEntry.objects.filter(matter=complaint.pk, verb="rate_reply").select_related("texts"))
    told = requests._told(Complaint.of_matter(complaint.pk), said, [])
    (rating,) = told["ratings"]
    assert (rating["satisfied"], rating["kind"], rating["text"]) == (False, "处理太慢", NO["reason"])
    assert told["supplements"] == []


def test_the_link_of_an_earlier_reply_asks_no_more(
    link: str, complaint: Complaint, customer: Client, play: Play, sent: Sent
) -> None:
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    for verb, by in (
        ("dispatch", "kf.agent"), ("hand_off", "wh.contact"), ("answer", "wh.zhang"), ("judge_complete", "kf.agent"),
        ("reply", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    assert customer.post(link, {"satisfied": "true"}).status_code == 409
    assert customer.post(link_in(sent()), {"satisfied": "true"}).status_code == 302


def test_the_last_instant_of_its_days_counts(link: str, complaint: Complaint, customer: Client, now: Now) -> None:
    made = CustomerMessage.objects.get(kind="replied").made_at
    now.set(made)
    now.forward(days=7, seconds=1)
    assert customer.post(link, {"satisfied": "true"}).status_code == 409
    now.forward(seconds=-1)
    assert customer.post(link, {"satisfied": "true"}).status_code == 302


def test_a_link_that_was_changed_is_none(link: str, customer: Client) -> None:
    last = "A" if link[-2] != "A" else "B"
    number, dash, signed = link.rpartition("/c/")[2].partition("-")
    for invented in (
        f"{link[:-2]}{last}/", f"/c/{int(number) + 1}{dash}{signed}", f"/c/{number}-/", f"/c/{number}/", "/c/x/",
        f"/c/٣{dash}{signed}", f"/c/{'9' * 40}{dash}{signed}", f"/c/0{number}{dash}{signed}",
    ):  # fmt: skip
        assert (invented, customer.get(invented).status_code) == (invented, 404)


def test_the_message_of_the_registration_opens_no_question(play: Play, customer: Client) -> None:
    play.upto("registered")
    assert customer.get(f"/c/{link_of(CustomerMessage.objects.get())}/").status_code == 404


def test_a_link_sent_to_a_wrong_number_dies_with_the_number(
    link: str, complaint: Complaint, customer: Client, play: Play, sms: Gateway
) -> None:
    """And the right one gets both messages."""
    play("correct", "kf.agent", complaint, phone="13900000000", reason="号码登记有误。")
    assert customer.get(link).status_code == 404
    tasks.send_notifications()
    again = [body["text"] for body in sms.received if body["to"] == "13900000000"]
    assert (len(again), customer.get(link_in(again)).status_code) == (2, 200)


def test_nobody_who_signs_in_may_speak_for_the_customer(complaint: Complaint, play: Play) -> None:
    for username in ("kf.agent", "kf.supervisor", "wh.zhang", "wh.head", "sc.leader"):
        assert play.refused("rate_reply", username, complaint, satisfied=True).code == "forbidden"


def test_the_page_shows_nothing_of_the_complaint(link: str, customer: Client) -> None:
    page = customer.get(link).content.decode()
    shown = [text for text in INTAKE.values() if text != "none" and text in page]
    assert (shown, "武汉" in page, "_seen" in page) == ([], False, False)


def test_it_is_in_no_cache_no_index_and_no_referrer(link: str, customer: Client) -> None:
    headers = customer.get(link).headers
    assert (headers["Cache-Control"], headers["X-Robots-Tag"], headers["Referrer-Policy"]) == (
        "private, no-store", "noindex, nofollow", "strict-origin",
    )  # fmt: skip


def test_the_address_it_came_from_is_kept(link: str, customer: Client) -> None:
    customer.post(link, NO, REMOTE_ADDR="203.0.113.9")
    assert AccessLog.objects.get(action="rate_reply").address == "203.0.113.9"


def test_without_the_switch_there_are_no_such_pages(link: str, customer: Client, settings: Any) -> None:
    settings.CUSTOMER_LINKS = False
    assert [customer.get(place).status_code for place in (link, "/c/")] == [404, 404]


def test_a_form_of_another_site_is_refused(link: str, complaint: Complaint) -> None:
    before = entries(complaint)
    assert Client(enforce_csrf_checks=True).post(link, {"satisfied": "true"}).status_code == 403
    assert entries(complaint) == before


@pytest.mark.parametrize("name", ["satisfied", "kind", "reason"])
def test_no_nonsense_breaks_the_page_or_says_anything(
    link: str, complaint: Complaint, customer: Client, name: str
) -> None:
    before = entries(complaint)
    typed: dict[str, Any] = {"satisfied": "false", "kind": "" if name == "reason" else "slow"}
    for value in NONSENSE:
        answers = [customer.post(link, typed | {name: value}) if name != "kind" else
                   customer.post(link, typed | {"kind": value or "?"}), customer.get(link, {name: value})]  # fmt: skip
        # NUL in an address is refused before any page.
        read = 400 if "\x00" in value else 200
        assert ([answer.status_code for answer in answers], entries(complaint)) == ([422, read], before)
    assert customer.put(link, {}).status_code == 405


def test_hostile_words_stay_words(
    link: str, complaint: Complaint, customer: Client, client_for: Callable[[str], Client]
) -> None:
    customer.post(link, NO | {"reason": "<script>alert(1)</script> 13871234567 张三"})
    page = client_for("wh.zhang").get(reverse("complaint", args=[complaint.matter.number])).content.decode()
    assert ("<script>alert(1)" in page, "13871234567" in page) == (False, False)
