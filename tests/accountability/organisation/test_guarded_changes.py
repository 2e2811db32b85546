"""Changes that take two people: who requests, who decides, who hears of it, and from when it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accountability.actions.guarded_changes import expire_due
from accountability.audit.reconciliation import reconcile
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import (
    ActivationCode,
    Appointment,
    Authenticator,
    Delivery,
    GuardedChange,
    LedgerEntry,
    Notification,
    Preferences,
)
from accountability.notices.channels.delivery import deliver
from accountability.notices.sending import send
from accountability.organisation.guarded_changes import BEFORE_ASKING, CARRIES_OUT
from accountability.signin import passwords, second_factor
from tests.factories import Cast, Now, Play
from tests.looking import writes

pytestmark = [pytest.mark.compliance(9), pytest.mark.asvs("6.4.4", "8.2.1")]

TODAY, YESTERDAY, TOMORROW, LATER = "2026-11-24", "2026-11-23", "2026-11-25", "2026-12-01"
GUARD, AUDIT = "sj.security", "sj.auditadmin"
LEADER = {"employee": "sc.leader", "role": "marketing_leader", "ends_on": TODAY, "reason": "轮换"}
NEW_LEADER = {"employee": "sc.officer2", "role": "marketing_leader", "starts_on": TODAY, "reason": "新任"}
NEW_AUDITOR = {"employee": "sj.plain", "role": "auditor", "starts_on": TODAY, "reason": "任命"}
OLD_AUDITOR = {"employee": "sj.auditor", "role": "auditor", "ends_on": TODAY, "reason": "轮换"}
RESET = {"employee": "sc.officer", "reason": "手机和恢复码都丢失。"}
State = GuardedChange.State
ClientFor = Callable[[str], Client]


@pytest.fixture
def bound(cast: Cast, now: Now, founded: None) -> Cast:
    """The officer has a device and a password."""
    passwords.put(cast["sc.officer"], "mo-sheng-ren-kai-men", now.at)
    found = second_factor.begin(cast["sc.officer"], now.at)
    assert second_factor.confirm(found, second_factor.code_at(found, second_factor.step_of(now.at)), now.at)
    return cast


def effects() -> tuple[Any, ...]:
    """All that a guarded change may change."""
    served = Appointment.objects.order_by("pk").values_list("employee_id", "role", "starts_on", "ends_on")
    return list(served), Authenticator.objects.count(), ActivationCode.objects.count()


def succeeded(play: Play, verb: str = "end_") -> None:
    """Where an office is to end, others have it from tomorrow on: the last one can't be ended."""
    if verb.startswith("end_"):
        play.by_two("appoint", "sc.officer", "sc.leader", **(NEW_LEADER | {"starts_on": TOMORROW}))
        play.by_two("appoint_administrator", GUARD, AUDIT, **(NEW_AUDITOR | {"starts_on": TOMORROW}))


def asked() -> GuardedChange:
    return GuardedChange.objects.waiting().latest("pk")


def notified(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


GUARDED = {
    "reset_second_factor": (GUARD, RESET, AUDIT),
    "issue_activation_code": (GUARD, RESET, AUDIT),
    "appoint_administrator": (GUARD, NEW_AUDITOR, AUDIT),
    "end_administrator": (GUARD, OLD_AUDITOR, AUDIT),
    "appoint": ("sc.officer", NEW_LEADER, "sc.leader"),
    "end_appointment": ("sc.officer", LEADER, "sc.officer2"),
}


@pytest.mark.parametrize("verb", GUARDED)
def test_one_alone_changes_nothing_and_a_second_does(play: Play, bound: Cast, verb: str) -> None:
    by, facts, second = GUARDED[verb]
    succeeded(play, verb)
    before = effects()
    play(verb, by, **facts)
    assert effects() == before
    change = asked()
    for nobody in {by, str(facts["employee"]), "sc.officer", GUARD, "sj.auditor", "wh.head"} - {second}:
        with pytest.raises(Refused) as caught:
            play("approve_change", nobody, change=change.pk)
        assert caught.value.code in ("forbidden", "condition")
    assert effects() == before
    play("approve_change", second, change=change.pk)
    assert effects() != before
    change.refresh_from_db()
    assert (change.state, change.decided_by) == (State.APPROVED, bound[second])
    assert [str(finding) for finding in reconcile()] == []


@pytest.mark.parametrize("verb", GUARDED)
def test_nobody_but_the_second_person_learns_the_outcome_by_deciding_twice(play: Play, bound: Cast, verb: str) -> None:
    """A second decision, and one on a request refused or withdrawn, changes nothing."""
    by, facts, second = GUARDED[verb]
    succeeded(play, verb)
    for end, who, more in (("refuse_change", second, {"remark": "未经核实。"}), ("withdraw_change", by, {})):
        play(verb, by, **facts)
        change, before = asked(), effects()
        play(end, who, change=change.pk, **more)
        refusal = play.refused("approve_change", second, change=change.pk)
        assert (list(refusal.fields), effects()) == (["change"], before)


def test_a_double_click_approves_once(play: Play, bound: Cast, now: Now) -> None:
    play("issue_activation_code", GUARD, **RESET)
    change = asked()

    def approve() -> Any:
        standing = Organisation.standing()
        return perform(standing, "approve_change", by=bound[AUDIT], at=now.at, key="k", change=change.pk)

    first, again = approve(), approve()
    assert (bool(first.subject.shown_once), again.subject.shown_once, again.repeated) == (True, "", True)
    assert ActivationCode.objects.get().issued_by == bound[AUDIT]


def test_the_database_itself_knows_a_second_person(play: Play, cast: Cast) -> None:
    play("appoint_administrator", GUARD, **NEW_AUDITOR)
    for column in ({}, {"decided_by": cast[GUARD]}, {"decided_by": cast["sj.plain"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            GuardedChange.objects.update(state=State.APPROVED, **column)


def test_a_first_code_takes_one_person_and_later_ones_two(play: Play, cast: Cast) -> None:
    code = {"employee": "wh.zhang", "reason": "新入职。"}
    assert play("issue_activation_code", GUARD, **code).shown_once
    cast["wh.zhang"].set_password("mo-sheng-ren-kai-men")
    cast["wh.zhang"].save()
    assert not play("issue_activation_code", GUARD, **code).shown_once
    assert ActivationCode.objects.count() == 1


@pytest.mark.parametrize("whose", ["sj.system", "sc.leader", "sj.plain"])
def test_the_first_code_of_a_guarded_office_takes_two_as_well(play: Play, cast: Cast, whose: str) -> None:
    """An administrator who has it alone could sign in as their own second person; sj.plain is still to be appointed."""
    play("appoint_administrator", GUARD, **NEW_AUDITOR)
    assert not cast[whose].has_usable_password()
    play("issue_activation_code", GUARD, employee=whose, reason="新入职。")
    assert (asked().verb, ActivationCode.objects.count()) == ("issue_activation_code", 0)


def test_the_same_isnt_asked_twice(play: Play, cast: Cast) -> None:
    play("appoint_administrator", GUARD, **NEW_AUDITOR)
    assert list(play.refused("appoint_administrator", GUARD, **NEW_AUDITOR).fields) == ["employee"]


# Who decides


def test_another_of_the_same_office_comes_before_the_audit_administrator(play: Play, cast: Cast) -> None:
    Appointment.objects.create(employee=cast["sj.plain"], role="security_admin", starts_on=date(2020, 1, 1))
    Appointment.objects.create(employee=cast["wh.li"], role="auditor", starts_on=date(2020, 1, 1))
    play("end_administrator", GUARD, **OLD_AUDITOR)
    assert notified("change_to_decide") == {"sj.plain"}
    assert play.refused("approve_change", AUDIT, change=asked().pk).code == "forbidden"
    play("approve_change", "sj.plain", change=asked().pk)


def test_without_another_marketing_leader_the_others_of_marketing_decide(play: Play, cast: Cast) -> None:
    succeeded(play)
    play("end_appointment", "sc.officer", **LEADER)
    assert "sc.officer2" in notified("change_to_decide")
    play("withdraw_change", "sc.officer", change=asked().pk)
    play("end_appointment", "sc.officer", employee="sc.officer2", role="marketing", ends_on=YESTERDAY)
    play("end_appointment", "sc.officer", **LEADER)
    play("approve_change", AUDIT, change=asked().pk)
    ended = Appointment.objects.get(role="marketing_leader", employee=cast["sc.leader"])
    assert ended.ends_on == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("verb", "by", "facts"),
    [("end_appointment", "sc.officer", LEADER), ("end_administrator", GUARD, OLD_AUDITOR)]
    + [
        ("end_administrator", GUARD, {"employee": who, "role": role, "ends_on": TODAY, "reason": "轮换"})
        for who, role in (("sj.system", "system_admin"), (GUARD, "security_admin"), (AUDIT, "audit_admin"))
    ],
)
def test_the_last_of_an_office_cant_be_ended(play: Play, cast: Cast, verb: str, by: str, facts: dict[str, str]) -> None:
    """Not even by two: what only this office decides would wait for ever."""
    assert "请先任命他人" in str(play.refused(verb, by, **facts))
    assert not GuardedChange.objects.exists()


def test_the_last_is_counted_again_at_the_approval(play: Play, cast: Cast) -> None:
    """There were two when it was asked, and one of them has been ended since."""
    play.by_two("appoint", "sc.officer", "sc.leader", **NEW_LEADER)
    play("end_appointment", "sc.officer", **LEADER)
    first = asked()
    play("end_appointment", "sc.officer", **(LEADER | {"employee": "sc.officer2"}))
    play("approve_change", "sc.leader", change=asked().pk)
    assert "请先任命他人" in str(play.refused("approve_change", "sc.officer2", change=first.pk))


def test_without_a_second_person_nothing_is_asked(play: Play, cast: Cast) -> None:
    Appointment.objects.filter(role="audit_admin").delete()
    refusal = play.refused("appoint_administrator", GUARD, **NEW_AUDITOR)
    assert "请先任命审计管理员" in str(refusal)


def test_who_may_no_longer_request_has_requested_nothing(play: Play, cast: Cast) -> None:
    play("appoint", "sc.officer", **NEW_LEADER)
    play("end_appointment", "sc.leader", employee="sc.officer", role="marketing", ends_on=YESTERDAY)
    assert "申请人已无权" in str(play.refused("approve_change", "sc.leader", change=asked().pk))


@pytest.mark.parametrize(("verb", "facts"), [("dismiss", {}), ("update_employee", {"unit": "WH"})])
def test_nobody_ends_a_leader_by_another_way(play: Play, cast: Cast, verb: str, facts: dict[str, str]) -> None:
    assert "须先经第二人批准" in str(play.refused(verb, "sc.officer", employee="sc.leader", **facts))
    succeeded(play)
    play.by_two("end_appointment", "sc.officer", "sc.officer2", **LEADER)
    play.now.forward(days=1)
    play(verb, "sc.officer", employee="sc.leader", **facts)


def test_an_auditor_isnt_dismissed_by_one(play: Play, cast: Cast) -> None:
    assert list(play.refused("dismiss", "sc.officer", employee="sj.auditor").fields) == ["employee"]


# From when


@pytest.mark.parametrize("verb", ["appoint", "end_appointment", "appoint_administrator", "end_administrator"])
def test_such_an_office_isnt_dated_back(play: Play, cast: Cast, verb: str) -> None:
    by, facts, _second = GUARDED[verb]
    day = "starts_on" if "starts_on" in facts else "ends_on"
    assert list(play.refused(verb, by, **(facts | {day: YESTERDAY})).fields) == [day]


@pytest.mark.parametrize("verb", ["appoint", "end_appointment", "appoint_administrator", "end_administrator"])
def test_it_counts_from_the_day_of_the_approval(play: Play, cast: Cast, now: Now, verb: str) -> None:
    by, facts, second = GUARDED[verb]
    succeeded(play, verb)
    play(verb, by, **facts)
    now.forward(days=2)
    play("approve_change", second, change=asked().pk)
    row = Appointment.objects.get(employee__username=facts["employee"], role=facts["role"])
    assert (row.starts_on if "starts_on" in facts else row.ends_on) == date(2026, 11, 26)
    assert LedgerEntry.objects.filter(verb="approve_change").latest("pk").at == now.at


def test_a_later_day_stays_as_it_was_named(play: Play, cast: Cast) -> None:
    play.by_two("appoint", "sc.officer", "sc.leader", **(NEW_LEADER | {"starts_on": LATER}))
    assert Appointment.objects.get(employee=cast["sc.officer2"], role="marketing_leader").starts_on == date(2026, 12, 1)


def test_what_nobody_decides_on_expires(play: Play, bound: Cast, now: Now) -> None:
    play("appoint_administrator", GUARD, **NEW_AUDITOR)
    change, before = asked(), effects()
    now.forward(days=3, seconds=-1)
    assert expire_due(now.at) == 0
    now.forward(seconds=1)
    assert "已逾期" in str(play.refused("approve_change", AUDIT, change=change.pk))
    assert (expire_due(now.at), expire_due(now.at), effects()) == (1, 0, before)
    change.refresh_from_db()
    assert (change.state, LedgerEntry.objects.get(verb="expire_changes").facts) == ("expired", {"changes": [change.pk]})
    assert GUARD in notified("change_expired")
    assert [str(finding) for finding in reconcile()] == []


def test_a_code_from_before_the_appointment_is_over(play: Play, cast: Cast) -> None:
    """One person alone issued it, while there was no office to protect."""
    play("issue_activation_code", GUARD, employee="sj.plain", reason="新人")
    good = ActivationCode.objects.filter(employee=cast["sj.plain"], expires_at__gt=play.now.at)
    assert good.count() == 1
    play.by_two("appoint_administrator", GUARD, AUDIT, **NEW_AUDITOR)
    assert good.count() == 0


# Who hears of it


def test_the_head_the_audit_administrator_and_the_person_hear_of_both_steps(play: Play, bound: Cast) -> None:
    play.by_two("reset_second_factor", GUARD, AUDIT, **RESET)
    told = {kind: notified(kind) for kind in ("change_requested", "own_change_requested", "change_made")}
    assert told == {
        "change_requested": {"sc.leader", AUDIT}, "own_change_requested": {"sc.officer"},
        "change_made": {GUARD, "sc.leader"},
    }  # fmt: skip
    assert notified("own_change_made") == {"sc.officer"}


def test_the_head_of_the_person_concerned_isnt_themselves(play: Play, cast: Cast) -> None:
    succeeded(play)
    Notification.objects.all().delete()
    play("end_appointment", "sc.officer", **LEADER)
    assert notified("change_requested") == {AUDIT}


def test_the_person_hears_off_screen_at_once_though_somebody_reads_their_inbox(
    play: Play, bound: Cast, now: Now, settings: Any, mailoutbox: list[Any]
) -> None:
    """Whatever they chose, and at night."""
    settings.CHANNELS = {"email": {"way": "accountability.notices.channels.mail.Email"}}
    chosen = Preferences(employee=bound["sc.officer"], chosen={"waiting": [], "work": []})
    chosen.addresses = {"email": "officer@example.cn"}
    chosen.save()
    now.set("2026-11-24 23:30")
    play.by_two("reset_second_factor", GUARD, AUDIT, **RESET)
    Notification.objects.filter(kind="own_change_made").update(read_at=now.at)
    send(now.at)
    Notification.objects.update(read_at=now.at)
    deliver(now.at)
    assert [mail.to for mail in mailoutbox] == [["officer@example.cn"]] * 2
    assert "重置双因素认证" in mailoutbox[-1].subject
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


# The pages


def test_the_list_offers_each_what_they_may_do(play: Play, bound: Cast, client_for: ClientFor) -> None:
    play("reset_second_factor", GUARD, **RESET)
    play("appoint", "sc.officer", **NEW_LEADER)

    def offered(username: str) -> list[list[str]]:
        rows = client_for(username).get("/changes/").context["rows"]
        return [[one["url"].split("/")[2] for one in row["verbs"]] for row in rows]

    decide = ["approve_change", "refuse_change"]
    assert {name: offered(name) for name in (GUARD, AUDIT, "sc.officer", "sc.leader", "sj.auditor")} == {
        GUARD: [[], ["withdraw_change"]], AUDIT: [[], decide], "sc.officer": [["withdraw_change"]],
        "sc.leader": [decide], "sj.auditor": [[], []],
    }  # fmt: skip


def test_the_list_asks_the_database_alike_for_one_and_for_many(
    play: Play, cast: Cast, client_for: ClientFor, django_assert_max_num_queries: Any
) -> None:
    play("appoint", "sc.officer", **NEW_LEADER)
    client = client_for(AUDIT)
    client.get("/changes/")
    with django_assert_max_num_queries(12):
        client.get("/changes/")
    for role in ("auditor", "system_admin", "audit_admin", "security_admin"):
        play("appoint_administrator", GUARD, **(NEW_AUDITOR | {"role": role}))
    with django_assert_max_num_queries(12):
        assert len(client.get("/changes/?asked=waiting").context["rows"]) == 5


def test_a_second_person_approves_on_the_page_and_reads_the_code_there(
    play: Play, bound: Cast, client_for: ClientFor
) -> None:
    play("issue_activation_code", GUARD, **RESET)
    client, change = client_for(AUDIT), asked()
    place = f"/organisation/approve_change/?change={change.pk}"
    page = client.get(place)
    form = page.context["form"]
    told = page.content.decode()
    assert ("手机和恢复码都丢失。" in told, "签发激活码" in told, form.fields["change"].widget.is_hidden) == (True,) * 3
    typed = {"change": change.pk, "_key": form["_key"].value(), "_seen": form["_seen"].value()}
    shown, again = (client.post("/organisation/approve_change/", typed) for _twice in range(2))
    assert ("qr__secret" in shown.content.decode(), again.headers["location"]) == (True, "/changes/")
    assert shown.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_the_notice_leads_who_decides_to_the_list_though_they_administer(
    play: Play, bound: Cast, client_for: ClientFor
) -> None:
    play("reset_second_factor", GUARD, **RESET)
    play("refuse_change", AUDIT, change=asked().pk, remark="不。")

    def leads(username: str) -> dict[str, str]:
        notices = client_for(username).get("/inbox/").context["notices"]
        return {one["row"].kind: one["url"] for one in notices}

    assert (leads(AUDIT)["change_to_decide"], leads(GUARD)["change_refused"]) == ("/changes/", "/changes/")
    assert leads(AUDIT)["change_requested"] == "/"


def test_each_page_says_before_the_button_that_a_second_person_approves(cast: Cast, client_for: ClientFor) -> None:
    account = "/accounts/sc.officer"
    places = [
        (GUARD, f"{account}/reset_second_factor/", "reset_second_factor"),
        (GUARD, f"{account}/issue_activation_code/", "issue_activation_code"),
        (GUARD, f"{account}/", "appoint_administrator"),
        (GUARD, "/accounts/sj.auditor/", "end_administrator"),
        ("sc.leader", "/organisation/appoint/", "appoint"),
        ("sc.leader", "/organisation/end_appointment/", "end_appointment"),
    ]
    told = [str(BEFORE_ASKING[verb]) in client_for(who).get(place).content.decode() for who, place, verb in places]
    assert (told, {verb for _who, _place, verb in places}) == ([True] * 6, {*BEFORE_ASKING})
    assert set(BEFORE_ASKING) == set(CARRIES_OUT)
    ends = client_for(GUARD).get(f"{account}/end_sessions/").content.decode()
    assert "第二人" not in ends
    assert f'href="{account}/"' in ends


def test_the_account_shows_what_waits_for_a_second_person_until_it_is_decided(
    play: Play, bound: Cast, client_for: ClientFor
) -> None:
    play("issue_activation_code", GUARD, **RESET)
    change, client = asked(), client_for(GUARD)
    shown = client.get("/accounts/sc.officer/")
    assert [row["change"] for row in shown.context["waiting"]] == [change]
    assert 'href="/changes/?asked=waiting"' in shown.content.decode()
    assert client.get("/accounts/sc.officer2/").context["waiting"] == []
    approving = client_for(AUDIT).get(f"/organisation/approve_change/?change={change.pk}").content.decode()
    assert "批准后激活码在下一页显示一次" in approving
    play("withdraw_change", GUARD, change=change.pk)
    assert client.get("/accounts/sc.officer/").context["waiting"] == []


@pytest.mark.parametrize("verb", ["approve_change", "refuse_change", "withdraw_change"])
def test_another_office_neither_reads_nor_decides_by_the_address(
    play: Play, bound: Cast, client_for: ClientFor, verb: str
) -> None:
    """Answered like a request that isn't there."""
    play("reset_second_factor", GUARD, **RESET)
    change, client = asked(), client_for("sc.leader")
    assert "手机和恢复码都丢失" not in client.get(f"/organisation/{verb}/?change={change.pk}").content.decode()
    before = writes()
    more = {"remark": "不。"} if verb == "refuse_change" else {}
    refusals = [play.refused(verb, "sc.leader", change=number, **more) for number in (change.pk, change.pk + 1)]
    assert {(str(one), one.code) for one in refusals} == {("没有这项申请。", "condition")}
    assert (writes(), client_for("wh.head").get("/changes/").status_code) == (before, 403)


def test_the_audit_administrator_runs_no_other_verb_of_the_organisation(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(AUDIT)
    answers = {verb: client.get(f"/organisation/{verb}/").status_code for verb in (*GUARDED, "set_limits", "dismiss")}
    assert answers == dict.fromkeys(answers, 403)
