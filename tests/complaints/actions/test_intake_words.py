"""客户诉求 and 已做预处理: asked at intake, put right by a correction, printed, masked, found, handed out, erased."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accountability.gate.act import Refused
from accountability.models import PersonalData, SearchText
from accountability.privacy import retention
from complaints.data_rights.requests import _told
from complaints.dossier.customer import customer_of
from complaints.models import Complaint
from tests.complaints.actions.test_review import page_of, slip
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
pytestmark = pytest.mark.rule("R18")

WORDS = {"wanted": "王建国要求退还两笔，回电13871234567。", "pre_handling": "已核对账单，未见订购记录。"}
MASKED = ("王**要求退还两笔，回电138****4567。", "已核对账单，未见订购记录。")


def delivered(play: Play) -> Complaint:
    return play("dispatch", "kf.agent", play("register", "kf.agent", **WORDS))


def test_they_are_printed_on_the_notice_and_stand_on_the_pages(play: Play, client_for: ClientFor) -> None:
    complaint = delivered(play)
    assert (slip(complaint)["客户诉求"], slip(complaint)["已做预处理"]) == MASKED
    for path in ("", "rounds/1/notice/"):
        page = page_of(client_for("wh.contact"), complaint, path)
        assert ([said in page for said in MASKED], "13871234567" in page) == ([True, True], False)


def test_what_was_not_asked_is_not_printed_as_known(play: Play) -> None:
    assert (slip(play.upto("delivered"))["客户诉求"], slip(play.upto("delivered"))["已做预处理"]) == ("—", "—")


def test_a_forwarders_words_stay_with_the_centres_corrections_in_them(play: Play, client_for: ClientFor) -> None:
    complaint = play("forward", "yc.chen", wanted="退费")
    complaint = play("register", "kf.agent", complaint, pre_handling=WORDS["pre_handling"])
    play("dispatch", "kf.agent", complaint)
    assert (slip(complaint)["客户诉求"], slip(complaint)["已做预处理"]) == ("退费", MASKED[1])
    forwarder, agent = page_of(client_for("yc.chen"), complaint), page_of(client_for("kf.agent"), complaint)
    assert (MASKED[1] in forwarder, MASKED[1] in agent) == (False, True)


def test_a_correction_keeps_the_rest_and_the_old_words_sealed(play: Play) -> None:
    complaint = delivered(play)
    before = complaint.intake
    complaint = play("correct", "kf.agent", complaint, wanted="改为赠送流量。", region="武汉")
    known = customer_of(play.again(complaint))
    assert (known.name, known.phone, known.wanted, known.pre_handling) == (
        "王建国", "13871234567", "改为赠送流量。", WORDS["pre_handling"],
    )  # fmt: skip
    assert PersonalData.objects.get(pk=before.pk).sealed is not None
    with pytest.raises(Refused, match="与现有登记相同"):
        play("correct", "kf.agent", complaint, wanted="改为赠送流量。", region="武汉")
    complaint = play(
        "judge_complete", "kf.agent", play("answer", "wh.zhang", play("hand_off", "wh.contact", complaint))
    )
    assert slip(complaint)["客户诉求"] == "改为赠送流量。"


def test_they_are_found_masked_handed_out_and_erased(play: Play, now: Now) -> None:
    complaint = play.upto("archived", **WORDS)
    kept = SearchText.objects.get(matter=complaint.matter, entry__verb="register").text
    assert ("138****4567" in kept, "未见订购记录" in kept, "王建国" in kept) == (True, True, False)
    told = _told(Complaint.objects.with_everything().select_related("intake").get(pk=complaint.pk), [], [])
    assert (told["wanted"], told["pre_handling"]) == (WORDS["wanted"], WORDS["pre_handling"])
    retention.retain(now.forward(days=3 * 366 + 1))
    assert not PersonalData.objects.filter(matter=complaint.matter, sealed__isnull=False).exists()


def test_a_direct_answer_is_its_own_solution(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("completed")
    assert slip(complaint)["解决方案"] == "已退费。"
    page = page_of(client_for("wh.zhang"), complaint, "rounds/1/notice/")
    assert "已退费。" in page.partition("解决方案")[2].partition("</td>")[0]


def test_a_solution_that_was_proposed_stays_the_solution(play: Play) -> None:
    complaint = play("propose_solution", "wh.zhang", play.upto("accepted"), solution="先停用，再退费。")
    complaint = play("judge_complete", "kf.agent", play("answer", "wh.zhang", complaint))
    assert slip(complaint)["解决方案"] == "先停用，再退费。"
