"""The leader who doesn't sign sends the circular back with remarks; it may be laid before a leader anew (R52)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from assessment.models import Circular
from complaints.dossier.customer import texts_of
from tests.assessment.actions.test_opening import second_leader
from tests.assessment.adjudicating import do, post
from tests.assessment.docket import Docket, circulars, holder, told
from tests.assessment.documents.test_circular_text import paid

ClientFor = Callable[[str], Client]

pytestmark = pytest.mark.rule("R52")

REMARKS = "请写明交办的时刻。"


def test_it_goes_back_to_who_wrote_it_with_the_remarks(docket: Docket) -> None:
    case = docket("return_circular", "sc.leader", docket.upto("circular laid before"))
    circular = Circular.objects.get(case=case)
    assert (circular.is_returned, circular.signer, circular.number, circular.named) == (True, None, None, [])
    assert circular.returned_by == docket.cast["sc.leader"]
    assert texts_of(circular.remarks) == {"remarks": REMARKS}
    assert told(case, "circular_returned") == {"sc.officer"}
    assert (case.matter.awaits, holder(case)) == ("issue_circular", "sc.officer")
    assert case.matter.alarm_at is not None
    assert docket.refused("sign_circular", "sc.leader", case).code == "forbidden"


def test_nobody_but_the_leader_asked_sends_it_back(docket: Docket) -> None:
    second_leader(docket)
    case = docket.upto("circular laid before")
    for by in ("sc.officer", "sc.officer2", "kf.supervisor", "wh.head", "sj.auditor"):
        assert docket.refused("return_circular", by, case).code == "forbidden"
    assert list(docket.refused("return_circular", "sc.leader", case, remarks="").fields) == ["remarks"]


def test_it_is_laid_before_the_leader_anew_and_signed_once(docket: Docket) -> None:
    case = docket("return_circular", "sc.leader", docket.upto("circular laid before"))
    case = docket("issue_circular", "sc.officer", case, body="各单位：\n改过的正文。")
    circular = Circular.objects.get(case=case)
    assert (circular.is_returned, circular.waits_for_signer, holder(case)) == (False, True, "sc.leader")
    assert texts_of(circular.remarks) == {"remarks": REMARKS}
    assert circulars(docket("sign_circular", "sc.leader", case)) == [("鄂移通报〔2026〕1号", False)]


def test_it_is_bound_to_the_text_that_was_read(docket: Docket) -> None:
    case = docket.upto("circular laid before")
    seen = case.shown_for("return_circular")
    case = docket("issue_circular", "sc.officer", case, body="各单位：\n另一份正文。")
    assert docket.refused("return_circular", "sc.leader", case, seen=seen).code == "stale"


@pytest.mark.rule("R50")
def test_months_may_be_put_right_once_it_is_back(docket: Docket) -> None:
    """While it lies before the leader they stand; sent back, the next text tells the new ones."""
    case = docket.upto("circular laid before")
    assert docket.refused("penalise", "sc.officer", case, months=3).code == "condition"
    case = docket("penalise", "sc.officer", docket("return_circular", "sc.leader", case), months=3)
    case = docket("sign_circular", "sc.leader", docket("issue_circular", "sc.officer", case))
    assert docket.refused("penalise", "sc.officer", case, months=2).code == "condition"


def test_a_withdrawal_that_is_sent_back_leaves_the_circular_in_force(docket: Docket) -> None:
    case = docket("withdraw_circular", "sc.officer", docket.upto("closed"))
    case = docket("return_circular", "sc.leader", case)
    assert (case.circular_in_force is not None, case.matter.awaits, holder(case)) == (True, "", None)
    case = docket("withdraw_circular", "sc.officer", case, reason="事实仍有误。")
    case = docket("sign_circular", "sc.leader", case)
    assert circulars(case) == [("鄂移通报〔2026〕1号", False), ("鄂移通报〔2026〕2号", True)]


def test_of_an_annulled_case_it_must_be_withdrawn_all_the_same(docket: Docket) -> None:
    case = docket("return_circular", "sc.leader", docket.upto("withdrawal laid before"))
    assert (case.matter.awaits, holder(case)) == ("withdraw_circular", "sc.officer")


def test_a_withdrawal_that_was_sent_back_holds_up_no_second_circular(docket: Docket) -> None:
    case = docket("issue_circular", "sc.officer", docket.upto("deemed_violation"))
    case = docket("withdraw_circular", "sc.officer", docket("sign_circular", "sc.leader", case))
    case = paid(docket, docket("return_circular", "sc.leader", case))
    case = docket("sign_circular", "sc.leader", docket("issue_circular", "sc.officer", case))
    case = docket("withdraw_circular", "sc.officer", case)
    assert [row.withdraws.number for row in case.circular_rows if row.withdraws] == ["鄂移通报〔2026〕2号"]


def test_the_pages_show_the_remarks_and_offer_both_answers(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("circular laid before")
    leader, officer = client_for("sc.leader"), client_for("sc.officer")
    form = leader.get(do(case, "sign_circular"))
    assert form.context["counterpart"]["url"] == do(case, "return_circular")
    text = leader.get(do(case, "return_circular")).content.decode()
    assert "三、处理决定" in text[: text.index("退回通报</button>")]
    assert post(leader, do(case, "return_circular"), remarks=REMARKS).status_code == 302
    page = officer.get(reverse("admin:assessment_case_change", args=[case.pk])).content.decode()
    assert [said for said in (REMARKS, "已退回，待修改", "退回通报") if said not in page] == []
    again = officer.get(do(case, "issue_circular"))
    assert "基本情况" in again.context["form"].initial["body"]
    docket("issue_circular", "sc.officer", docket.again(case))
    assert REMARKS in leader.get(do(case, "sign_circular")).content.decode()


def test_nobody_signs_what_is_back(docket: Docket, client_for: ClientFor) -> None:
    """One dash where the name stood, none for the instant."""
    case = docket("return_circular", "sc.leader", docket.upto("circular laid before"))
    page = client_for("sc.officer").get(reverse("admin:assessment_case_change", args=[case.pk])).content.decode()
    assert page.split("<dt>签发人</dt>")[-1].split("</dd>")[0].count("—") == 1
