"""A verb through the interface is the verb of the gate: the same permission, state, instant and record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from accountability import tasks
from accountability.gate.verbs import VERBS
from accountability.models import Deadline, LedgerEntry, SentRequest
from complaints.models import Complaint
from config.api import acts
from config.api.kinds import COMPLAINTS, KINDS, ORGANISATION
from tests.config.api.conftest import ProgramOf, is_problem
from tests.factories import USUAL, Cast, Now, Play

INTAKE = USUAL["register"]
LEFT_OUT = {
    "import_complaint", "rate_reply",  # by an operator's command, by a customer
    # a second person decides in a session of their own
    "approve_change", "refuse_change", "approve", "confirm_excuse",
    # what somebody puts their name to, and no program can read here
    "propose_release", "approve_release",
    "refuse_release", "withdraw_release", "set_papers", "set_privacy_policy", "publish_rules", "set_sign_in_policy",
    "set_template", "withdraw_template", "set_limits", "set_duty_hours", "set_policy", "set_mass_limits",
    "publish_calendar", "add_webhook", "enable_webhook", "disable_webhook", "rotate_webhook",
}  # fmt: skip
"""What no program does, written out: a verb joins by hand."""
BEGUN_AT = {
    "register": "register", "forward": "forward", "issue_sheet": "issue_sheet",
    "open_case": "admin:assessment_case_begin", "open_fault": "open_fault", "draft_ranking": "begin_ranking",
}  # fmt: skip
"""The page on which each of them is begun by hand."""
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
        sending = program(by).post_read if COMPLAINTS.verb(verb).seen else program(by).post
        answer = sending(f"{where}/{verb}", facts)
        assert (answer.status_code, answer.json()) == (200, answer.json() | {"verb": verb, "at": now.at.isoformat()})
    assert Complaint.objects.get().state == "archived"


def test_an_employee_forwards(program: ProgramOf) -> None:
    begun = program("yc.chen").post("complaints", USUAL["forward"] | {"do": "forward"})
    assert begun.status_code == 201
    registered = {name: INTAKE[name] for name in ("category", "priority", "channel")}
    answer = program("kf.agent").post_read(f"{begun.headers['Location']}/register", registered | {"channel": "forward"})
    assert answer.status_code == 200
    assert Complaint.objects.get().forwarded_by.username == "yc.chen"  # type: ignore[union-attr]


@pytest.mark.parametrize("wanted", ["dispatch", "nothing", 1, None, ["register"], "import_complaint"])
def test_only_what_begins_a_complaint_begins_one(program: ProgramOf, wanted: Any) -> None:
    assert set(is_problem(program("kf.agent").post("complaints", INTAKE | {"do": wanted}), 422)["errors"]) == {"do"}


def test_who_may_not_begin_one_begins_none(program: ProgramOf) -> None:
    is_problem(program("wh.zhang").post("complaints", INTAKE), 403)
    assert not Complaint.objects.exists()


def test_every_declared_verb_has_its_address(program: ProgramOf, delivered: Complaint) -> None:
    """Read off the declarations: whatever is declared for a complaint is judged by the gate, and nothing else is, but
    for what a person does not do on a page.
    """
    asking, number = program("sj.auditor"), delivered.matter.number
    declared = sorted(name for kind, name in VERBS if kind == "complaint" and name not in LEFT_OUT)
    assert len(declared) > 50
    codes = {name: asking.post(f"complaints/{number}/{name}").status_code for name in declared}
    assert set(codes.values()) <= {403, 409, 422}
    of_others = sorted({name for kind, name in VERBS if kind != "complaint"} - set(declared) | LEFT_OUT)
    assert {asking.post(f"complaints/{number}/{name}").status_code for name in of_others} == {404}


def test_each_kind_that_is_acted_on_has_its_verbs(program: ProgramOf) -> None:
    asking = program("sc.leader")
    for kind in KINDS:
        where = kind.place if kind.page is None else f"{kind.place}/NONE"
        assert asking.post(f"{where}/no_verb").status_code == 404
        for entry in kind.verbs:
            assert asking.post(f"{where}/{entry.name}").status_code in ({404} if kind.page else {403, 409, 422, 200})


def test_no_program_does_what_is_not_done_on_a_page(program: ProgramOf) -> None:
    declared = {entry.name: kind for kind in KINDS for entry in VERBS.values() if entry.model is kind.model}
    assert {name for name, kind in declared.items() if name not in {each.name for each in kind.verbs}} == LEFT_OUT
    asking = program("sc.leader")
    for name in LEFT_OUT & set(declared):
        kind = declared[name]
        is_problem(asking.post(f"{kind.place}/{name}" if kind is ORGANISATION else f"{kind.place}/NONE/{name}"), 404)


def test_what_a_program_begins_a_page_begins(client_for: Any) -> None:
    assert {entry.name for kind in KINDS for entry in kind.beginnings} == set(BEGUN_AT)
    for verb, page in BEGUN_AT.items():
        where = reverse(page, args=[verb] if page.startswith("admin:") else [])
        assert client_for("sc.leader").get(where).status_code in (200, 403), page


def test_every_verb_of_a_program_has_its_page(client_for: Any, delivered: Complaint) -> None:
    """What a program may do to what there is already, a page takes: it is no unknown word there."""
    client = client_for("kf.supervisor")
    pages = {COMPLAINTS: ("act", [delivered.matter.number]), ORGANISATION: ("organisation_act", [])}
    for kind, (page, args) in pages.items():
        names = {entry.name for entry in kind.verbs if not entry.creates}
        answers = {name: client.get(reverse(page, args=[*args, name])).status_code for name in names}
        assert {name for name, status in answers.items() if status == 404} == set()


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


@pytest.fixture
def answered(play: Play, delivered: Complaint) -> Complaint:
    handed = play("hand_off", "wh.contact", delivered)
    return play("answer", "wh.zhang", play("propose_solution", "wh.zhang", play("accept", "wh.zhang", handed)))


@pytest.mark.parametrize("given", [{}, {"If_Match": "*"}])
def test_who_puts_their_name_to_it_must_have_read_it(
    program: ProgramOf, answered: Complaint, given: dict[str, str]
) -> None:
    asking = program("kf.agent")
    offers = {each["name"]: each["needs_version"] for each in asking.get(place(answered)).json()["verbs"]}
    assert (offers["judge_complete"], offers["chase"]) == (True, False)
    told = is_problem(asking.post(place(answered, "judge_complete"), {"complete": True}, **given), 428)
    assert told["type"] == "urn:shouwen:problem:unread"
    is_problem(program("wh.zhang").post(place(answered, "judge_complete"), {"complete": True}, **given), 403)
    assert asking.post_read(place(answered, "judge_complete"), {"complete": True}).status_code == 200


def test_what_they_would_put_their_name_to_is_part_of_what_they_read(
    program: ProgramOf, answered: Complaint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the JSON itself is the same."""
    asking = program("kf.agent")
    tag = asking.get(place(answered)).headers["ETag"]
    assert asking.get(place(answered)).headers["ETag"] == tag
    key = ("complaint", "judge_complete")
    monkeypatch.setitem(VERBS, key, replace(VERBS[key], seen=lambda complaint: ["another"]))
    is_problem(asking.post(place(answered, "judge_complete"), {"complete": True}, If_Match=tag), 412)


def test_what_begins_leads_to_where_it_is_read_or_nowhere(program: ProgramOf) -> None:
    assert "Location" in program("kf.agent").post("complaints", INTAKE).headers
    facts = {"do": "open_case", "unit": "WH", "source": "superior", "description": "上级转来。"}
    begun = program("sc.officer").post("cases", facts)
    assert (begun.status_code, program("sc.officer").get(begun.headers["Location"]).status_code) == (201, 200)
    said = {"employee": "wh.li", "supervisor": "wh.head"}
    assert "Location" not in program("sc.officer").post("organisation/set_supervisor", said).headers


# The key after a while


def test_a_key_that_was_forgotten_is_another_request(program: ProgramOf, now: Now) -> None:
    """The record keeps its keys for ever; the program's is kept for a month."""
    first = program("kf.agent").post("complaints", INTAKE, **KEY)
    now.forward(days=31)
    tasks.close_sign_ins()
    again = program("kf.agent").post("complaints", INTAKE | {"content": "另一件投诉。"}, **KEY)
    assert (first.status_code, again.status_code, Complaint.objects.count()) == (201, 201, 2)
    assert "Idempotency-Replayed" not in again.headers


def test_a_key_counts_across_a_change_of_the_secret_key(program: ProgramOf, settings: Any) -> None:
    asking = program("kf.agent")
    first = asking.post("complaints", INTAKE, **KEY)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8
    again = asking.post("complaints", INTAKE, **KEY)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert Complaint.objects.count() == 1


# Instants


@pytest.mark.parametrize(
    ("said", "meant"),
    [("2026-11-24T15:00:00+08:00", "2026-11-24 15:00:00.000"), ("2026-11-24T07:00Z", "2026-11-24 15:00:00.000"),
     ("2026-11-24 15:00:01.250000+08:00", "2026-11-24 15:00:01.250"), ("2026-11-24 15:00", "2026-11-24 15:00"),
     ("2026-11-24T15:00:00.000001+08:00", "2026-11-24T15:00:00.000001+08:00"), ("0001-01-01T00:00+14:00",) * 2,
     ("2026-13-24T15:00Z",) * 2, ("2026-11-24T15:00+99:00",) * 2, (5, 5)],
)  # fmt: skip
def test_an_instant_is_taken_as_it_is_told(said: Any, meant: Any) -> None:
    assert acts.local(said) == meant


def test_an_instant_with_its_offset_is_the_same_instant(program: ProgramOf, delivered: Complaint, now: Now) -> None:
    """As a complaint tells when it came to the unit, so it may be sent."""
    asking = program("wh.contact")
    came = asking.get(place(delivered)).json()["rounds"][0]["delivered_at"]
    now.forward(minutes=5)
    done = asking.post(place(delivered, "record_told"), USUAL["record_told"] | {"happened": came})
    assert (done.status_code, "+00:00" in came) == (200, True), done.content.decode()
