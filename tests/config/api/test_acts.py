"""A verb through the interface is the verb of the gate: the same permission, state, instant and record."""

from __future__ import annotations

from typing import Any

import pytest

from accountability.gate.verbs import VERBS
from accountability.models import Deadline, LedgerEntry, SentRequest
from complaints.models import Complaint
from config.api import acts
from config.api.kinds import KINDS
from tests.config.api.conftest import ProgramOf, is_problem
from tests.factories import USUAL, Cast, Now, Play

INTAKE = USUAL["register"]
KEY = {"Idempotency_Key": "4f1c-1"}


@pytest.fixture
def delivered(play: Play) -> Complaint:
    return play("dispatch", "kf.agent", play("register", "kf.agent"))


def place(complaint: Complaint, *more: str) -> str:
    return "/".join(["complaints", str(complaint.matter.number), *more])


def test_a_complaint_goes_its_whole_way(program: ProgramOf, now: Now) -> None:
    begun = program("kf.agent").post("complaints", INTAKE)
    assert begun.status_code == 201
    where = begun.headers["Location"]
    assert program("kf.agent").get(where).json()["number"] == begun.json()["number"]
    for by, verb, facts in (
        ("kf.agent", "dispatch", {"unit": "WH"}),
        ("wh.contact", "hand_off", {"to": "wh.zhang", "method": "system"}),
        ("wh.zhang", "accept", {}),
        ("wh.zhang", "propose_solution", {"solution": "退还两笔扣费。"}),
        ("wh.zhang", "answer", {"result": "已退费。", "cause": "套餐变更时未告知。"}),
        ("kf.agent", "judge_complete", {"complete": True}),
        ("kf.agent", "reply", {"content": "已为您退费。"}),
        ("kf.agent", "record_satisfaction", {"satisfied": True}),
    ):
        now.forward(minutes=3)
        answer = program(by).post(f"{where}/{verb}", facts)
        assert (answer.status_code, answer.json()) == (200, answer.json() | {"verb": verb, "at": now.at.isoformat()})
    assert Complaint.objects.get().state == "archived"


def test_an_employee_forwards(program: ProgramOf) -> None:
    begun = program("yc.chen").post("complaints", USUAL["forward"] | {"do": "forward"})
    assert begun.status_code == 201
    registered = {name: INTAKE[name] for name in ("category", "priority", "channel")}
    answer = program("kf.agent").post(f"{begun.headers['Location']}/register", registered | {"channel": "forward"})
    assert answer.status_code in (200, 422)
    assert Complaint.objects.get().forwarded_by.username == "yc.chen"  # type: ignore[union-attr]


@pytest.mark.parametrize("wanted", ["dispatch", "nothing", 1, None, ["register"]])
def test_only_what_begins_a_complaint_begins_one(program: ProgramOf, wanted: Any) -> None:
    assert set(is_problem(program("kf.agent").post("complaints", INTAKE | {"do": wanted}), 422)["errors"]) == {"do"}


def test_who_may_not_begin_one_begins_none(program: ProgramOf) -> None:
    is_problem(program("wh.zhang").post("complaints", INTAKE), 403)
    assert not Complaint.objects.exists()


def test_every_declared_verb_has_its_address(program: ProgramOf, delivered: Complaint) -> None:
    """Read off the declarations: whatever is declared for a complaint is judged by the gate, and nothing else is."""
    asking, number = program("sj.auditor"), delivered.matter.number
    declared = sorted(name for kind, name in VERBS if kind == "complaint")
    assert len(declared) > 50
    codes = {name: asking.post(f"complaints/{number}/{name}").status_code for name in declared}
    assert set(codes.values()) <= {403, 409, 422}
    of_others = sorted({name for kind, name in VERBS if kind != "complaint"} - set(declared))
    assert {asking.post(f"complaints/{number}/{name}").status_code for name in of_others} == {404}


def test_each_kind_that_is_acted_on_has_its_verbs(program: ProgramOf) -> None:
    asking = program("sc.leader")
    for kind in KINDS:
        where = kind.place if kind.page is None else f"{kind.place}/NONE"
        assert asking.post(f"{where}/no_verb").status_code == 404
        for entry in kind.verbs:
            assert asking.post(f"{where}/{entry.name}").status_code in ({404} if kind.page else {403, 409, 422, 200})


def test_it_is_judged_by_the_instant_at_which_it_arrived(program: ProgramOf, delivered: Complaint, now: Now) -> None:
    due = Deadline.objects.get(matter=delivered.matter, kind="handoff").due_at
    assert due
    now.at = due
    assert program("wh.contact").post(place(delivered, "hand_off"), USUAL["hand_off"]).status_code == 200
    assert Deadline.objects.get(matter=delivered.matter, kind="handoff").status == "met"


def test_a_moment_later_it_is_late(program: ProgramOf, delivered: Complaint, now: Now) -> None:
    due = Deadline.objects.get(matter=delivered.matter, kind="handoff").due_at
    assert due
    now.at = due
    now.forward(microseconds=1)
    assert program("wh.contact").post(place(delivered, "hand_off"), USUAL["hand_off"]).status_code == 200
    assert Deadline.objects.get(matter=delivered.matter, kind="handoff").status == "missed"


# The same request twice


def test_a_request_sent_again_under_its_key_is_answered_the_same(
    program: ProgramOf, delivered: Complaint, now: Now
) -> None:
    asking = program("wh.contact")
    first = asking.post(place(delivered, "hand_off"), USUAL["hand_off"], **KEY)
    now.forward(minutes=5)
    again = asking.post(place(delivered, "hand_off"), USUAL["hand_off"], **KEY)
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, first.json())
    assert [each.headers.get("Idempotency-Replayed") for each in (first, again)] == [None, "true"]
    assert LedgerEntry.objects.filter(verb="hand_off").count() == 1


def test_a_beginning_sent_again_begins_one_complaint(program: ProgramOf) -> None:
    first, again = (program("kf.agent").post("complaints", INTAKE, **KEY) for _n in range(2))
    assert (first.status_code, first.json(), first.headers["Location"]) == (
        again.status_code, again.json(), again.headers["Location"],
    )  # fmt: skip
    assert Complaint.objects.count() == 1


def test_without_a_key_it_is_another_request(program: ProgramOf) -> None:
    for _n in range(2):
        program("kf.agent").post("complaints", INTAKE)
    assert Complaint.objects.count() == 2


def test_a_key_with_another_content_is_refused(program: ProgramOf, delivered: Complaint) -> None:
    asking = program("kf.agent")
    assert asking.post("complaints", INTAKE, **KEY).status_code == 201
    for where, body in (
        ("complaints", INTAKE | {"content": "另一件。"}), (place(delivered, "chase"), USUAL["chase"]),
    ):  # fmt: skip
        assert is_problem(asking.post(where, body, **KEY), 422)["type"] == "urn:shouwen:problem:key"
    assert Complaint.objects.count() == 2
    assert not LedgerEntry.objects.filter(verb="chase").exists()


def test_a_refused_request_may_be_sent_again_under_its_key(
    program: ProgramOf, delivered: Complaint, play: Play
) -> None:
    asking, rule = program("kf.agent"), USUAL["rule_on_return"]
    is_problem(asking.post(place(delivered, "rule_on_return"), rule, **KEY), 409)
    play("request_return", "wh.contact", delivered)
    assert asking.post(place(delivered, "rule_on_return"), rule, **KEY).status_code == 200


def test_a_key_is_its_persons_own(program: ProgramOf, cast: Cast) -> None:
    assert program("kf.agent").post("complaints", INTAKE, **KEY).status_code == 201
    assert program("kf.agent2").post("complaints", INTAKE, **KEY).status_code == 201
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "k y"])
def test_a_key_that_is_none_is_refused(program: ProgramOf, key: str) -> None:
    is_problem(program("kf.agent").post("complaints", INTAKE, Idempotency_Key=key), 400)


def test_nothing_of_what_was_sent_is_kept_readable(program: ProgramOf) -> None:
    program("kf.agent").post("complaints", INTAKE, **KEY)
    kept = str(SentRequest.objects.values().get())
    assert INTAKE["phone"] not in kept
    assert KEY["Idempotency_Key"] not in kept


# What was read before


def test_an_act_on_what_was_read_is_refused_once_it_has_changed(
    program: ProgramOf, delivered: Complaint, play: Play
) -> None:
    asking = program("wh.contact")
    tag = asking.get(place(delivered)).headers["ETag"]
    play("chase", "kf.agent", delivered)
    told = is_problem(asking.post(place(delivered, "hand_off"), USUAL["hand_off"], If_Match=tag), 412)
    assert told["type"] == "urn:shouwen:problem:version"
    assert not LedgerEntry.objects.filter(verb="hand_off").exists()
    tag = asking.get(place(delivered)).headers["ETag"]
    answer = asking.post(place(delivered, "hand_off"), USUAL["hand_off"], If_Match=f'"other", {tag}')
    assert answer.status_code == 200


def test_a_request_sent_again_is_answered_the_same_although_it_changed_what_was_read(
    program: ProgramOf, delivered: Complaint
) -> None:
    asking = program("wh.contact")
    tag = asking.get(place(delivered)).headers["ETag"]
    first, again = (
        asking.post(place(delivered, "hand_off"), USUAL["hand_off"], If_Match=tag, **KEY) for _n in range(2)
    )
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    is_problem(asking.post(place(delivered, "chase"), USUAL["chase"], If_Match=tag, Idempotency_Key="k2"), 403)


def test_what_changes_between_the_look_and_the_lock_is_found(
    program: ProgramOf, delivered: Complaint, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else acts after the tag was compared, before the gate has the matter's lock."""
    asking, kept = program("wh.contact"), acts.perform
    tag = asking.get(place(delivered)).headers["ETag"]

    def overtaken(*given: Any, **told: Any) -> Any:
        play("chase", "kf.agent", delivered)
        return kept(*given, **told)

    monkeypatch.setattr(acts, "perform", overtaken)
    is_problem(asking.post(place(delivered, "hand_off"), USUAL["hand_off"], If_Match=tag), 412)


def test_somebody_elses_tag_is_no_tag(program: ProgramOf, delivered: Complaint) -> None:
    tag = program("kf.agent").get(place(delivered)).headers["ETag"]
    is_problem(program("wh.contact").post(place(delivered, "hand_off"), USUAL["hand_off"], If_Match=tag), 412)


def test_any_version_will_do_where_that_is_said(program: ProgramOf, delivered: Complaint) -> None:
    assert program("wh.contact").post(place(delivered, "hand_off"), USUAL["hand_off"], If_Match="*").status_code == 200


def test_a_tag_of_what_is_not_read_here_never_fits(program: ProgramOf) -> None:
    is_problem(program("sc.officer").post("cases", {"do": "open_case"}, If_Match='"x"'), 412)
    is_problem(program("kf.agent").post("complaints", INTAKE, If_Match='"x"'), 412)
