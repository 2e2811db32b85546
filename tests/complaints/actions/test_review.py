"""The leader's review before an answer goes to the centre (R18): who holds it, whose it is, what it is bound to."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accountability.audit.chains import broken
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.models import Absence, Alarm, LedgerEntry, Paper, SearchText, actor_for
from accountability.monitoring.reminders import raise_alarms
from accountability.organisation.succession import OPEN_WORK
from accountability.web import verb_pages
from complaints.lists.desk import sections
from complaints.models import Complaint, Round
from tests.complaints.actions.test_phone_handover import told
from tests.complaints.documents.test_issued import issued, words
from tests.factories import Cast, Now, Play
from tests.looking import deadline

ClientFor = Callable[[str], Client]
pytestmark = pytest.mark.rule("R18")

ANSWER = {
    "result": "已退费，回电13871234567。", "cause": "套餐变更时未告知。", "responsibility": "营业厅未尽告知义务。",
    "measures": "加强培训，王建国已知悉。",
}  # fmt: skip


@pytest.fixture
def submitted(play: Play) -> Complaint:
    return play("submit_for_review", "wh.zhang", play.upto("handed_off"), **ANSWER)


def round_of(complaint: Complaint) -> Round:
    return Round.objects.select_related("draft").get(complaint=complaint)


def entry(complaint: Complaint, verb: str) -> LedgerEntry:
    return LedgerEntry.objects.select_related("actor", "texts").get(matter=complaint.matter, verb=verb)


def lists(play: Play, username: str) -> set[str]:
    actor = actor_for(play.cast[username].pk, play.now.at)
    return {section.work.name for section in sections(actor, play.now.at) if section.first}


def slip(complaint: Complaint) -> dict[str, str]:
    """The last version of its notice, by label."""
    cells = [line.split(" | ") for line in words(issued(complaint, "dispatch_notice")[-1]).splitlines()]
    return {row[place]: row[place + 1] for row in cells for place in range(0, len(row) - 1, 2)}


def test_it_waits_for_the_leader_and_is_accepted_by_it(play: Play, now: Now, submitted: Complaint) -> None:
    found = round_of(submitted)
    assert (found.state, found.accepted_at, found.answered_at, found.solution_at) == ("accepted", now.at, None, None)
    assert (submitted.matter.holder.username, submitted.matter.awaits) == ("wh.leader", "approve_answer")
    assert told(submitted, "to_do") >= {"wh.leader"}
    assert str(submitted.describe_state()) == "答复待分管领导审核"
    assert ("approve_answer" in lists(play, "wh.leader"), "under_review" in lists(play, "wh.zhang")) == (True, True)
    assert "answer" not in lists(play, "wh.zhang")


def test_what_goes_is_the_handlers_in_the_words_the_leader_read(play: Play, now: Now, submitted: Complaint) -> None:
    """The ledger's actor is the leader, the sealed row the handler's own: nobody acts for another (R1)."""
    approved = play("approve_answer", "wh.leader", submitted, at=now.forward(hours=1))
    gone, draft = entry(approved, "approve_answer"), entry(approved, "submit_for_review")
    assert (gone.actor.username, gone.facts["handler"], gone.texts_id) == (
        "wh.leader", play.cast["wh.zhang"].pk, draft.texts_id,
    )  # fmt: skip
    found = round_of(approved)
    assert (found.state, found.answered_at, found.solution_at, found.draft) == ("answered", now.at, now.at, None)
    assert deadline(approved, "handling", 1).met_at == now.at
    assert approved.matter.holder.username == "kf.agent"
    assert told(approved, "answer_approved") == {"wh.zhang"}
    assert broken(approved.matter) is None


def test_the_notice_names_who_answered_and_who_reviewed(play: Play, submitted: Complaint) -> None:
    complaint = play("judge_complete", "kf.agent", play("approve_answer", "wh.leader", submitted))
    told_of = slip(complaint)
    assert (told_of["处理人"], told_of["审核人（分管领导）"]) == ("张伟民", "刘建勋")
    assert (told_of["处理结果"], told_of["解决方案"]) == ("已退费，回电138****4567。",) * 2
    assert (told_of["责任判断"], told_of["整改措施"]) == ("营业厅未尽告知义务。", "加强培训，王**已知悉。")


def test_without_a_review_the_notice_names_nobody_as_reviewer(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("completed")
    told_of = slip(complaint)
    assert (told_of["处理人"], told_of["审核人（分管领导）"], told_of["分管领导"]) == ("张伟民", "—", "刘建勋")
    assert (told_of["责任判断"], told_of["整改措施"]) == ("—", "—")
    page = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/rounds/1/notice/").content.decode()
    assert page.partition("审核人（分管领导）</th>")[2].split()[:3] == ["<td", 'colspan="1"', ">—</td>"]


def test_an_answer_of_a_later_review_alone_has_a_reviewer(play: Play, submitted: Complaint) -> None:
    """Reviewed and judged incomplete, then answered directly: nobody reviewed what counts."""
    complaint = play("approve_answer", "wh.leader", submitted)
    complaint = play("judge_complete", "kf.agent", complaint, complete=False, reason="仍未退费。")
    complaint = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
    assert (slip(complaint)["审核人（分管领导）"], slip(complaint)["处理结果"]) == ("—", "已退费。")


def test_a_leader_approves_no_other_answer_than_they_read(play: Play, now: Now, submitted: Complaint) -> None:
    seen = submitted.shown_for("approve_answer")
    play("submit_for_review", "wh.zhang", play("withdraw_review", "wh.zhang", submitted), result="改过的结果。")
    with pytest.raises(Refused) as caught:
        perform(submitted, "approve_answer", by=play.cast["wh.leader"], at=now.at, seen=seen)
    assert caught.value.code == "stale"


def test_a_refused_approval_shows_the_answer_that_it_would_now_be_for(
    play: Play, submitted: Complaint, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler puts another one before them between the page's reading and the act."""
    seen, run = submitted.shown_for("approve_answer"), verb_pages.run

    def overtaken(request: Any, form: Any) -> Any:
        play("submit_for_review", "wh.zhang", play("withdraw_review", "wh.zhang", submitted), result="改过的结果。")
        return run(request, form)

    monkeypatch.setattr(verb_pages, "run", overtaken)
    address = f"/complaints/{submitted.matter.number}/approve_answer/"
    response = client_for("wh.leader").post(address, {"_seen": seen, "_key": "k" * 22})
    assert response.status_code == 409
    shown = [said for _label, said in response.context["form"].shows]
    assert "改过的结果。" in shown
    assert not any("已退费" in said for said in shown)


def test_sent_back_the_handler_reads_why_and_goes_on_from_there(
    play: Play, submitted: Complaint, client_for: ClientFor
) -> None:
    complaint = play("send_back_answer", "wh.leader", submitted, remarks="请说明退费时间。")
    assert complaint.matter.holder.username == "wh.zhang"
    assert told(complaint, "answer_sent_back") == {"wh.zhang"}
    response: Any = client_for("wh.zhang").get(f"/complaints/{complaint.matter.number}/")
    (form,) = (form for form in response.context["forms"] if form.verb.name == "answer")
    assert (form.initial["result"], form.initial["measures"]) == ("已退费，回电138****4567。", "加强培训，王**已知悉。")
    assert "请说明退费时间。" in response.content.decode()
    complaint = play("answer", "wh.zhang", complaint)
    assert "分管领导退回送审的答复" not in page_of(client_for("wh.zhang"), complaint)


def page_of(client: Client, complaint: Complaint, path: str = "") -> str:
    return client.get(f"/complaints/{complaint.matter.number}/{path}").content.decode()


def test_the_leaders_form_shows_exactly_what_they_let_go_masked(submitted: Complaint, client_for: ClientFor) -> None:
    number = submitted.matter.number
    for address in (reverse("complaint", args=[number]), reverse("act", args=[number, "approve_answer"])):
        page = client_for("wh.leader").get(address).content.decode()
        form = page.partition('action="' + reverse("act", args=[number, "approve_answer"]))[2].partition("</form>")[0]
        assert ("已退费，回电138****4567。" in form, "加强培训，王**已知悉。" in form) == (True, True)
        assert ("13871234567" in page, "王建国" in page) == (False, False)


def test_it_waits_too_long_for_the_leader(play: Play, now: Now, submitted: Complaint) -> None:
    assert raise_alarms(now.at + timedelta(hours=4, microseconds=-1)) == 0
    assert raise_alarms(now.forward(hours=4)) == 1
    assert Alarm.objects.get(kind="waiting").facts == {"awaits": "approve_answer"}
    assert told(submitted, "waiting") == {"wh.leader", "wh.head", "wh.zhang", "kf.supervisor"}


def test_taken_back_returned_or_given_to_another_it_waits_no_more(play: Play, now: Now) -> None:
    for verb, by, holder in (
        ("withdraw_review", "wh.zhang", "wh.zhang"), ("reassign", "wh.contact", "wh.li"),
        ("request_return", "wh.contact", "kf.agent"), ("withdraw", "kf.agent", None),
    ):  # fmt: skip
        complaint = play(verb, by, play.upto("under_review"))
        found = round_of(complaint)
        assert (found.draft, found.review_asked_at) == (None, None)
        held_by = complaint.matter.holder.username if complaint.matter.holder else None
        assert held_by == holder
        assert told(complaint, "review_over") | told(complaint, "ended") >= {"wh.leader"}


def test_more_time_may_be_asked_while_it_waits(play: Play, submitted: Complaint) -> None:
    complaint = play("extend", "kf.agent", play("request_extension", "wh.zhang", submitted))
    assert (complaint.matter.holder.username, round_of(complaint).is_under_review) == ("wh.leader", True)


def test_a_leader_who_is_gone_or_oneself_reviews_nothing(play: Play, cast: Cast) -> None:
    own = play("reassign", "wh.contact", play.upto("accepted"), to="wh.leader")
    with pytest.raises(Refused, match="没有可审核的分管领导"):
        play("submit_for_review", "wh.leader", own)
    other = play.upto("accepted")
    leader = cast["wh.leader"]
    leader.is_active = False
    leader.save()
    with pytest.raises(Refused, match="没有可审核的分管领导"):
        play("submit_for_review", "wh.zhang", other)


def test_an_absent_leader_leaves_it_to_be_seen_and_taken_back(play: Play, now: Now, submitted: Complaint) -> None:
    leader = play.cast["wh.leader"]
    Absence.objects.create(employee=leader, starts_at=now.at, ends_at=now.at + timedelta(days=3))
    assert ("reassign" in lists(play, "wh.contact"), "under_review" in lists(play, "wh.zhang")) == (True, True)
    (work,) = [work for ask in OPEN_WORK for pk, work in ask({leader.pk}) if pk == leader.pk]
    assert (work.number, str(work.role)) == (submitted.matter.number, "审核答复的分管领导")
    assert play("answer", "wh.zhang", play("withdraw_review", "wh.zhang", submitted)).round.state == "answered"


def test_its_words_are_found_masked_and_made_anew_alike(play: Play, submitted: Complaint) -> None:
    play("approve_answer", "wh.leader", submitted)
    kept = dict(SearchText.objects.values_list("entry__verb", "text"))
    said = "已退费,回电138****4567。\n套餐变更时未告知。\n营业厅未尽告知义务。\n加强培训,王**已知悉。"
    assert {kept[verb].replace("，", ",") for verb in ("submit_for_review", "approve_answer")} == {said}
    call_command("reindex_search")
    assert dict(SearchText.objects.values_list("entry__verb", "text")) == kept


def test_the_rounds_page_says_what_the_paper_says(play: Play, submitted: Complaint, client_for: ClientFor) -> None:
    waiting = page_of(client_for("wh.li"), submitted, ""), page_of(client_for("wh.contact"), submitted)
    assert ("送审的答复" in waiting[0], "送审的答复" in waiting[1]) == (False, True)
    complaint = play("judge_complete", "kf.agent", play("approve_answer", "wh.leader", submitted))
    for path in ("", "rounds/1/notice/"):
        page = page_of(client_for("wh.contact"), complaint, path)
        assert [said in page for said in ("营业厅未尽告知义务。", "加强培训，王**已知悉。", "刘建勋")] == [True] * 3
    assert Paper.objects.filter(matter=complaint.matter, kind="dispatch_notice").count() == 2
