"""What a customer may ask of their own data: found, put right, handed out, deleted, or refused with a reason."""

# mypy: disable-error-code="union-attr,arg-type,operator"

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.audit.chains import broken
from accountability.files.attachments import take
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.sweeper import sweep
from accountability.models import AccessLog, Alarm, LedgerEntry, Notification, PersonalData, SearchText, actor_for
from accountability.monitoring.reminders import raise_alarms
from accountability.organisation.succession import sweep as pass_on
from accountability.privacy import retention
from assessment.models import Case
from complaints.data_rights.requests import own
from complaints.dossier.customer import customer_of
from complaints.models import Complaint, RightsFind, RightsRequest
from tests.factories import Cast, Now, Play
from tests.looking import deadline

NAME, PHONE, OTHER = "欧阳丝雀", "13987654321", "13900001111"
INTAKE = {"customer": NAME, "phone": PHONE, "content": f"本人号码{PHONE}多扣费，可联系家人{OTHER}。"}
SUPERVISOR, LEADER = "kf.supervisor", "sc.leader"

pytestmark = [pytest.mark.compliance(20)]

USUAL: dict[str, dict[str, Any]] = {
    "open_rights_request": {
        "wish": "copy", "customer": NAME, "phone": PHONE, "identity": "本机来电，回答三项登记信息均正确。",
        "request": "要一份登记的资料。",
    },
    "find_matters": {},
    "correct_data": {"reason": "登记有误。"},
    "propose_fulfilment": {},
    "approve_fulfilment": {},
    "decline_fulfilment": {"reason": "请先核实身份。"},
    "hand_over_copy": {},
    "refuse_rights_request": {"ground": "pending", "reason": "投诉尚在办理。"},
    "close_rights_request": {"note": "已电话告知客户。"},
}  # fmt: skip


class Rights:
    """`rights("approve_fulfilment", "sc.leader", asked)`: a verb through the gate at the clock's present."""

    def __init__(self, play: Play) -> None:
        self.play = play

    def __call__(self, verb: str, by: str, asked: RightsRequest | None = None, **facts: Any) -> RightsRequest:
        subject, told = asked if asked is not None else RightsRequest(), USUAL[verb] | facts
        return perform(subject, verb, by=self.play.cast[by], at=self.play.now.at, **told).subject

    def open(self, wish: str = "copy", **facts: Any) -> RightsRequest:
        return self("open_rights_request", SUPERVISOR, wish=wish, **facts)

    def proposed(self, wish: str, *complaints: Complaint) -> RightsRequest:
        asked = self.open(wish)
        return self("propose_fulfilment", SUPERVISOR, asked, complaints=[str(one.matter) for one in complaints])

    def approved(self, wish: str, *complaints: Complaint) -> RightsRequest:
        return self("approve_fulfilment", LEADER, self.proposed(wish, *complaints))

    def refusal(self, verb: str, by: str, asked: RightsRequest | None = None, **facts: Any) -> Refused:
        with pytest.raises(Refused) as refused:
            self(verb, by, asked, **facts)
        return refused.value


@pytest.fixture
def rights(play: Play) -> Rights:
    return Rights(play)


def found(asked: RightsRequest) -> list[tuple[int, bool]]:
    return list(RightsFind.objects.filter(request=asked).order_by("complaint").values_list("complaint", "by_name"))


def issue_sheet(play: Play, complaint: Complaint) -> None:
    """A case that quotes it."""
    told = {"unit": "WH", "person": "wh.zhang", "description": "推诿。", "evidence": "录音"}
    known = {"complaints": [str(complaint.matter)]}
    perform(Case(), "issue_sheet", by=play.cast["kf.agent"], at=play.now.at, **told, **known)


def opened(bundle: bytes | None) -> dict[str, str]:
    assert bundle is not None
    with zipfile.ZipFile(io.BytesIO(bundle)) as folder:
        return {name: folder.read(name).decode() for name in folder.namelist()}


# Found


def test_all_that_bears_the_number_or_the_name_is_found(play: Play, rights: Rights) -> None:
    """Another's complaint is not; who has only the name in common is told apart."""
    mine, older = play.upto("archived", **INTAKE), play.upto("delivered", **INTAKE)
    namesake = play.upto("registered", **(INTAKE | {"phone": OTHER}))
    play.upto("registered", customer="别人", phone="13700002222")
    asked = rights.open()
    assert found(asked) == [(mine.pk, False), (older.pk, False), (namesake.pk, True)]
    assert (asked.state, asked.matter.awaits, asked.matter.holder.username) == (
        "open", "propose_fulfilment", SUPERVISOR,
    )  # fmt: skip


def test_looking_is_written_down(play: Play, rights: Rights) -> None:
    complaint = play.upto("registered", **INTAKE)
    asked = rights.open()
    looked = AccessLog.objects.filter(action="open_rights_request", result="ok")
    assert list(looked.values_list("matter", "actor__username")) == [(complaint.pk, SUPERVISOR)]
    entry = LedgerEntry.objects.get(matter=asked.matter)
    assert (entry.verb, entry.facts, broken(asked.matter)) == (
        "open_rights_request", {"wish": "copy", "found": 1}, None,
    )  # fmt: skip


def test_under_another_number_it_is_looked_for_once_more(play: Play, rights: Rights) -> None:
    complaint = play.upto("registered", **(INTAKE | {"phone": OTHER}))
    asked = rights.open(phone="13600003333")
    assert found(asked) == [(complaint.pk, True)]
    asked = rights("find_matters", SUPERVISOR, asked, phone=OTHER)
    assert found(asked) == [(complaint.pk, False)]


def test_the_number_of_statements_does_not_grow(play: Play, rights: Rights) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as caught:
            rights.open()
        return len(caught)

    play.upto("registered", **INTAKE)
    few = counted()
    for _place in range(6):
        play.upto("registered", **INTAKE)
    assert counted() == few


def test_without_a_number_and_a_name_nobody_can_be_found(rights: Rights) -> None:
    assert list(rights.refusal("open_rights_request", SUPERVISOR, customer="", phone="").fields) == ["phone"]


# By whom and until when


@pytest.mark.parametrize("by", ["kf.agent", "wh.contact", "sc.officer", LEADER, "sj.auditor", "kf.head"])
def test_only_supervisors_take_them_in(rights: Rights, by: str) -> None:
    assert rights.refusal("open_rights_request", by).code == "forbidden"


def test_they_are_seen_by_few(rights: Rights, cast: Cast, now: Now) -> None:
    rights.open()
    seen = {
        person.username for person in cast
        if person.is_active and RightsRequest.objects.visible_to(actor_for(person.pk, now.at)).exists()
    }  # fmt: skip
    assert seen == {SUPERVISOR, LEADER, "sj.auditor"}


def test_fifteen_working_days_are_the_limit(rights: Rights, now: Now) -> None:
    asked = rights.open()
    limit = deadline(asked, "rights")
    assert (limit.limit_text, limit.person.username) == ("15wd", SUPERVISOR)
    now.set(limit.due_at + timedelta(minutes=1))
    sweep(now.at)
    assert deadline(asked, "rights").status == "missed"
    assert (
        Notification.objects.filter(matter=asked.matter, kind="missed").values_list("recipient__username").count() == 1
    )


def test_answered_in_time_it_is_met(rights: Rights) -> None:
    asked = rights("refuse_rights_request", SUPERVISOR, rights.open())
    assert (asked.state, asked.ground, deadline(asked, "rights").status) == ("refused", "pending", "met")
    assert (asked.matter.awaits, asked.matter.closed_at is not None) == ("", True)


def test_what_waits_too_long_raises_an_alarm(rights: Rights, now: Now, cast: Cast) -> None:
    rights.open()
    now.forward(days=5, minutes=1)
    raise_alarms(now.at)
    alarm = Alarm.objects.get(kind="waiting")
    seen = [Alarm.objects.visible_to(actor_for(cast[name].pk, now.at)).exists() for name in (SUPERVISOR, "sc.officer")]
    assert (alarm.facts, seen) == ({"awaits": "propose_fulfilment"}, [True, False])


# Handed out


def test_a_copy_takes_a_second_person_and_is_fetched_once(play: Play, rights: Rights, now: Now) -> None:
    complaint = play.upto("archived", **INTAKE)
    asked = rights.proposed("copy", complaint)
    assert (asked.state, asked.matter.holder.username != SUPERVISOR) == ("proposed", True)
    assert rights.refusal("approve_fulfilment", SUPERVISOR, asked).code == "forbidden"
    assert rights.refusal("hand_over_copy", SUPERVISOR, asked).code == "state"
    asked = rights("approve_fulfilment", LEADER, asked)
    assert rights.refusal("hand_over_copy", LEADER, asked).code == "forbidden"
    assert rights.refusal("close_rights_request", SUPERVISOR, asked).code == "condition"
    handed = rights("hand_over_copy", SUPERVISOR, asked)
    entry = LedgerEntry.objects.filter(matter=asked.matter).latest("seq")
    assert entry.facts == {"complaints": [complaint.pk], "sha256": hashlib.sha256(handed.bundle).hexdigest()}
    assert rights.refusal("hand_over_copy", SUPERVISOR, asked).code == "condition"
    assert rights("close_rights_request", SUPERVISOR, asked).state == "fulfilled"
    assert AccessLog.objects.filter(action="hand_over_copy", result="ok", matter=complaint.matter).count() == 1


def test_a_copy_has_the_customer_s_own_data_and_nobody_else_s(play: Play, rights: Rights) -> None:
    file = take("账单.txt", b"x", by=play.cast["kf.agent"], at=play.now.at, kind="intake")
    complaint = play.upto("archived", **INTAKE, files=[file.token])
    files = opened(rights("hand_over_copy", SUPERVISOR, rights.approved("copy", complaint)).bundle)
    (told,) = json.loads(files["copy.json"])["complaints"]
    assert (told["customer"], told["phone"], told["number"]) == (NAME, PHONE, str(complaint.matter))
    assert told["content"] == f"本人号码{PHONE}多扣费，可联系家人139****1111。"
    assert ([reply["text"] for reply in told["replies"]], told["files"][0]["name"]) == (["已为您退费。"], "账单.txt")
    assert [needle in "".join(files.values()) for needle in (OTHER, "张", "王磊", NAME)] == [False, False, False, True]
    assert [word in files["copy.html"] for word in ("http:", "https:", "src=", "<script")] == [False] * 4


def test_a_copy_has_what_the_customer_added_and_no_note(play: Play, rights: Rights) -> None:
    file = take("通话.txt", b"x", by=play.cast["kf.agent"], at=play.now.at, kind="supplement")
    words = f"再补充，本人{PHONE}，家人{OTHER}。"
    complaint = play("supplement", "kf.agent", play.upto("replied", **INTAKE), content=words, files=[file.token])
    complaint = play("record_satisfaction", "kf.agent", play("add_note", "kf.agent", complaint, note="内部备注。"))
    files = opened(rights("hand_over_copy", SUPERVISOR, rights.approved("copy", complaint)).bundle)
    (told,) = json.loads(files["copy.json"])["complaints"]
    assert [added["text"] for added in told["supplements"]] == [f"再补充，本人{PHONE}，家人139****1111。"]
    assert ([one["name"] for one in told["files"]], "再补充" in files["copy.html"]) == (["通话.txt"], True)
    assert "内部备注" not in "".join(files.values())


def test_another_number_that_holds_the_own_one_is_masked_whole() -> None:
    assert own(f"证件4201{PHONE}123", PHONE) == "证件42********1123"
    assert own(f"{PHONE}，{OTHER}", PHONE) == f"{PHONE}，139****1111"


def test_an_approval_lasts_seven_days(play: Play, rights: Rights, now: Now) -> None:
    complaint = play.upto("archived", **INTAKE)
    asked = rights.approved("copy", complaint)
    now.forward(days=7, seconds=1)
    assert rights.refusal("hand_over_copy", SUPERVISOR, asked).code == "condition"
    again = rights("propose_fulfilment", SUPERVISOR, asked, complaints=[str(complaint.matter)])
    assert rights("hand_over_copy", SUPERVISOR, rights("approve_fulfilment", LEADER, again)).bundle is not None


def test_only_what_was_found_is_handed_out(play: Play, rights: Rights) -> None:
    play.upto("archived", **INTAKE)
    foreign = play.upto("archived", customer="别人", phone="13700002222")
    refused = rights.refusal("propose_fulfilment", SUPERVISOR, rights.open(), complaints=[str(foreign.matter)])
    assert list(refused.fields) == ["complaints"]


def test_a_proposal_that_is_not_approved_goes_back(play: Play, rights: Rights) -> None:
    asked = rights("decline_fulfilment", LEADER, rights.proposed("copy", play.upto("archived", **INTAKE)))
    assert (asked.state, asked.matter.holder.username) == ("open", SUPERVISOR)
    assert Notification.objects.filter(kind="rights_declined", recipient__username=SUPERVISOR).count() == 1


# Deleted


def test_what_is_archived_is_deleted_by_two(play: Play, rights: Rights, now: Now) -> None:
    complaint = play.upto("archived", **INTAKE)
    kept = play.upto("archived", customer="别人", phone="13700002222")
    asked = rights.approved("delete", complaint)
    rows = PersonalData.objects.filter(sealed__isnull=False)
    assert (rows.filter(matter=complaint.matter).count(), rows.filter(matter=kept.matter).count() > 0) == (0, True)
    assert SearchText.objects.filter(matter=complaint.matter).count() == 0
    entry = LedgerEntry.objects.filter(matter=complaint.matter).latest("seq")
    assert (entry.verb, entry.actor.username, entry.facts["request"]) == ("deidentify", LEADER, str(asked.matter))
    again = play.again(complaint)
    assert (again.matter.deidentified_at, broken(again.matter), again.state) == (now.at, None, "archived")
    assert rights("close_rights_request", SUPERVISOR, asked).state == "fulfilled"


def test_what_is_pursued_is_not(play: Play, rights: Rights) -> None:
    """Open, or quoted in a case's file: named, and nothing of it touched."""
    running = play.upto("accepted", **INTAKE)
    archived = play.upto("archived", **INTAKE)
    issue_sheet(play, archived)
    asked = rights.open("delete")
    for complaint in (running, archived):
        refused = rights.refusal("propose_fulfilment", SUPERVISOR, asked, complaints=[str(complaint.matter)])
        assert (list(refused.fields), str(complaint.matter) in str(refused)) == (["complaints"], True)
    assert rights("refuse_rights_request", SUPERVISOR, asked).state == "refused"


def test_a_case_opened_meanwhile_stops_the_approval(play: Play, rights: Rights) -> None:
    complaint = play.upto("archived", **INTAKE)
    asked = rights.proposed("delete", complaint)
    issue_sheet(play, complaint)
    assert rights.refusal("approve_fulfilment", LEADER, asked).code == "condition"
    assert customer_of(play.again(complaint)).name == NAME


def test_a_running_request_holds_what_it_found(play: Play, rights: Rights, now: Now) -> None:
    complaint = play.upto("archived", **INTAKE)
    now.set("2029-11-25 09:00")
    asked = rights.open()
    assert retention.retain(now.at)["complaint"] == 0
    rights("refuse_rights_request", SUPERVISOR, asked)
    assert (retention.retain(now.at)["complaint"], customer_of(play.again(complaint)).name) == (1, "")


def test_a_request_is_itself_cleared_after_its_time(rights: Rights, now: Now) -> None:
    asked = rights("refuse_rights_request", SUPERVISOR, rights.open())
    now.set("2029-11-25 09:00")
    assert retention.retain(now.at)["rights"] == 1
    assert PersonalData.objects.filter(matter=asked.matter, sealed__isnull=False).count() == 0


# Put right


def test_what_was_wrong_is_put_right(play: Play, rights: Rights) -> None:
    """Shown and found by the new number from now on; what was written stays in the record."""
    complaint = play.upto("accepted", **INTAKE)
    asked = rights("correct_data", SUPERVISOR, rights.open("correct"), complaint=str(complaint.matter), phone=OTHER)
    customer = customer_of(play.again(complaint))
    assert (customer.name, customer.phone, customer.content) == (NAME, OTHER, INTAKE["content"])
    entry = LedgerEntry.objects.filter(matter=complaint.matter).latest("seq")
    assert (entry.verb, entry.facts) == ("correct_data", {"request": str(asked.matter), "changed": ["phone"]})
    assert Notification.objects.filter(matter=complaint.matter, kind="corrected").count() > 0
    assert found(rights.open(customer="", phone=OTHER)) == [(complaint.pk, False)]
    assert [broken(one.matter) for one in (asked, play.again(complaint))] == [None, None]
    assert rights("close_rights_request", SUPERVISOR, asked).state == "fulfilled"


def test_a_correction_that_corrects_nothing_is_none(play: Play, rights: Rights) -> None:
    complaint = play.upto("accepted", **INTAKE)
    asked = rights.open("correct")
    for facts in ({}, {"phone": PHONE}):
        refused = rights.refusal("correct_data", SUPERVISOR, asked, complaint=str(complaint.matter), **facts)
        assert refused.code == "condition"
    assert rights.refusal("close_rights_request", SUPERVISOR, asked).code == "condition"
    strange = play.upto("registered", customer="别人", phone="13700002222")
    refused = rights.refusal("correct_data", SUPERVISOR, asked, complaint=str(strange.matter), phone=OTHER)
    assert list(refused.fields) == ["complaint"]


def test_a_restriction_is_answered_in_words(rights: Rights) -> None:
    asked = rights.open("restrict")
    assert asked.matter.awaits == "close_rights_request"
    assert rights.refusal("propose_fulfilment", SUPERVISOR, asked, complaints=[]).code == "facts"
    assert rights("close_rights_request", SUPERVISOR, asked).state == "fulfilled"


# Nobody is there


def test_what_waits_for_somebody_who_left_passes_on(play: Play, rights: Rights, cast: Cast, now: Now) -> None:
    day = now.at.date()
    play("appoint", "sc.officer", employee="kf.agent2", role="csc_supervisor", starts_on=day)
    asked = rights.open()
    play("end_appointment", "sc.officer", employee=SUPERVISOR, role="csc_supervisor", ends_on=day)
    now.forward(days=1)
    pass_on(now.at)
    assert RightsRequest.of_matter(asked.pk).matter.holder.username == "kf.agent2"


def test_no_word_of_the_customer_stands_in_the_record(play: Play, rights: Rights) -> None:
    complaint = play.upto("archived", **INTAKE)
    rights("hand_over_copy", SUPERVISOR, rights.approved("copy", complaint))
    said = json.dumps(
        [*LedgerEntry.objects.values_list("facts", flat=True), *AccessLog.objects.values_list("detail", flat=True)],
        ensure_ascii=False,
    )
    assert [needle in said for needle in (NAME, PHONE, OTHER)] == [False] * 3
