"""Several at once: chosen in a list, judged one by one, told in a report."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.gate.perform import KEY_LENGTH, key_of, perform, perform_many
from accountability.models import AccessLog, LedgerEntry
from complaints.models import Complaint
from tests.factories import Now, Play
from tests.looking import writes

ClientFor = Callable[[str], Client]
NOWHERE = "TS20200101000001"


def several(play: Play, state: str, count: int, **intake: Any) -> list[Complaint]:
    first = Complaint.objects.count()
    return [play.upto(state, phone=f"137{number:08d}", **intake) for number in range(first, first + count)]


def numbers(complaints: list[Complaint]) -> list[str]:
    return [str(complaint) for complaint in complaints]


def told(response: Any) -> dict[str, str]:
    """The report: what is said of each number, "" where it was done."""
    assert response.status_code == 200
    return {result.number: result.refusal for result in response.context["results"]}


# The gate: a batch with keys


def run(play: Play, complaints: list[Complaint], key: str, by: str = "kf.agent", **facts: Any) -> list[Any]:
    return perform_many(complaints, "dispatch", by=play.cast[by], at=play.now.at, key=key, **{"unit": "WH"} | facts)


def test_a_batch_sent_twice_has_one_effect_and_the_same_outcome(play: Play) -> None:
    complaints = several(play, "registered", 3)
    play("dispatch", "kf.agent2", complaints[1])
    first = run(play, complaints, "k")
    before = writes(without=(AccessLog,))
    second = run(play, complaints, "k")
    assert writes(without=(AccessLog,)) == before
    for outcomes in (first, second):
        assert [outcome.refused.code if outcome.refused else None for outcome in outcomes] == [None, "state", None]
        assert [outcome.subject.pk for outcome in outcomes] == [complaint.pk for complaint in complaints]
    assert [outcome.repeated for outcome in second] == [True, False, True]
    assert [o.entries[0].pk for o in second if o.repeated] == [o.entries[0].pk for o in first if not o.refused]


def test_a_repetition_does_what_the_first_time_left(play: Play) -> None:
    """The first time broke off in the middle, or more was chosen: what is done stays, the rest is done now."""
    complaints = several(play, "registered", 3)
    run(play, complaints[:1], "k")
    outcomes = run(play, complaints, "k")
    assert [(outcome.repeated, outcome.refused) for outcome in outcomes] == [(True, None), (False, None), (False, None)]
    assert set(Complaint.objects.values_list("state", "round_count")) == {("dispatched", 1)}


def test_the_keys_are_the_batchs_with_each_number(play: Play) -> None:
    complaints = several(play, "registered", 2)
    run(play, complaints, "k")
    kept = LedgerEntry.objects.filter(verb="dispatch").order_by("matter_id").values_list("key", flat=True)
    assert list(kept) == [f"k:{number}" for number in numbers(complaints)]
    long = key_of("x" * 100, complaints[0])
    assert (len(long or ""), (long or "").endswith(f"x:{complaints[0]}")) == (KEY_LENGTH, True)
    assert (key_of(None, complaints[0]), key_of("k", Complaint())) == (None, None)


def test_a_key_used_for_another_verb_is_refused_for_that_one_alone(play: Play) -> None:
    complaints = several(play, "registered", 2)
    key = key_of("k", complaints[0])
    perform(
        complaints[0], "escalate", by=play.cast["kf.agent"], at=play.now.at, key=key, source="省局", reason="申诉。"
    )
    outcomes = run(play, complaints, "k")
    assert [outcome.refused.code if outcome.refused else None for outcome in outcomes] == ["stale", None]


def test_another_persons_key_is_another_key(play: Play) -> None:
    complaints = several(play, "registered", 1)
    run(play, complaints, "k")
    (outcome,) = run(play, complaints, "k", by="kf.agent2")
    assert outcome.refused is not None
    assert outcome.refused.code == "state"


def test_a_thousand_clicks_are_one_effect(play: Play) -> None:
    complaints = several(play, "registered", 2)
    run(play, complaints, "k")
    before = writes()
    for _click in range(50):
        assert [outcome.repeated for outcome in run(play, complaints, "k")] == [True, True]
    assert writes() == before


def test_keys_cost_the_same_however_many(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite takes 999 parameters a statement by Django's measure; its own limit is far higher."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)
    complaints = several(play, "registered", 22)
    counted = []
    for some, key in ((complaints[:2], "a"), (complaints[2:], "b"), (complaints[:2], "a"), (complaints[2:], "b")):
        with CaptureQueriesContext(connection) as queries:
            run(play, some, key)
        counted.append(len(queries))
    assert (counted[0], counted[2]) == (counted[1], counted[3])


def test_own_facts_are_each_ones_own(play: Play) -> None:
    """One in its first round, one in its second: each is chased in the round it is in."""
    (first,) = several(play, "delivered", 1)
    second = play("dispatch", "kf.agent", several(play, "returned", 1)[0], unit="YC")
    own = {first.pk: {"round": 1}, second.pk: {"round": 2}}
    outcomes = perform_many(
        [first, second], "chase", by=play.cast["kf.agent"], at=play.now.at, own=own, message="请尽快。"
    )
    assert [outcome.refused for outcome in outcomes] == [None, None]
    assert list(LedgerEntry.objects.filter(verb="chase").order_by("matter_id").values_list("facts", "part")) == [
        ({"round": 1}, 1), ({"round": 2}, 2),
    ]  # fmt: skip


# The list


def test_a_list_offers_what_goes_with_the_office(play: Play, client_for: ClientFor) -> None:
    several(play, "accepted", 1)
    offered = {
        name: [verb.name for verb in client_for(name).get("/complaints/").context["bulk"]]
        for name in ("kf.agent", "kf.supervisor", "wh.contact", "wh.deputy", "wh.head", "wh.zhang", "sc.officer")
    }
    assert offered == {
        "kf.agent": ["dispatch", "chase"], "kf.supervisor": ["dispatch", "chase"],
        "wh.contact": ["hand_off", "reassign"], "wh.deputy": ["hand_off", "reassign"],
        "wh.head": ["reassign"],
        "wh.zhang": [], "sc.officer": ["chase"],
    }  # fmt: skip
    agent, auditor = (client_for(name).get("/complaints/").content.decode() for name in ("kf.agent", "sj.auditor"))
    assert ('name="pick"' in agent, 'name="pick"' in auditor) == (True, False)


def test_it_works_with_a_form_alone(play: Play, client_for: ClientFor) -> None:
    """What a browser without scripts would send: the boxes belong to the form that the buttons send."""
    complaints = several(play, "registered", 2)
    page = client_for("kf.agent").get("/complaints/?list=dispatch").content.decode()
    form = re.search(r'<form class="bulk".*?</form>', page, re.DOTALL)
    assert form is not None
    assert re.findall(r'(?:id|method|formaction)="([^"]+)"', form[0]) == [
        "bulk", "get", "/complaints/bulk/dispatch/", "/complaints/bulk/chase/", "/complaints/notices/",
    ]  # fmt: skip
    boxes = re.findall(r'<input type="checkbox"\s+name="pick"\s+value="(\w+)"\s+form="bulk"', page)
    assert boxes == numbers(complaints)
    assert '<input type="hidden" name="list" value="dispatch">' in form[0]


# Choosing


def test_the_form_shows_what_was_chosen(play: Play, client_for: ClientFor) -> None:
    complaints = several(play, "registered", 3)
    picked = numbers(complaints[:2])
    page = client_for("kf.agent").get("/complaints/bulk/dispatch/", {"pick": picked})
    assert (page.status_code, page.context["chosen"].total, numbers(page.context["chosen"].complaints)) == (
        200, 2, picked,
    )  # fmt: skip
    assert "共选 2 件。" in page.content.decode()
    assert [fact.name for fact in page.context["verb"].facts] == ["unit", "reason"]


def test_the_whole_list_is_chosen_as_it_is_narrowed(play: Play, client_for: ClientFor) -> None:
    urgent = several(play, "registered", 2, priority="P1")
    several(play, "registered", 1)
    several(play, "delivered", 1, priority="P1")
    asked = {"all": "on", "list": "dispatch", "priority": "P1", "pick": NOWHERE}
    chosen = client_for("kf.agent").get("/complaints/bulk/dispatch/", asked).context["chosen"]
    assert (numbers(chosen.complaints), chosen.total) == (numbers(urgent), 2)


def test_nothing_chosen_leads_back(client_for: ClientFor) -> None:
    page = client_for("kf.agent").get("/complaints/bulk/chase/", follow=True)
    assert (page.redirect_chain, "请先在清单中选择投诉。" in page.content.decode()) == ([("/complaints/", 302)], True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_more_than_two_hundred_are_too_many(play: Play, client_for: ClientFor, method: str) -> None:
    picked = [f"TS20261124{number:06d}" for number in range(201)]
    page = getattr(client_for("kf.agent"), method)("/complaints/bulk/chase/", {"pick": picked, "message": "请尽快。"})
    assert (page.status_code, "一次最多办理 200 件" in page.content.decode()) == (422, True)


def test_two_hundred_are_not_too_many(client_for: ClientFor) -> None:
    picked = [f"TS20261124{number:06d}" for number in range(200)]
    page = client_for("kf.agent").get("/complaints/bulk/chase/", {"pick": [*picked, picked[0]]})
    assert (page.status_code, len(page.context["chosen"].missing)) == (200, 200)


def test_a_whole_list_that_is_too_long_is_too_many(
    play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.lists.bulk.MOST", 2)
    several(play, "registered", 3)
    assert client_for("kf.agent").get("/complaints/bulk/dispatch/?all=on").status_code == 422


@pytest.mark.parametrize(
    ("username", "verb", "status"),
    [("kf.agent", "reassign", 403), ("wh.contact", "dispatch", 403), ("wh.zhang", "reassign", 403),
     ("sc.officer", "dispatch", 403), ("sj.auditor", "chase", 403), ("kf.agent", "answer", 404),
     ("kf.agent", "nonsense", 404)],
)  # fmt: skip
def test_who_may_not_is_told_so(play: Play, client_for: ClientFor, username: str, verb: str, status: int) -> None:
    (complaint,) = several(play, "accepted", 1)
    client = client_for(username)
    before = writes()
    for method in ("get", "post"):
        answer = getattr(client, method)(f"/complaints/bulk/{verb}/", {"pick": str(complaint)})
        assert answer.status_code == status
    assert writes() == before


# Doing


def test_dispatch_one_refused_among_three_holds_up_nobody(play: Play, client_for: ClientFor) -> None:
    complaints = several(play, "registered", 3)
    play("dispatch", "kf.agent2", complaints[1], unit="YC")
    typed = {"pick": numbers(complaints), "unit": "WH", "reason": "归属该市。", "_key": "k"}
    client = client_for("kf.agent")
    report = client.post("/complaints/bulk/dispatch/", typed)
    refused = "当前状态“待交办”不能“派单”。"
    assert told(report) == dict(zip(numbers(complaints), ["", refused, ""], strict=True))
    assert list(told(report)) == [str(complaints[1]), str(complaints[0]), str(complaints[2])]
    assert (report.context["done"], report.context["refused"]) == (2, 1)
    units = Complaint.objects.order_by("pk").values_list("latest_round__unit__code", flat=True)
    assert list(units) == ["WH", "YC", "WH"]
    mine = LedgerEntry.objects.filter(verb="dispatch", actor=play.cast["kf.agent"])
    assert list(mine.values_list("facts__unit", flat=True)) == ["WH", "WH"]

    before = writes(without=(AccessLog,))
    assert told(client.post("/complaints/bulk/dispatch/", typed)) == told(report)
    assert writes(without=(AccessLog,)) == before


def test_chase_each_in_its_own_round_and_twice_is_once(play: Play, client_for: ClientFor, now: Now) -> None:
    (first,) = several(play, "accepted", 1)
    second = play("dispatch", "kf.agent", several(play, "returned", 1)[0], unit="YC")
    (idle,) = several(play, "registered", 1)
    typed = {"pick": numbers([first, second, idle]), "message": "请尽快处理。", "_key": "k"}
    client = client_for("kf.agent")
    found = [told(client.post("/complaints/bulk/chase/", typed)) for _time in range(2)]
    expected = {str(idle): "当前状态“已登记，待派单”不能“催办”。", str(first): "", str(second): ""}
    assert found == [expected, expected]
    assert sorted(LedgerEntry.objects.filter(verb="chase").values_list("matter_id", "part")) == [
        (first.pk, 1), (second.pk, 2),
    ]  # fmt: skip
    again = told(client.post("/complaints/bulk/chase/", typed | {"_key": "other"}))
    assert [again[str(one)] for one in (first, second)] == ["距上次催办不足 10 分钟。"] * 2


@pytest.mark.rule("R3")
def test_reassign_a_units_open_rounds_to_one_person(play: Play, client_for: ClientFor) -> None:
    complaints = [*several(play, "accepted", 1), *several(play, "handed_off", 1), *several(play, "delivered", 1)]
    client = client_for("wh.contact")
    page = client.get("/complaints/bulk/reassign/", {"pick": numbers(complaints)})
    people = {name for name, _label in page.context["form"].fields["to"].widget.choices if name}
    assert people == {name for name in play.cast.people if name.startswith("wh.")}
    typed = {"pick": numbers(complaints), "to": "wh.li", "reason": "张工休假。", "_key": "k"}
    report = told(client.post("/complaints/bulk/reassign/", typed))
    assert {number: bool(sentence) for number, sentence in report.items()} == dict(
        zip(numbers(complaints), [False, False, True], strict=True)
    )
    for complaint in complaints[:2]:
        current = play.again(complaint).round
        assert current is not None
        assert (current.handler, current.acting_handler) == (play.cast["wh.zhang"], play.cast["wh.li"])


def test_what_is_filled_in_wrongly_comes_back_at_its_field(play: Play, client_for: ClientFor) -> None:
    complaints = several(play, "registered", 2)
    client = client_for("kf.agent")
    before = writes()
    page = client.post("/complaints/bulk/dispatch/", {"pick": numbers(complaints), "unit": "", "reason": "归属该市。"})
    assert (page.status_code, page.context["form"].errors["unit"]) == (422, ["此项必填。"])
    assert page.context["form"]["reason"].value() == "归属该市。"
    assert page.content.decode().count('name="pick"') == 2
    assert writes() == before
    assert AccessLog.objects.count() == 0


def plain(page: Any, number: str) -> str:
    """The page without what differs from one request to the next."""
    body = page.content.decode().replace(number, "NUMBER")
    return re.sub(r'(csrfmiddlewaretoken|_key)" value="[^"]+"', "", body)


def test_anothers_number_answers_like_one_that_does_not_exist(play: Play, client_for: ClientFor) -> None:
    (own,) = several(play, "accepted", 1)
    foreign = play("dispatch", "kf.agent", several(play, "registered", 1)[0], unit="YC")
    client = client_for("wh.contact")
    asked = [{"pick": [str(own), stranger], "to": "wh.li", "reason": "休假。"} for stranger in (str(foreign), NOWHERE)]
    pages = [plain(client.get("/complaints/bulk/reassign/", typed), typed["pick"][1]) for typed in asked]
    reports = [list(told(client.post("/complaints/bulk/reassign/", typed | {"_key": "k"})).values()) for typed in asked]
    assert pages[0] == pages[1]
    assert reports == [["没有这件投诉。", ""]] * 2
    assert LedgerEntry.objects.filter(matter=foreign.pk, verb="reassign").count() == 0


def test_pages_take_as_many_queries_for_twenty_as_for_two(
    play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)
    complaints = several(play, "accepted", 22)
    client, counted = client_for("kf.agent"), []
    for some in (complaints[:2], complaints[2:]):
        typed = {"pick": numbers(some), "message": "请尽快。"}
        for method in ("get", "post"):
            with CaptureQueriesContext(connection) as queries:
                assert getattr(client, method)("/complaints/bulk/chase/", typed).status_code == 200
            counted.append(len(queries))
    # Of each that is chased its own last chase is asked for, by the verb itself.
    assert (counted[0], counted[1]) == (counted[2], counted[3] - 18)
