"""The complaint's page: what each person learns of it, what they may do, and what nobody is shown unasked."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.gate.sweeper import sweep
from accountability.models import AccessLog, LedgerEntry
from tests.factories import INTAKE

RAW = (INTAKE["customer"], INTAKE["phone"])


def page(client, complaint):
    return client.get(f"/complaints/{complaint.matter.number}/")


def verbs_offered(response):
    return [form.verb.name for form in response.context["forms"]]


def actors_told(response):
    return [entry["title"] for entry in response.context["entries"]]


def asides_offered(response):
    return [verb.name for aside in response.context["asides"] for verb in aside.verbs]


SET_RIGHT = ["correct", "record_outside_case", "set_flags", "mark_duplicate", "withdraw"]


@pytest.mark.parametrize(
    ("state", "username", "expected", "beside"),
    [
        ("registered", "kf.agent", ["dispatch", "handle_directly", "escalate"], SET_RIGHT),
        ("delivered", "kf.agent", ["escalate", "chase"], ["extend", *SET_RIGHT, "recall"]),
        ("delivered", "wh.contact", ["hand_off", "report_to_leader", "request_return"], ["record_told"]),
        (
            "handed_off", "wh.zhang",
            ["accept", "request_return", "contact_customer", "propose_solution", "answer"],
            ["convene", "request_extension", "submit_for_review"],
        ),
        ("answered", "kf.agent", ["judge_complete", "escalate", "chase"], SET_RIGHT),
        ("archived", "kf.supervisor", [], ["correct_satisfaction"]),
        ("archived", "kf.agent", [], []),
        ("completed", "kf.agent", ["reply", "escalate"], ["ask_material", "record_attempt", *SET_RIGHT]),
        ("delivered", "sj.auditor", [], []),
    ],
)  # fmt: skip
def test_the_page_offers_what_this_person_may_do_now_the_awaited_verb_first(
    play, client_for, state, username, expected, beside
):
    response = page(client_for(username), play.upto(state))
    offered = verbs_offered(response)
    assert sorted(offered) == sorted(expected)
    assert offered[:1] == expected[:1]
    assert sorted(asides_offered(response)) == sorted(beside)


def test_after_an_unsatisfied_customer_the_supervisor_dispatches_again_or_archives(play, client_for):
    complaint = play("record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False)
    response = page(client_for("kf.supervisor"), complaint)
    assert verbs_offered(response) == ["dispatch", "escalate", "archive_unsatisfied"]
    assert sorted(asides_offered(response)) == sorted([*SET_RIGHT, "correct_satisfaction"])


def test_a_forwarded_complaint_leads_the_agent_to_its_registration(play, client_for):
    complaint = play.upto("forwarded")
    response = page(client_for("kf.agent"), complaint)
    assert f"/complaints/{complaint.matter.number}/register/" in response.content.decode()


@pytest.mark.parametrize("username", ["yc.contact", "wl.contact", "wh.wang", "sj.plain"])
def test_it_does_not_exist_for_whoever_has_no_part_in_it(play, client_for, username):
    assert page(client_for(username), play.upto("accepted")).status_code == 404


def test_a_stranger_is_sent_to_sign_in(play, client):
    complaint = play.upto("registered")
    assert page(client, complaint).url == f"/sign-in/?next=/complaints/{complaint.matter.number}/"


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact", "wh.zhang", "wh.head", "sj.auditor", "sc.officer"])
@pytest.mark.parametrize("path", ["", "rounds/1/notice/"])
def test_name_and_number_are_masked_everywhere(play, client_for, username, path):
    complaint = play.upto("answered", content="王建国来电，号码13871234567,要求退费。")
    text = client_for(username).get(f"/complaints/{complaint.matter.number}/{path}").content.decode()
    assert [raw for raw in RAW if raw in text] == []
    assert "王**来电，号码138****4567,要求退费。" in text


@pytest.fixture
def passed_on(play):
    """Returned by WH, dispatched to YC, handed over there."""
    complaint = play("request_return", "wh.zhang", play.upto("handed_off"), reason="武汉的理由", suggested_unit="YC")
    complaint = play("rule_on_return", "kf.agent", complaint, accepted=True)
    complaint = play("dispatch", "kf.agent", complaint, unit="YC", reason="派往宜昌的理由")
    return play("hand_off", "yc.contact", complaint, to="yc.chen")


def test_a_unit_sees_its_own_round_and_never_another_units(passed_on, cast, client_for):
    at_wuhan, at_yichang = page(client_for("wh.contact"), passed_on), page(client_for("yc.contact"), passed_on)
    assert [paper.round.number for paper in at_wuhan.context["papers"]] == [1]
    assert [paper.round.number for paper in at_yichang.context["papers"]] == [2]
    assert "武汉的理由" not in at_yichang.content.decode()
    assert "派往宜昌的理由" not in at_wuhan.content.decode()
    assert cast["yc.chen"].name in at_yichang.content.decode()
    assert cast["yc.chen"].name not in at_wuhan.content.decode()
    assert at_wuhan.context["holder"] == {"closed": "已派单", "goes_on": True}
    assert at_yichang.context["holder"]["holder"] == cast["yc.chen"]


def test_who_reads_everything_sees_every_round_and_the_ping_pong(passed_on, play, client_for):
    complaint = play("request_return", "yc.chen", passed_on)
    complaint = play("rule_on_return", "kf.agent", complaint, accepted=True)
    complaint = play("dispatch", "kf.supervisor", complaint, unit="WH")
    stations = page(client_for("kf.agent"), complaint).context["stations"]
    told = [(station.unit.code, station.is_bounce, station.is_now) for station in stations]
    assert told == [
        ("KF", False, False), ("WH", False, False), ("KF", False, False), ("KF", False, False), ("YC", False, False),
        ("KF", False, False), ("KF", False, False), ("WH", True, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "tier", "who", "why"),
    [
        ("forward", "vip", "由转交员工回复", "客户为 VIP 且由员工转交（R34）"),
        ("forward", "none", "由省客户服务中心回复", "由员工转交，但客户不是 VIP（R35）"),
        ("call", "vip", "由省客户服务中心回复", "客户为 VIP，但不是由员工转交（R35）"),
        ("call", "none", "由省客户服务中心回复", "不是由员工转交，客户也不是 VIP（R35）"),
    ],
)
@pytest.mark.rule("R34")
@pytest.mark.rule("R35")
def test_the_reply_duty_is_shown_with_its_reason(play, client_for, channel, tier, who, why):
    forwarder = {"forwarded_by": "yc.chen"} if channel == "forward" else {}
    complaint = play("register", "kf.agent", channel=channel, tier=tier, **forwarder)
    response = page(client_for("kf.agent"), complaint)
    assert tuple(map(str, response.context["duty"])) == (who, why)
    assert why in response.content.decode()


def test_a_forwarder_sees_what_they_forwarded_its_state_and_their_reply(play, cast, client_for):
    complaint = play("register", "kf.agent", play.upto("forwarded", tier="vip"))
    complaint = play("dispatch", "kf.agent", complaint, reason="派单的理由")
    complaint = play("hand_off", "wh.contact", complaint)
    complaint = play("answer", "wh.zhang", complaint, result="单位的结果")
    complaint = play("judge_complete", "kf.agent", complaint)
    forwarder = client_for("yc.chen")
    assert verbs_offered(page(forwarder, complaint)) == ["reply"]
    assert asides_offered(page(forwarder, complaint)) == ["ask_material", "record_attempt"]
    assert "单位的结果" in page(forwarder, complaint).content.decode()
    complaint = play("reply", "yc.chen", complaint, content="已向客户说明。")
    response = page(forwarder, complaint)
    assert list(map(str, actors_told(response))) == ["回复客户", "登记受理", "转交投诉"]
    assert response.context["papers"] == []
    text = response.content.decode()
    hidden = ("派单的理由", "单位的结果", cast["wh.zhang"].name, cast.unit("WH").name)
    assert [said for said in hidden if said in text] == []
    assert "已向客户说明。" in text
    assert "已回复客户" in text


def test_a_miss_stands_in_the_timeline_with_the_due_and_the_noticed_instant(play, now, client_for):
    complaint = play.upto("delivered")
    now.set("2026-11-24 09:50")
    sweep(now.at)
    (miss,) = [entry for entry in page(client_for("kf.agent"), complaint).context["entries"] if entry["late"]]
    assert (miss["title"], miss["text"]) == ("交办超时", "到期 2026-11-24 09:30 周二，系统于 2026-11-24 09:50 发现")


def test_holder_and_stepper_tell_who_must_act_and_that_it_is_late(play, cast, now, client_for):
    complaint = play.upto("delivered")
    now.set("2026-11-24 09:31")
    response = page(client_for("wh.contact"), complaint)
    holder = response.context["holder"]
    assert (holder["holder"], holder["unit"], str(holder["duty"])) == (cast["wh.contact"], cast.unit("WH"), "交办")
    assert [step["state"] for step in response.context["steps"]] == ["done", "done", "late", *["todo"] * 5]


@pytest.mark.parametrize(
    ("state", "verb", "by", "expected"),
    [
        ("registered", "withdraw", "kf.agent", ["done", *["skipped"] * 6, "done"]),
        ("accepted", "withdraw", "kf.agent", [*["done"] * 4, *["skipped"] * 3, "done"]),
    ],
)
def test_what_was_not_done_before_an_early_end_is_not_shown_as_done(play, client_for, state, verb, by, expected):
    complaint = play(verb, by, play.upto(state))
    context = page(client_for("kf.agent"), complaint).context
    assert [step["state"] for step in context["steps"]] == expected
    assert context["stations"][-1].role == "客户撤诉"


def test_direct_handling_passes_the_units_steps_by(play, client_for):
    steps = page(client_for("kf.agent"), play.upto("handling")).context["steps"]
    assert [step["state"] for step in steps] == ["done", *["skipped"] * 4, "current", "todo", "todo"]


def test_repeats_are_linked_both_ways_and_only_where_they_may_be_known(play, client_for):
    first = play.upto("accepted")
    second = play("dispatch", "kf.agent", play("register", "kf.agent"), unit="YC")
    agent = client_for("kf.agent")
    assert [other.pk for other in page(agent, second).context["story"].repeats] == [first.pk]
    assert [other.pk for other in page(agent, first).context["story"].repeats] == [second.pk]
    assert page(client_for("yc.contact"), second).context["story"].repeats == []


def _queries(client, complaint):
    with CaptureQueriesContext(connection) as caught:
        assert page(client, complaint).status_code == 200
    return len(caught)


def test_a_long_story_takes_as_many_queries_as_a_short_one(play, client_for, now):
    agent = client_for("kf.agent")
    complaint = play("register", "kf.agent")
    counts = []
    for rounds in range(1, 6):
        complaint = play("dispatch", "kf.supervisor", complaint, unit="WH")
        complaint = play("hand_off", "wh.contact", complaint)
        if rounds in (1, 5):
            counts.append(_queries(agent, complaint))
        if rounds < 5:
            complaint = play("answer", "wh.zhang", complaint)
            complaint = play("judge_complete", "kf.agent", complaint)
            complaint = play("reply", "kf.agent", complaint)
            complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    assert counts[0] == counts[1]


def test_looking_changes_nothing(play, client_for):
    complaint = play.upto("accepted")
    before = LedgerEntry.objects.count(), AccessLog.objects.filter(matter=complaint.matter).count()
    page(client_for("kf.agent"), complaint)
    assert before == (LedgerEntry.objects.count(), AccessLog.objects.filter(matter=complaint.matter).count())


@pytest.mark.asvs("1.2.1")
def test_the_notes_at_a_field_show_what_is_on_record_as_text(play, client_for):
    """The form that corrects a complaint says beside each field what is there now: the customer's own words."""
    complaint = play.upto("registered", content="<style data-xss>*{background:url(//evil.example)}</style>")
    body = client_for("kf.agent").get(f"/complaints/{complaint.matter.number}/correct/").content.decode()
    assert ("<style data-xss" in body, "现为“&lt;style data-xss&gt;" in body) == (False, True)
