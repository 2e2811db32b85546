"""What is read through the interface is what the page and the lists tell the same person, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from accountability.models import AccessLog, Notification
from complaints.models import Complaint
from tests.config.api.conftest import Issue, Program, ProgramOf, asked, is_problem
from tests.factories import Now, Play

PHONE, NAME = "13986120001", "欧阳明华"


@pytest.fixture
def accepted(play: Play) -> Complaint:
    begun = play("register", "kf.agent", customer=NAME, phone=PHONE, content=f"{NAME}称多扣费，请打{PHONE}。")
    handed = play("hand_off", "wh.contact", play("dispatch", "kf.agent", begun))
    return play("accept", "wh.zhang", handed)


def place(complaint: Complaint) -> str:
    return f"complaints/{complaint.matter.number}"


def test_the_list_is_paged_by_key_both_ways(program: ProgramOf, play: Play) -> None:
    numbers = [str(play("register", "kf.agent").matter.number) for _n in range(5)]
    asking = program("kf.agent")
    first = asking.get("complaints?limit=2&order=oldest").json()
    second = asking.get(first["next"]).json()
    last = asking.get(second["next"]).json()
    pages = [[row["number"] for row in page["items"]] for page in (first, second, last)]
    assert pages == [numbers[:2], numbers[2:4], numbers[4:]]
    assert (first["previous"], last["next"]) == (None, None)
    assert asking.get(last["previous"]).json()["items"] == second["items"]
    both = f"{second['next']}&before={second['previous'].partition('before=')[2]}"
    of_another_order = second["next"].replace("order=oldest", "order=newest")
    for where in (both, of_another_order):
        is_problem(asking.get(where), 400)


def test_it_is_narrowed_by_the_filters_of_the_page(program: ProgramOf, play: Play, accepted: Complaint) -> None:
    play("register", "kf.agent", priority="P1")
    asking = program("kf.agent")
    counts = {
        query: len(asking.get(f"complaints?{query}").json()["items"])
        for query in (
            "",
            "priority=P1",
            "unit=WH",
            f"number={accepted.matter.number}",
            "state=archived",
            "list=dispatch",
        )
    }
    assert list(counts.values()) == [2, 1, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("query", "field"),
    [("priority=P9", "priority"), ("unit=nowhere", "unit"), ("received_from=yesterday", "received_from"),
     ("colour=red", "colour"), ("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("limit=²", "limit"),
     ("list=nothing", "list"), ("list=", "list"), ("fields=number,secret", "fields"), ("after=x", "after"),
     ("before=", "before")],
)  # fmt: skip
def test_a_question_that_is_not_understood_is_not_answered(
    program: ProgramOf, accepted: Complaint, query: str, field: str
) -> None:
    assert set(is_problem(program("kf.agent").get(f"complaints?{query}"), 400)["errors"]) == {field}


def test_only_the_members_asked_for_are_told(program: ProgramOf, accepted: Complaint) -> None:
    asking = program("kf.agent")
    assert [set(row) for row in asking.get("complaints?fields=number,state").json()["items"]] == [{"number", "state"}]
    assert set(asking.get(f"{place(accepted)}?fields=number,rounds").json()) == {"number", "rounds"}
    is_problem(asking.get(f"{place(accepted)}?fields=phone"), 400)
    assert set(is_problem(asking.get(f"{place(accepted)}?feilds=number"), 400)["errors"]) == {"feilds"}


def test_a_list_of_a_hundred_asks_the_database_no_more_than_one_of_one(program: ProgramOf, play: Play) -> None:
    """For one who reads everything and for one who reads what their unit has."""
    readers = [program(username) for username in ("kf.agent", "wh.contact")]
    play("dispatch", "kf.agent", play("register", "kf.agent"))
    for reader in readers:
        reader.get("complaints")
    of_one = [asked(reader, "complaints?limit=100") for reader in readers]
    for _n in range(99):
        play("dispatch", "kf.agent", play("register", "kf.agent"))
    assert [len(reader.get("complaints?limit=100").json()["items"]) for reader in readers] == [100, 100]
    assert [asked(reader, "complaints?limit=100") for reader in readers] == of_one


def test_a_complaint_of_many_entries_asks_the_database_no_more(
    program: ProgramOf, play: Play, accepted: Complaint, now: Now
) -> None:
    reader = program("kf.agent")
    play("add_note", "wh.zhang", accepted, note="已联系。")
    few = asked(reader, place(accepted))
    for _n in range(20):
        now.forward(minutes=11)
        play("chase", "kf.agent", accepted)
    assert asked(reader, place(accepted)) == few


def test_the_number_and_the_name_are_masked_wherever_they_stand(program: ProgramOf, accepted: Complaint) -> None:
    for username in ("kf.agent", "wh.zhang", "sc.officer"):
        for where in ("complaints", place(accepted)):
            answer = program(username).get(where).content.decode()
            assert NAME not in answer
            assert PHONE not in answer
    assert program("wh.zhang").get(place(accepted)).json()["customer"] == {
        "name": "欧***", "phone": "139****0001", "tier": "none",
    }  # fmt: skip


def test_it_says_who_must_act_now_until_when_and_what_is_offered(program: ProgramOf, accepted: Complaint) -> None:
    told = program("wh.zhang").get(place(accepted)).json()
    assert (told["present"]["holder"]["username"], told["present"]["awaits"]) == ("wh.zhang", "answer")
    assert told["rounds"][0]["handler"]["username"] == "wh.zhang"
    assert {each["kind"]: each["status"] for each in told["deadlines"]}["handoff"] == "met"
    offered = {each["name"]: each for each in told["verbs"]}
    assert {"answer", "request_return"} <= set(offered)
    assert "dispatch" not in offered
    assert [each["name"] for each in offered["request_return"]["fields"]] == ["reason", "guidance", "suggested_unit"]
    assert program("kf.agent").get(place(accepted)).json()["verbs"] != told["verbs"]


def test_what_is_offered_is_what_the_gate_takes(program: ProgramOf, accepted: Complaint) -> None:
    """Each offer's address judges at most what was typed; what isn't offered is refused before that."""
    asking = program("wh.zhang")
    for offer in asking.get(place(accepted)).json()["verbs"]:
        assert asking.post(offer["url"], {"no such field": 1}).status_code == 422


def test_a_unit_reads_its_own_rounds_and_not_who_has_it_now(
    program: ProgramOf, play: Play, accepted: Complaint
) -> None:
    returned = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", accepted, reason="云雀原因。"))
    elsewhere = play("hand_off", "yc.contact", play("dispatch", "kf.agent", returned, unit="YC"), to="yc.chen")
    play("accept", "yc.chen", elsewhere)
    play("request_return", "yc.chen", elsewhere, reason="金丝雀原因。")
    before, now_there = (program(username).get(place(accepted)).json() for username in ("wh.zhang", "yc.chen"))
    assert [each["number"] for each in before["rounds"]] == [1]
    assert [each["number"] for each in now_there["rounds"]] == [2]
    assert (before["present"], "金丝雀" in str(before), "yc.chen" in str(before)) == (None, False, False)
    assert "云雀" not in str(now_there)
    rows = {
        username: program(username).get("complaints?state=all").json()["items"][0]
        for username in ("wh.zhang", "yc.chen")
    }
    present = ("holder", "holder_unit", "awaits", "waiting_since")
    assert [[name for name in present if row[name] is None] for row in rows.values()] == [[*present], []]
    counts = [
        [
            program(username).get(place(accepted)).json()["intake"][name]
            for name in ("out_of_scope_returns", "second_dispatches")
        ]
        for username in ("yc.chen", "kf.agent")
    ]
    assert counts == [[None, None], [1, 0]]


def test_a_forwarder_reads_what_they_forwarded(program: ProgramOf, play: Play) -> None:
    forwarded = play("forward", "yc.chen", tier="none")
    told = program("yc.chen").get(place(forwarded)).json()
    assert (told["intake"], told["rounds"], told["state"]["name"]) == (None, [], "forwarded")
    play("register", "kf.agent", forwarded, category="网络质量/数据慢")
    mine, theirs = (
        program(username).get("complaints?state=all").json()["items"][0] for username in ("yc.chen", "kf.agent")
    )
    assert (mine["number"], mine["priority"], mine["flags"]) == (theirs["number"], None, None)
    assert (theirs["priority"] is None, theirs["flags"]) == (False, [])


def test_another_units_is_not_there(program: ProgramOf, accepted: Complaint) -> None:
    theirs, nobodys = (program("yc.contact").get(where) for where in (place(accepted), "complaints/TS20200101000001"))
    assert is_problem(theirs, 404) == is_problem(nobodys, 404)
    assert program("yc.contact").get("complaints?state=all").json()["items"] == []


def test_what_has_not_changed_is_not_sent_again(program: ProgramOf, play: Play, accepted: Complaint) -> None:
    asking = program("wh.zhang")
    tag = asking.get(place(accepted)).headers["ETag"]
    same = asking.get(place(accepted), If_None_Match=f'"x", W/{tag}')
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    play("chase", "kf.agent", accepted)
    changed = asking.get(place(accepted), If_None_Match=tag)
    assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)


def test_a_tag_tells_nothing_of_what_its_reader_may_not_know(
    program: ProgramOf, play: Play, accepted: Complaint
) -> None:
    returned = play("rule_on_return", "kf.agent", play("request_return", "wh.zhang", accepted))
    elsewhere = play("dispatch", "kf.agent", returned, unit="YC")
    asking = program("wh.zhang")
    tag = asking.get(place(accepted)).headers["ETag"]
    play("accept", "yc.chen", play("hand_off", "yc.contact", elsewhere, to="yc.chen"))
    assert asking.get(place(accepted)).headers["ETag"] == tag


def test_reading_marks_no_notice_as_read(program: ProgramOf, accepted: Complaint) -> None:
    unread = Notification.objects.filter(recipient__username="wh.zhang", read_at=None).count()
    assert unread
    program("wh.zhang").get(place(accepted))
    assert Notification.objects.filter(recipient__username="wh.zhang", read_at=None).count() == unread


def test_what_an_auditor_reads_is_recorded(issue: Issue, accepted: Complaint) -> None:
    """By which program, too; and so it is with what was refused."""
    token, secret = issue("sj.auditor")
    Program(secret).get(place(accepted))
    row = AccessLog.objects.get(action="read")
    known = (row.actor.username, row.matter_id, row.detail)  # type: ignore[union-attr]
    assert known == ("sj.auditor", accepted.pk, f"{token} api_complaint")
    other, secret = issue("yc.contact")
    Program(secret).get(place(accepted))
    row = AccessLog.objects.get(action="refused_access")
    assert (row.result, row.detail) == ("hidden", f"{other} api_complaint {accepted.matter.number}")


def test_no_answer_may_be_stored(program: ProgramOf, accepted: Complaint) -> None:
    answer: Any = program("kf.agent").get(place(accepted))
    assert "no-store" in answer.headers["Cache-Control"]
    assert {"Authorization", "Cookie", "Accept-Language"} <= {
        each.strip() for each in answer.headers["Vary"].split(",")
    }
