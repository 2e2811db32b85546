"""What was decided against somebody is personal data: whose it is to know, and how long a circular tells it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.models import Paper, SearchText, actor_for
from accountability.security.masking import blotted
from assessment.lists.search import texts_for
from assessment.models import Case, Circular, Penalty
from assessment.models.circulars import months_later
from tests.assessment.office import Stage, page_of, staff

pytestmark = [pytest.mark.compliance(11, 29), pytest.mark.asvs("8.2.2", "8.2.3", "14.2.7")]

ClientFor = Callable[[str], Client]

REASON = "夜莺情节"
OWN = reverse("own_penalties")


def penalised(stage: Stage) -> Case:
    return stage.do(
        "penalise", "wh.head", stage.admitted(), person="wh.zhang", ground="handler", months=2, reason=REASON
    )


def slipped(stage: Stage) -> Case:
    case = penalised(stage)
    return stage.do("file_slip", "wh.contact", case, person="wh.zhang", executed_on="2026-11-24", voucher="RL-77")


def sees(stage: Stage, username: str) -> bool:
    actor = actor_for(stage.play.cast[username].pk, stage.play.now.at)
    assert actor is not None
    return Penalty.objects.visible_to(actor).exists()


KNOWING = {"sc.officer", "sc.officer2", "sc.leader", "sj.auditor", "wh.head", "wh.zhang"}


@pytest.mark.parametrize(("state", "knowing"), [(penalised, KNOWING | {"wh.contact", "wh.deputy"}), (slipped, KNOWING)])
def test_who_may_know_of_a_penalty(stage: Stage, state: Callable[[Stage], Case], knowing: set[str]) -> None:
    """There is no role for personnel: the return slip brings the months to them on paper."""
    state(stage)
    assert {person.username for person in staff(stage) if sees(stage, person.username)} == knowing


@pytest.mark.parametrize(("username", "told"), [("wh.contact", False), ("wh.deputy", False), ("wh.head", True)])
def test_once_it_was_proved_the_case_tells_of_it_to_the_head_alone(
    username: str, told: bool, stage: Stage, client_for: ClientFor
) -> None:
    case = slipped(stage)
    text = client_for(username).get(page_of(case)).content.decode()
    assert [said in text for said in (REASON, "RL-77", "2个月")] == [told] * 3


def test_until_then_the_contact_sees_what_is_to_be_proved(stage: Stage, client_for: ClientFor) -> None:
    text = client_for("wh.contact").get(page_of(penalised(stage))).content.decode()
    assert [said in text for said in (REASON, "2个月")] == [True, True]


@pytest.mark.parametrize(("username", "found"), [("wh.contact", 0), ("wh.head", 1), ("sc.officer", 1), ("kf.agent", 0)])
def test_the_search_finds_the_reason_for_those_alone(username: str, found: int, stage: Stage) -> None:
    penalised(stage)
    assert SearchText.objects.filter(text__contains=REASON).count() == 1
    actor = actor_for(stage.play.cast[username].pk, stage.play.now.at)
    assert actor is not None
    assert texts_for(actor).filter(text__contains=REASON).count() == found


def test_everybody_reads_their_own_and_nobody_elses(stage: Stage, client_for: ClientFor) -> None:
    slipped(stage)
    told = {
        person.username for person in staff(stage) if REASON in client_for(person.username).get(OWN).content.decode()
    }
    assert told == {"wh.zhang"}
    text = client_for("wh.zhang").get(OWN).content.decode()
    assert [said in text for said in ("首问责任人", "2个月", "2026-11-24", "RL-77", "AJ2026")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_ones_own_list_costs_the_same_however_long(stage: Stage, client_for: ClientFor) -> None:
    client = client_for("wh.zhang")
    counts: list[int] = []
    for _case in range(3):
        penalised(stage)
        with CaptureQueriesContext(connection) as found:
            assert len(client.get(OWN).context["page"].rows) == len(counts) + 1
        counts.append(len(found))
    assert counts == counts[:1] * 3


# The circular


def circular_of(stage: Stage) -> Circular:
    case = stage.issued()
    return case.circular_rows[0]


def read(client_for: ClientFor, username: str, circular: Circular) -> str:
    return client_for(username).get(reverse("circular", args=[circular.pk])).content.decode()


def names_of(stage: Stage) -> tuple[str, ...]:
    return tuple(stage.play.cast[name].name for name in ("wh.zhang", "wh.leader", "wh.head"))


def test_a_circular_names_people_as_long_as_the_policy_says(stage: Stage, client_for: ClientFor) -> None:
    circular = circular_of(stage)
    for days, named in ((0, True), (365, True), (1, False)):
        stage.play.now.forward(days=days)
        text = read(client_for, "sj.plain", circular)
        assert [name in text for name in names_of(stage)] == [named] * 3
        assert [said in text for said in ("姓名公示至 2027-11-24", "姓名已撤下")] == [named, not named]
    assert "扣除1个月绩效奖金" in text  # what was decided stays, of whom doesn't


def test_a_shorter_time_holds_for_those_that_are_there(stage: Stage, client_for: ClientFor) -> None:
    circular = circular_of(stage)
    stage.play.now.forward(days=40)
    assert names_of(stage)[0] in read(client_for, "sj.plain", circular)
    stage.play("set_privacy_policy", "sc.leader", circular_months=1, reason="缩短公示")
    assert names_of(stage)[0] not in read(client_for, "sj.plain", circular)


@pytest.mark.parametrize(("username", "named"), [
    ("sc.officer", True), ("sj.auditor", True), ("wh.head", True), ("wh.contact", False), ("kf.supervisor", False),
    ("yc.head", False), ("wh.li", False),
])  # fmt: skip
def test_after_that_they_stay_with_who_made_it_audits_it_and_heads_the_unit(
    username: str, named: bool, stage: Stage, client_for: ClientFor
) -> None:
    circular = circular_of(stage)
    stage.play.now.forward(days=400)
    assert [name in read(client_for, username, circular) for name in names_of(stage)] == [named] * 3


def test_its_paper_goes_with_the_names_and_stays_for_the_record(stage: Stage, client_for: ClientFor) -> None:
    circular = circular_of(stage)
    paper = Paper.objects.get(kind="circular", part=circular.pk)
    place = reverse("paper", args=[paper.token])
    assert client_for("sj.plain").get(place).status_code == 200
    stage.play.now.forward(days=400)
    assert [client_for(name).get(place).status_code for name in ("sj.plain", "sc.officer", "sj.auditor")] == [
        404, 200, 200,
    ]  # fmt: skip


def test_what_was_withdrawn_names_nobody_at_once(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("withdraw_circular", "sc.officer", stage.issued(), reason="认定有误。", signed_by="sc.leader")
    case = stage.do("sign_circular", "sc.leader", case)
    first = case.circular_rows[0]
    text = read(client_for, "sj.plain", first)
    assert [name in text for name in names_of(stage)] == [False] * 3
    assert str(first.number) in text


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 24), 12, date(2027, 11, 24)), (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)), (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)  # fmt: skip
def test_months_end_with_the_month(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later
    assert later - day > timedelta(days=27)


def test_names_are_gone_however_they_are_spaced() -> None:
    assert blotted("张三丰、张 三 丰和张三，李四", ["张三", "张三丰", "李"]) == "×××、×××和×××，李四"
