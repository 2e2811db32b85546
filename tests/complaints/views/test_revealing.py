"""Looking at a number: with one click for whoever works on it, for a reason beyond that; noted and counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.audit import access_log
from accountability.models import AccessLog, Alarm, Appointment, Employee, Notification, PersonalData
from accountability.privacy import revealing as unmasking
from complaints.models import Complaint
from complaints.views import revealing
from tests.factories import INTAKE, Cast, Now, Play

pytestmark = [pytest.mark.compliance(2, 8, 13, 23), pytest.mark.asvs("8.2.2", "14.2.6", "16.3.3")]

RAW = (INTAKE["customer"], INTAKE["phone"])
WHY = {"purpose": "supervise", "reason": "客户来电催问进度"}

ClientFor = Callable[[str], Client]


@pytest.fixture
def verified(client_for: ClientFor, cast: Cast) -> ClientFor:
    """Signed in with the second factor shown."""

    def sign_in(username: str) -> Client:
        return client_for(username)

    return sign_in


def ask(client: Client, complaint: Complaint, why: dict[str, str] | None = None, **headers: Any) -> tuple[int, str]:
    response = client.post(reverse("reveal", args=[complaint.matter.number]), why or {}, **headers)
    return response.status_code, response.content.decode()


def shown(page: str) -> list[str]:
    return [raw for raw in RAW if raw in page]


def noted(action: str) -> list[tuple[str | None, str, str]]:
    rows = AccessLog.objects.filter(action=action).order_by("pk")
    return list(rows.values_list("actor__username", "result", "detail"))


# Whose work it is


@pytest.mark.parametrize(
    ("state", "username"),
    [
        ("registered", "kf.agent"), ("registered", "kf.agent2"), ("registered", "kf.supervisor"),
        ("delivered", "wh.contact"), ("accepted", "wh.zhang"), ("completed", "kf.agent"), ("replied", "kf.agent2"),
    ],
)  # fmt: skip
def test_who_holds_it_looks_with_one_click_and_the_look_is_noted(
    state: str, username: str, play: Play, client_for: ClientFor, cast: Cast, now: Now
) -> None:
    complaint = play.upto(state)
    client = client_for(username)
    response = client.post(reverse("reveal", args=[complaint.matter.number]))
    assert (response.status_code, shown(response.content.decode())) == (200, list(RAW))
    assert "no-store" in response["Cache-Control"]
    (row,) = AccessLog.objects.filter(action="reveal")
    assert (row.actor, row.matter_id, row.result, row.at) == (cast[username], complaint.pk, "ok", now.at)
    assert shown(client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()) == []


@pytest.mark.parametrize(
    ("state", "username"),
    [
        ("accepted", "kf.agent"), ("accepted", "kf.agent2"), ("accepted", "wh.contact"), ("accepted", "wh.head"),
        ("accepted", "wh.leader"), ("accepted", "sj.auditor"), ("completed", "wh.zhang"), ("archived", "wh.zhang"),
        ("archived", "kf.agent"), ("archived", "sj.auditor"),
    ],
)  # fmt: skip
def test_who_does_not_hold_it_is_refused_by_any_way_and_that_is_noted(
    state: str, username: str, play: Play, verified: ClientFor
) -> None:
    """Agents while a unit has it, the unit's others, whoever had it before, auditors: not for a reason either."""
    complaint, client = play.upto(state), verified(username)
    for why in (None, WHY):
        status, page = ask(client, complaint, why)
        assert (status, shown(page)) == (403, [])
    assert noted("reveal") == [(username, "refused", "")] * 2
    assert noted("unmask") == []
    page = client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()
    assert reverse("reveal", args=[complaint.matter.number]) not in page


def test_htmx_gets_the_customers_card_alone(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    _status, page = ask(client_for("kf.agent"), complaint, headers={"HX-Request": "true"})
    assert (page.count("<section"), shown(page)) == (1, list(RAW))


def test_what_the_customer_said_is_shown_with_their_numbers(play: Play, client_for: ClientFor) -> None:
    """Another number to call stands in the words alone."""
    said = "本机停机，请打 139-0000-1111 找王建国"
    complaint = play.upto("registered", content=said)
    assert said in ask(client_for("kf.agent"), complaint)[1]
    assert said not in client_for("kf.agent").get(reverse("complaint", args=[complaint.matter.number])).content.decode()


def test_a_get_reveals_nothing_and_for_a_unit_without_a_part_there_is_none(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("accepted")
    assert client_for("wh.zhang").get(reverse("reveal", args=[complaint.matter.number])).status_code == 405
    assert ask(client_for("yc.contact"), complaint)[0] == 404
    assert AccessLog.objects.filter(action="reveal").count() == 0


def test_of_an_erased_customer_there_is_nothing_to_reveal(
    play: Play, client_for: ClientFor, verified: ClientFor
) -> None:
    complaint = play.upto("accepted")
    PersonalData.objects.filter(matter=complaint.matter).update(sealed=None, erased_at=play.now.at)
    assert [ask(client, complaint, WHY)[0] for client in (client_for("wh.zhang"), verified("kf.supervisor"))] == [
        403
    ] * 2


# For a reason


@pytest.mark.parametrize("state", ["accepted", "archived"])
@pytest.mark.parametrize("username", ["kf.supervisor", "sc.officer", "kf.head"])
def test_beyond_ones_own_work_one_record_for_a_reason(
    state: str, username: str, play: Play, verified: ClientFor
) -> None:
    complaint, client = play.upto(state), verified(username)
    status, page = ask(client, complaint, WHY)
    assert (status, shown(page)) == (200, list(RAW))
    assert noted("unmask") == [(username, "ok", "supervise 客户来电催问进度")]
    assert shown(client.get(reverse("complaint", args=[complaint.matter.number])).content.decode()) == []


def test_without_the_second_factor_nothing_is_shown(play: Play, cast: Cast, now: Now) -> None:
    """Whatever keeps such a session from the pages at all, the view asks for itself."""
    from django.test import RequestFactory

    from accountability.models import actor_for

    complaint = play.upto("accepted")
    request: Any = RequestFactory().post("/", WHY)
    request.at, request.user, request.htmx = now.at, cast["kf.supervisor"], False
    request.actor = actor_for(request.user.pk, now.at)
    request.session = {}
    response = revealing.reveal(request, str(complaint.matter.number))
    assert (response.status_code, shown(response.content.decode())) == (403, [])
    assert "二次验证" in response.content.decode()
    assert noted("reveal") == [("kf.supervisor", "refused", "")]


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ({}, "请选择用途。"),
        ({"purpose": "call"}, "请写明理由。"),
        ({"purpose": "call", "reason": "看一下"}, "理由至少 5 个字，现有 3 个。"),
        ({"purpose": "call", "reason": "　　　　　　看看"}, "理由至少 5 个字，现有 2 个。"),
        ({"purpose": "call", "reason": "看\u200b\u200b\u200b\u200b一下"}, "理由至少 5 个字，现有 3 个。"),
        ({"purpose": "call", "reason": "长" * 101}, "理由最多 100 个字，现有 101 个。"),
        ({"purpose": "nosy", "reason": "客户来电催问进度"}, "请选择用途。"),
    ],
)
def test_a_reason_that_is_none_is_said_so_and_kept(
    why: dict[str, str], sentence: str, play: Play, verified: ClientFor
) -> None:
    complaint = play.upto("accepted")
    status, page = ask(verified("kf.supervisor"), complaint, why)
    assert (status, shown(page), sentence in page) == (422, [], True)
    assert why.get("reason", "").strip() in page
    assert noted("unmask") == []


def test_the_noted_reason_names_nobody(play: Play, verified: ClientFor) -> None:
    complaint = play.upto("accepted")
    ask(
        verified("kf.supervisor"), complaint, {"purpose": "call", "reason": "回电王建国 138 7123 4567，备用13900001111"}
    )
    assert noted("unmask") == [("kf.supervisor", "ok", "call 回电王** 138****4567，备用139****1111")]


# Counted


def looks(employee: Employee, count: int, at: Any, action: str = unmasking.BY_REASON) -> None:
    AccessLog.objects.bulk_create(
        AccessLog(at=at, actor=employee, action=action, result="ok") for _place in range(count)
    )


def test_beyond_the_limit_an_alarm_is_raised_once_and_who_audits_is_told(
    play: Play, verified: ClientFor, cast: Cast, now: Now
) -> None:
    complaint, client, who = play.upto("accepted"), verified("kf.supervisor"), cast["kf.supervisor"]
    Employee.objects.filter(pk=who.pk).update(supervisor=cast["kf.head"])
    looks(who, 29, now.at - timedelta(minutes=59))
    assert (ask(client, complaint, WHY)[0], Alarm.objects.filter(kind="unmasking").count()) == (200, 0)
    assert [ask(client, complaint, WHY)[0] for _place in range(2)] == [200, 200]
    (alarm,) = Alarm.objects.filter(kind="unmasking")
    assert alarm.facts == {"person": "kf.supervisor", "count": 30}
    told = Notification.objects.filter(kind="unmasking").values_list("recipient__username", flat=True)
    audit = Appointment.objects.filter(role__in=("auditor", "audit_admin")).values_list("employee__username", flat=True)
    assert sorted(told) == sorted({*audit, "kf.head"})
    assert (
        "kf.supervisor 一小时内查看客户号码超过 30 次" in verified("sj.auditor").get(reverse("alarms")).content.decode()
    )


def test_the_last_of_the_hour_is_had_and_the_next_refused(
    play: Play, verified: ClientFor, cast: Cast, now: Now
) -> None:
    complaint, client = play.upto("accepted"), verified("kf.supervisor")
    looks(cast["kf.supervisor"], 59, now.at - timedelta(minutes=30))
    assert [ask(client, complaint, WHY)[0] for _place in range(3)] == [200, 429, 429]
    status, page = ask(client, complaint, WHY)
    assert (status, shown(page), "已达 60 次" in page, "暂时不能查看" in page, "无权查看" in page) == (
        429, [], True, True, False,
    )  # fmt: skip
    assert [row[1] for row in noted("unmask")[-4:]] == ["ok", "refused", "refused", "refused"]
    now.forward(minutes=30)
    assert ask(client, complaint, WHY)[0] == 200


def test_ones_own_work_is_counted_and_never_stopped(play: Play, client_for: ClientFor, cast: Cast, now: Now) -> None:
    complaint = play.upto("accepted")
    looks(cast["wh.zhang"], 100, now.at, unmasking.ONE_CLICK)
    assert ask(client_for("wh.zhang"), complaint)[0] == 200
    assert Alarm.objects.get(kind="unmasking").facts["person"] == "wh.zhang"


def test_the_limits_are_those_of_the_policy_in_force(play: Play, verified: ClientFor, cast: Cast, now: Now) -> None:
    complaint, client = play.upto("accepted"), verified("kf.supervisor")
    play("set_privacy_policy", "sc.leader", unmask_per_hour=1, unmask_stop_per_hour=2, reason="收紧")
    assert [ask(client, complaint, WHY)[0] for _place in range(3)] == [200, 200, 429]


def test_the_alarm_ends_with_its_hour(play: Play, cast: Cast, now: Now, client_for: ClientFor) -> None:
    complaint = play.upto("accepted")
    looks(cast["wh.zhang"], 31, now.at, unmasking.ONE_CLICK)
    ask(client_for("wh.zhang"), complaint)
    for minutes, standing in ((30, True), (31, False)):
        now.forward(minutes=minutes)
        unmasking.look_after(now.at)
        assert Alarm.objects.filter(kind="unmasking", cleared_at=None).exists() is standing


def test_what_cannot_be_noted_is_not_shown(play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record first: where it fails, so does the look."""
    complaint, client = play.upto("accepted"), client_for("wh.zhang")

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(access_log, "write", full)
    client.raise_request_exception = False
    status, page = ask(client, complaint)
    assert (status, shown(page)) == (500, [])
