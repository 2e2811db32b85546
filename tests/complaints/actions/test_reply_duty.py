"""What whoever must reply has to reply with: the result judged complete, a draft, and the unit's material (R34–R36)."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accountability.files import attachments
from accountability.models import Alarm, Attachment, actor_for
from complaints.actions.material import watch_material
from complaints.dossier.dossier import story_of
from complaints.lists.search import texts_for
from complaints.models import Complaint, Round
from tests.complaints.actions.test_phone_handover import told
from tests.complaints.actions.test_review import lists, page_of
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
pytestmark = pytest.mark.rule("R34", "R35", "R36")

OF_MATERIAL = ["ask_material", "give_material"]
RESULT = "已退费，王建国认可，回电13871234567。"
MASKED = "已退费，王**认可，回电138****4567。"


def forwarded(play: Play, **facts: Any) -> Complaint:
    """Forwarded by yc.chen, a VIP's, at WH's handler."""
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"), **facts)
    return play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint))


@pytest.fixture
def judged(play: Play) -> Complaint:
    answered = play("answer", "wh.zhang", forwarded(play), result="第一次答复。", cause="初步核查。")
    again = play("judge_complete", "kf.agent", answered, complete=False, reason="不够。")
    answered = play("answer", "wh.zhang", again, result=RESULT, cause="内部原因。", responsibility="内部责任。")
    return play("judge_complete", "kf.agent", answered)


def reply_form(client: Client, complaint: Complaint) -> Any:
    response: Any = client.get(f"/complaints/{complaint.matter.number}/")
    return next(form for form in response.context["forms"] if form.verb.name == "reply")


def test_the_forwarder_who_must_reply_sees_the_result_judged_complete_and_no_more(
    play: Play, judged: Complaint, client_for: ClientFor
) -> None:
    page = page_of(client_for("yc.chen"), judged)
    assert MASKED in page
    hidden = ("第一次答复", "内部原因", "内部责任", "不够。", "王建国", "13871234567", "张伟民")
    assert [words for words in hidden if words in page] == []
    assert ("（<a" in page or "R34" in page, "由转交员工回复" in page) == (True, True)


def test_before_it_is_judged_they_see_none(play: Play, client_for: ClientFor) -> None:
    complaint = play("answer", "wh.zhang", forwarded(play), result=RESULT)
    assert MASKED not in page_of(client_for("yc.chen"), complaint)


def test_a_forwarder_who_need_not_reply_sees_none(play: Play, client_for: ClientFor) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen"))
    complaint = play("hand_off", "wh.contact", play("dispatch", "kf.agent", complaint))
    complaint = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint, result=RESULT))
    assert MASKED not in page_of(client_for("yc.chen"), complaint)


def test_whoever_replies_instead_sees_it_and_the_forwarder_no_more(
    play: Play, judged: Complaint, client_for: ClientFor
) -> None:
    complaint = play("reassign_reply", "kf.supervisor", judged, to="yc.leader")
    seen = {name: MASKED in page_of(client_for(name), complaint) for name in ("yc.leader", "yc.chen")}
    assert seen == {"yc.leader": True, "yc.chen": False}


def test_what_the_centre_did_itself_is_a_result_too(play: Play, client_for: ClientFor) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    complaint = play("handle_directly", "kf.agent", complaint, result=RESULT)
    complaint = play("judge_complete", "kf.agent", complaint)
    assert MASKED in page_of(client_for("yc.chen"), complaint)
    assert MASKED in reply_form(client_for("yc.chen"), complaint).initial["content"]


def test_the_reply_is_drafted_from_it_masked_and_says_who_owes_it(
    play: Play, judged: Complaint, client_for: ClientFor
) -> None:
    form = reply_form(client_for("yc.chen"), judged)
    assert form.initial["content"] == f"您好！您反映的问题已处理完毕。处理结果：{MASKED}"
    assert str(form.preface) == "由转交员工回复：客户为 VIP 且由员工转交（R34）"
    assert {"R34", "R35"} <= set(form.verb.rules)
    shown = page_of(client_for("yc.chen"), judged)
    assert shown[shown.index("依据 <a") :].split("</a>")[0].endswith(">R34")


def test_the_centres_reply_is_drafted_from_the_units_answer(play: Play, client_for: ClientFor) -> None:
    complaint = play("judge_complete", "kf.agent", play("answer", "wh.zhang", play.upto("accepted"), result=RESULT))
    form = reply_form(client_for("kf.agent2"), complaint)
    assert form.initial["content"] == f"您好！您反映的问题已处理完毕。处理结果：{MASKED}"
    assert str(form.preface) == "由省客户服务中心回复：不是由员工转交，客户也不是 VIP（R35）"


def test_an_answer_that_a_leader_let_go_is_the_result(play: Play, client_for: ClientFor) -> None:
    complaint = play("submit_for_review", "wh.zhang", play.upto("accepted"), result=RESULT, cause="未告知。")
    complaint = play("judge_complete", "kf.agent", play("approve_answer", "wh.leader", complaint))
    assert MASKED in reply_form(client_for("kf.agent"), complaint).initial["content"]


# Material


def a_file(play: Play, by: str) -> Attachment:
    content = ContentFile("退费凭证".encode()).read()
    return attachments.take("凭证.txt", content, by=play.cast[by], at=play.now.at, kind="material")


def test_the_unit_is_asked_and_gives_what_the_reply_needs(play: Play, judged: Complaint, client_for: ClientFor) -> None:
    complaint = play("ask_material", "yc.chen", judged, request="请提供王建国的退费凭证。")
    assert told(complaint, "material_asked") == {"wh.zhang", "wh.contact", "wh.deputy"}
    assert (complaint.matter.holder.username, complaint.state) == ("yc.chen", "completed")
    asked: Any = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/")
    assert [form.verb.name for form in asked.context["forms"]] == ["give_material"]
    assert "请提供王**的退费凭证。" in asked.content.decode()
    assert {name: "give_material" in lists(play, name) for name in ("wh.zhang", "wh.deputy", "wh.li")} == {
        "wh.zhang": True, "wh.deputy": True, "wh.li": False,
    }  # fmt: skip
    file = a_file(play, "wh.contact")
    complaint = play("give_material", "wh.contact", complaint, material="凭证号88，回电13871234567。", files=[file])
    assert told(complaint, "material_given") == {"yc.chen"}
    page = page_of(client_for("yc.chen"), complaint)
    assert ("凭证号88，回电138****4567。" in page, "凭证.txt" in page) == (True, True)
    file.refresh_from_db()
    may = {name: attachments.may_read(file, actor_for(play.cast[name].pk, play.now.at)) for name in READERS}
    assert may == READERS
    assert "凭证号88" not in page_of(client_for("yc.head"), complaint)


READERS = {"yc.chen": True, "kf.agent": True, "wh.zhang": True, "wh.contact": True, "wh.li": False, "yc.contact": False}


def test_a_unit_that_is_silent_is_an_alarm_once_a_request_until_it_gives(
    play: Play, now: Now, judged: Complaint
) -> None:
    complaint = play("ask_material", "yc.chen", judged)
    since = now.at
    assert watch_material(since + timedelta(hours=4, microseconds=-1)) == 0
    assert watch_material(now.forward(hours=4)) == 1
    assert watch_material(now.forward(hours=1)) == 0
    alarm = Alarm.objects.get(kind="material")
    assert (alarm.unit.code, alarm.since, alarm.cleared_at) == ("WH", since, None)
    assert told(complaint, "material_waits") == {"wh.zhang", "wh.contact", "wh.deputy", "wh.leader", "wh.head"}
    play("give_material", "wh.zhang", complaint)
    assert Alarm.objects.get(kind="material").cleared_at == now.at
    play("ask_material", "yc.chen", complaint)
    assert watch_material(now.forward(hours=5)) == 1


@pytest.mark.parametrize(("verb", "by"), [("reply", "yc.chen"), ("withdraw", "kf.agent")])
def test_it_is_over_with_the_reply_or_the_complaint(
    play: Play, now: Now, judged: Complaint, verb: str, by: str
) -> None:
    complaint = play("ask_material", "yc.chen", judged)
    watch_material(now.forward(hours=4))
    complaint = play(verb, by, complaint)
    found = Round.objects.get(complaint=complaint)
    assert (found.material_asked_at, found.material_asked_by, found.material_alarmed_at) == (None, None, None)
    assert Alarm.objects.get(kind="material").cleared_at == now.at
    assert told(complaint, "material_over") == {"wh.zhang", "wh.contact", "wh.deputy"}


def test_another_units_people_learn_nothing_of_it(play: Play, judged: Complaint) -> None:
    """A unit that had the complaint before is told neither what was asked nor what was given."""
    complaint = play("give_material", "wh.zhang", play("ask_material", "yc.chen", judged, request="凭证"))
    seen = {}
    for name in ("yc.chen", "wh.zhang", "kf.agent"):
        story = story_of(complaint, actor_for(play.cast[name].pk, play.now.at))
        seen[name] = [entry.verb for entry in story.entries if entry.verb in OF_MATERIAL]
    assert seen == dict.fromkeys(seen, OF_MATERIAL)
    earlier = play("reassign_reply", "kf.supervisor", judged, to="yc.head")
    story = story_of(earlier, actor_for(play.cast["yc.chen"].pk, play.now.at))
    assert [entry.verb for entry in story.entries if entry.verb in OF_MATERIAL] == ["ask_material"]


def test_a_forwarder_does_not_find_what_the_centre_wrote_at_the_intake(play: Play) -> None:
    complaint = forwarded(play, pre_handling="已核对账单两笔。")
    found = {
        name: set(texts_for(actor_for(play.cast[name].pk, play.now.at)).values_list("entry__verb", flat=True))
        for name in ("yc.chen", "wh.zhang")
    }
    assert found == {"yc.chen": {"forward"}, "wh.zhang": {"forward", "register"}}
    assert complaint.state == "dispatched"


def test_a_corrected_tier_tells_both_whose_the_reply_is_now(play: Play, judged: Complaint) -> None:
    complaint = play("correct", "kf.agent2", judged, tier="none")
    assert (complaint.matter.holder.username, told(complaint, "reply_reassigned")) == ("kf.agent", {"yc.chen"})
    complaint = play("correct", "kf.agent2", complaint, tier="vip")
    assert (complaint.matter.holder.username, told(complaint, "owes_reply")) == ("yc.chen", {"yc.chen"})


def test_material_is_told_of_to_nobody_who_replies_no_more(play: Play, judged: Complaint) -> None:
    complaint = play("ask_material", "yc.chen", judged)
    complaint = play("correct", "kf.agent2", complaint, tier="none")
    complaint = play("give_material", "wh.zhang", complaint)
    assert told(complaint, "material_given") == {"kf.agent"}


def test_whoever_replied_instead_knows_nothing_of_it_once_the_centre_replies(
    play: Play, judged: Complaint, client_for: ClientFor
) -> None:
    complaint = play("reassign_reply", "kf.supervisor", judged, to="yc.leader")
    address = f"/complaints/{complaint.matter.number}/"
    assert client_for("yc.leader").get(address).status_code == 200
    play("correct", "kf.agent2", complaint, tier="none")
    assert client_for("yc.leader").get(address).status_code == 404
    assert client_for("yc.chen").get(address).status_code == 200
