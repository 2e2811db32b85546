"""A hand-over by telephone: recorded with its instant, counted when the person confirms it, nothing when denied."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from typing import Any

import pytest

from accountability.deadlines.limits import show_instant
from accountability.gate.sweeper import sweep
from accountability.models import LedgerEntry, Notification, actor_for
from accountability.monitoring.reminders import remind
from assessment.cases.leads import leads_against
from complaints.lists.desk import sections
from complaints.models import Complaint, Round
from tests.factories import Cast, Now, Play, instant_of
from tests.looking import deadline

pytestmark = pytest.mark.rule("R19")


def told(complaint: Complaint, kind: str) -> set[str]:
    found = Notification.objects.filter(matter=complaint.matter, kind=kind)
    return set(found.values_list("recipient__username", flat=True))


def by_telephone(play: Play, happened: str = "2026-11-24 09:20", recorded: str = "2026-11-24 09:25") -> Complaint:
    """Delivered at 09:00."""
    complaint = play.upto("delivered")
    return play("record_told", "wh.contact", complaint, happened=instant_of(happened), at=play.now.set(recorded))


def test_it_counts_from_when_it_happened(play: Play, now: Now) -> None:
    complaint = by_telephone(play)
    assert (complaint.matter.holder.username, deadline(complaint, "handoff", 1).status) == ("wh.contact", "open")
    complaint = play("confirm_told", "wh.zhang", complaint, at=now.set("2026-11-24 09:28"))
    found = Round.objects.select_related("handler", "leader", "handed_off_by").get(complaint=complaint)
    assert (found.handler.username, found.leader.username, found.handed_off_by.username, found.method) == (
        "wh.zhang", "wh.leader", "wh.contact", "phone",
    )  # fmt: skip
    handoff, happened = deadline(complaint, "handoff", 1), instant_of("2026-11-24 09:20")
    assert (handoff.status, handoff.met_at, found.handed_off_at) == ("met", happened, happened)
    assert (complaint.matter.holder.username, complaint.matter.awaits) == ("wh.zhang", "accept")
    assert (told(complaint, "joint"), told(complaint, "told_confirmed")) == ({"wh.leader"}, {"wh.contact"})


def test_a_miss_noted_meanwhile_is_taken_back_with_its_lead(play: Play, now: Now, cast: Cast, client_for: Any) -> None:
    complaint = by_telephone(play)
    now.set("2026-11-24 09:40")
    assert (sweep(now.at), leads_against(cast.unit("WH")).count()) == (1, 1)
    complaint = play("confirm_told", "wh.zhang", complaint, at=now.set("2026-11-24 10:00"))
    handoff = deadline(complaint, "handoff", 1)
    assert (handoff.status, handoff.missed_at, handoff.noticed_at) == ("met", None, None)
    assert leads_against(cast.unit("WH")).count() == 0
    entry = LedgerEntry.objects.get(matter=complaint.matter, verb="confirm_told")
    assert [taken["kind"] for taken in entry.facts["taken_back"]] == ["handoff"]
    page = client_for("wh.contact").get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert "本次超时不再计入" in page


@pytest.mark.parametrize(
    ("happened", "status"), [("2026-11-24 09:30", "met"), ("2026-11-24 09:30:00.001", "missed")]
)  # fmt: skip
def test_the_due_instant_itself_is_in_time(play: Play, now: Now, happened: str, status: str) -> None:
    complaint = by_telephone(play, happened, "2026-11-24 09:45")
    complaint = play("confirm_told", "wh.zhang", complaint, at=now.set("2026-11-24 09:50"))
    handoff = deadline(complaint, "handoff", 1)
    assert (handoff.status, handoff.met_at) == (status, instant_of(happened))


def test_what_was_in_time_after_all_is_excused_no_more(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=40)
    complaint = play("record_told", "wh.contact", complaint, happened="2026-11-24 09:10")
    complaint = play("confirm_excuse", "sc.leader", play("propose_excuse", "kf.supervisor", complaint))
    handoff = deadline(play("confirm_told", "wh.zhang", complaint), "handoff", 1)
    assert (handoff.status, handoff.excuse_proposed_at, handoff.excused_at, handoff.excused_by) == ("met", *[None] * 3)


@pytest.mark.parametrize("happened", ["2026-11-24 08:59:59.999", "2026-11-24 09:25:00.001", "", "gestern"])
def test_neither_before_delivery_nor_in_the_future(play: Play, now: Now, happened: str) -> None:
    complaint = play.upto("delivered")
    now.set("2026-11-24 09:25")
    assert list(play.refused("record_told", "wh.contact", complaint, happened=happened).fields) == ["happened"]


def test_a_call_in_the_minute_of_the_delivery_is_told_by_the_minute(play: Play, now: Now) -> None:
    """A page takes the instant to the minute; the clock begins within one."""
    now.set("2026-11-24 09:00:30")
    complaint = play.upto("delivered")
    now.forward(minutes=9)
    complaint = play("record_told", "wh.contact", complaint, happened="2026-11-24 09:00")
    assert complaint.round.told_at == complaint.round.delivered_at


@pytest.mark.parametrize("to", ["yc.chen", "wh.wang", "wh.contact"])
def test_whom_one_may_have_told(play: Play, to: str) -> None:
    """Somebody of the unit with a leader on file, and not oneself."""
    refusal = play.refused("record_told", "wh.contact", play.upto("delivered"), to=to, happened=play.now.at)
    assert list(refusal.fields) == ["to"]


@pytest.mark.parametrize("by", ["wh.li", "wh.contact", "wh.leader", "kf.supervisor"])
@pytest.mark.parametrize("verb", ["confirm_told", "deny_told"])
def test_nobody_confirms_for_another(play: Play, by: str, verb: str) -> None:
    assert play.refused(verb, by, by_telephone(play)).code == "forbidden"


def test_a_denied_one_counts_for_nothing(play: Play, now: Now, cast: Cast) -> None:
    complaint = play("deny_told", "wh.zhang", by_telephone(play))
    assert told(complaint, "told_denied") == {"wh.contact", "wh.head"}
    assert (complaint.latest_round.told_to_id, complaint.latest_round.told_at) == (None, None)
    assert play.refused("confirm_told", "wh.zhang", complaint).code in ("forbidden", "state")
    now.set("2026-11-24 09:40")
    sweep(now.at)
    assert (deadline(complaint, "handoff", 1).status, leads_against(cast.unit("WH")).count()) == ("missed", 1)
    seen = Complaint.objects.visible_to(actor_for(cast.wh_zhang.pk, now.at)).filter(pk=complaint.pk)
    assert not seen.exists()


def test_there_is_one_record_a_round(play: Play, client_for: Any) -> None:
    """Neither another person nor another instant, nor anew after it was denied."""
    complaint = by_telephone(play)
    another: dict[str, Any] = {"to": "wh.li", "happened": "2026-11-24 09:22"}
    assert play.refused("record_told", "wh.deputy", complaint, **another).code == "condition"
    complaint = play("deny_told", "wh.zhang", complaint)
    assert play.refused("record_told", "wh.deputy", complaint, **another).code == "condition"
    assert "/record_told/" not in client_for("wh.deputy").get(f"/complaints/{complaint}/").content.decode()


@pytest.mark.parametrize(
    ("recorded", "is_taken"), [("2026-11-24 10:00", True), ("2026-11-24 10:00:00.001", False)]
)  # fmt: skip
def test_it_is_recorded_until_thirty_minutes_after_the_limit(
    play: Play, now: Now, cast: Cast, recorded: str, is_taken: bool
) -> None:
    complaint = play.upto("delivered")
    sweep(now.set("2026-11-24 09:40"))
    now.set(recorded)
    if is_taken:
        assert play("record_told", "wh.contact", complaint, happened="2026-11-24 09:20").round.told_to == cast.wh_zhang
    else:
        refusal = play.refused("record_told", "wh.contact", complaint, happened="2026-11-24 09:20")
        assert (refusal.code, deadline(complaint, "handoff", 1).status) == ("condition", "missed")


@pytest.mark.parametrize(
    ("confirmed", "is_taken"), [("2026-11-25 09:25", True), ("2026-11-25 09:25:00.001", False)]
)  # fmt: skip
def test_it_is_confirmed_within_a_day_of_the_record(play: Play, now: Now, confirmed: str, is_taken: bool) -> None:
    complaint = by_telephone(play)
    now.set("2026-11-25 09:00")
    sweep(now.at)
    now.set(confirmed)
    if is_taken:
        assert deadline(play("confirm_told", "wh.zhang", complaint), "handoff", 1).status == "met"
    else:
        codes = {play.refused(verb, "wh.zhang", complaint).code for verb in ("confirm_told", "deny_told")}
        assert (codes, deadline(complaint, "handoff", 1).status) == ({"condition"}, "missed")


def test_unconfirmed_it_lapses_by_itself_and_both_are_told(play: Play, now: Now, cast: Cast, client_for: Any) -> None:
    """The person named sees the complaint until then, to the microsecond, whenever the sweep comes."""
    complaint = by_telephone(play)

    def sees() -> bool:
        return Complaint.objects.visible_to(actor_for(cast.wh_zhang.pk, now.at)).filter(pk=complaint.pk).exists()

    now.set("2026-11-25 09:25")
    remind(now.at)
    assert (sees(), play.again(complaint).round.told_to_id) == (True, cast.wh_zhang.pk)
    now.set("2026-11-25 09:25:00.001")
    assert sees() is False
    assert sections(actor_for(cast.wh_zhang.pk, now.at), now.at) == []
    for _twice in range(2):
        remind(now.forward(minutes=3))
    found = play.again(complaint).round
    assert (found.told_to_id, found.told_at, found.told_by_id, found.state) == (None, None, None, "delivered")
    assert told(complaint, "told_lapsed") == {"wh.zhang", "wh.contact"}
    entry = LedgerEntry.objects.get(matter=complaint.matter, verb="lapse_told")
    assert (entry.at, entry.actor.username, entry.facts) == (
        instant_of("2026-11-25 09:25"), "system", {"to": cast.wh_zhang.pk},
    )  # fmt: skip
    page = client_for("wh.contact").get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert ("电话交办登记失效" in page, "lapse_told" in page, "待本人确认" in page) == (True, False, False)
    assert play("hand_off", "wh.contact", complaint, to="wh.li").round.state == "handed_off"


def test_the_joint_person_is_the_supervisor_on_file_at_the_confirmation(play: Play, cast: Cast) -> None:
    complaint = by_telephone(play)
    play("set_supervisor", "sc.officer", employee="wh.zhang", supervisor="wh.head")
    assert play("confirm_told", "wh.zhang", complaint).latest_round.leader == cast.wh_head


@pytest.mark.parametrize(
    ("verb", "by"),
    [("hand_off", "wh.contact"), ("report_to_leader", "wh.contact"), ("recall", "kf.agent"), ("withdraw", "kf.agent")],
)  # fmt: skip
def test_it_lapses_when_the_round_goes_another_way(play: Play, verb: str, by: str) -> None:
    complaint = play(verb, by, by_telephone(play), **({"to": "wh.li"} if verb == "hand_off" else {}))
    assert complaint.latest_round.told_to_id is None
    assert play.refused("confirm_told", "wh.zhang", complaint).code in ("forbidden", "state")


@pytest.mark.parametrize("accepted", [None, False, True])
def test_who_was_told_reads_on_for_the_day_while_and_after_a_return_is_asked_for(
    play: Play, now: Now, cast: Cast, client_for: Any, accepted: bool | None
) -> None:
    """The call itself is over: it can't be confirmed, stands on no desk and lapses without a word."""
    complaint = play("request_return", "wh.contact", by_telephone(play))
    if accepted is not None:
        complaint = play("rule_on_return", "kf.agent", complaint, accepted=accepted, at=now.set("2026-11-24 10:00"))
    now.set("2026-11-25 09:25")
    page = client_for("wh.zhang").get(f"/complaints/{complaint}/")
    assert (page.status_code, "confirm_told" in page.content.decode()) == (200, False)
    assert play.refused("confirm_told", "wh.zhang", complaint).code in ("state", "forbidden")
    assert sections(actor_for(cast.wh_zhang.pk, now.at), now.at) == []
    now.set("2026-11-25 09:25:00.001")
    assert client_for("wh.zhang").get(f"/complaints/{complaint}/").status_code == 404
    remind(now.at)
    assert told(complaint, "told_lapsed") == set()


def test_who_was_told_reads_no_more_once_it_is_handed_over_otherwise(play: Play, now: Now, client_for: Any) -> None:
    complaint = play("request_return", "wh.contact", by_telephone(play))
    complaint = play("rule_on_return", "kf.agent", complaint, accepted=False, at=now.set("2026-11-24 10:00"))
    play("hand_off", "wh.contact", complaint, to="wh.li")
    assert client_for("wh.zhang").get(f"/complaints/{complaint}/").status_code == 404


def test_after_a_denied_return_only_a_new_call_counts(play: Play, now: Now) -> None:
    complaint = play("request_return", "wh.contact", play.upto("delivered"))
    complaint = play("rule_on_return", "kf.agent", complaint, accepted=False, at=now.set("2026-11-24 10:00"))
    old = play.refused("record_told", "wh.contact", complaint, happened=instant_of("2026-11-24 09:20"))
    assert list(old.fields) == ["happened"]
    now.set("2026-11-24 10:10")
    complaint = play("record_told", "wh.contact", complaint, happened=instant_of("2026-11-24 10:05"))
    complaint = play("confirm_told", "wh.zhang", complaint)
    assert show_instant(deadline(complaint, "handoff", 1).met_at) == "2026-11-24 10:05"


def test_the_desk_of_who_was_told(play: Play, cast: Cast, now: Now, client_for: Any) -> None:
    complaint = by_telephone(play)
    found = {s.work.name: s.first for s in sections(actor_for(cast.wh_zhang.pk, now.at), now.at)}
    assert found["confirm_told"] == [complaint.pk]
    desk = client_for("wh.zhang").get("/").content.decode()
    address = f"/complaints/{complaint.matter.number}"
    assert (f"{address}/confirm_told/" in desk, f"{address}/deny_told/" in desk) == (True, True)
    page = client_for("wh.contact").get(f"{address}/").content.decode()
    assert "待本人确认" in page
