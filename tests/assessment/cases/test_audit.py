"""The list of compliance item 2, one by one, and where its row is: acts in the ledger, looks and sign-ins in the access
log, each with instant, person, what it was about and what came of it; what came over the network, from where.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, LedgerEntry
from assessment.models import Case, Sheet
from complaints.models import Complaint
from tests.assessment.docket import Docket
from tests.factories import Cast, Now, Play

pytestmark = [pytest.mark.compliance(2), pytest.mark.asvs("16.2.1", "16.3.1", "16.3.3")]

PASSWORD = "correct-horse-26"
ClientFor = Callable[[str], Client]


# The access log: who came, who looked


def sign_in(client: Client, password: str) -> None:
    client.post(reverse("sign_in"), {"username": "kf.agent", "password": password})


def log_in(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    sign_in(Client(), PASSWORD)


def fail_to(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    sign_in(Client(), "wrong")


def log_out(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    client_for("kf.agent").post(reverse("sign_out"))


def unmask(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    client_for("wh.zhang").post(reverse("reveal", args=[complaint.matter.number]))


def search_by_number(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    client_for("kf.agent").post(reverse("look_up"), {"phone": "13871234567"})


def read_sheet(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    client_for("sc.officer").get(reverse("sheet", args=[Sheet.objects.get().number]))


def audit(now: Now, cast: Cast, complaint: Complaint, client_for: ClientFor) -> None:
    client_for("sj.auditor").get(reverse("complaint", args=[complaint.matter.number]))


LOOKED: dict[str, tuple[Callable[..., None], str, str, str | None, bool]] = {
    "login ok": (log_in, "sign_in", "ok", "kf.agent", False),
    "login fail": (fail_to, "sign_in", "refused", None, False),
    "logout": (log_out, "sign_out", "ok", "kf.agent", False),
    "view of unmasked PII": (unmask, "reveal", "ok", "wh.zhang", True),
    "search by number": (search_by_number, "look_up", "ok", "kf.agent", False),
    "sheet read": (read_sheet, "sheet", "ok", "sc.officer", True),
    "an auditor's read": (audit, "read", "ok", "sj.auditor", True),
}
"""By the words of the item: how it happens, and action, result and person of its row, and whether it has a matter."""


@pytest.fixture
def complaint(docket: Docket, cast: Cast) -> Complaint:
    """Of WH, in wh.zhang's hands; a sheet is out."""
    person = cast["kf.agent"]
    person.set_password(PASSWORD)
    person.save()
    complaint = docket.play("accept", "wh.zhang", docket.complaint())
    docket("issue_sheet", "kf.agent", Case(), complaints=[str(complaint.matter.number)])
    return complaint


@pytest.mark.parametrize("word", LOOKED)
def test_a_look_stands_in_the_access_log(
    word: str, complaint: Complaint, now: Now, cast: Cast, client_for: ClientFor
) -> None:
    happen, action, result, person, is_of_a_matter = LOOKED[word]
    known = set(AccessLog.objects.values_list("pk", flat=True))
    happen(now, cast, complaint, client_for)
    rows = AccessLog.objects.exclude(pk__in=known).filter(action=action)
    assert [
        (row.actor and row.actor.username, row.result, row.at, row.address, row.matter is not None) for row in rows
    ] == [(person, result, now.at, "127.0.0.1", is_of_a_matter)]


# The ledger: who did what


def the_complaints(docket: Docket) -> None:
    docket.play.upto("archived", phone="13871230001")
    docket.play.upto("returned", phone="13871230002")


def the_case(docket: Docket) -> None:
    docket.upto("circular issued")
    docket.upto("violation")
    docket.upto("contact at fault")


def the_organisation(docket: Docket) -> None:
    play: Play = docket.play
    today = docket.now.at.date()
    play("set_limits", "sc.officer", handling={"P1": "6h"}, reason="修订")
    play("appoint", "sc.officer", employee="wh.li", role="contact", starts_on=today)
    play("end_appointment", "sc.officer", employee="wh.deputy", role="deputy_contact", ends_on=today)
    play("set_head", "sc.officer", unit="WH", head="wh.leader")
    new, old = {"employee": "sj.plain", "starts_on": today}, {"employee": "sj.auditor", "ends_on": today}
    play.by_two("appoint_administrator", "sj.security", "sj.auditadmin", role="auditor", reason="任命", **new)
    play.by_two("end_administrator", "sj.security", "sj.auditadmin", role="auditor", reason="轮换", **old)


DONE: dict[str, tuple[Callable[[Docket], None], dict[str, str]]] = {
    "dispatch": (the_complaints, {"dispatch": "kf.agent"}),
    "handoff": (the_complaints, {"hand_off": "wh.contact"}),
    "return": (the_complaints, {"request_return": "wh.zhang"}),
    "ruling": (the_complaints, {"rule_on_return": "kf.agent"}),
    "reply": (the_complaints, {"reply": "kf.agent"}),
    "archive": (the_complaints, {"record_satisfaction": "kf.agent"}),
    "notice": (the_case, {"notify_unit": "sc.officer"}),
    "report": (the_case, {"file_report": "wh.contact", "sign_report": "wh.head"}),
    "determination": (
        the_case,
        {"record_panel": "sc.officer", "decide_fault": "sc.officer"},
    ),
    "penalty": (the_case, {"penalise": "sc.officer"}),
    "circular": (the_case, {"sign_circular": "sc.leader"}),
    "parameter change": (the_organisation, {"set_limits": "sc.officer"}),
    "role change": (
        the_organisation,
        {
            "appoint": "sc.officer",
            "end_appointment": "sc.officer",
            "set_head": "sc.officer",
            "appoint_administrator": "sj.security",
            "end_administrator": "sj.security",
            "approve_change": "sj.auditadmin",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("word", DONE)
def test_an_act_stands_in_the_ledger(word: str, docket: Docket) -> None:
    happen, wanted = DONE[word]
    began = docket.now.at
    happen(docket)
    found: dict[str, Any] = {}
    for entry in LedgerEntry.objects.filter(verb__in=wanted).select_related("actor", "matter"):
        found.setdefault(entry.verb, set()).add(entry.actor.username)
        assert (bool(entry.matter.number), began <= entry.at <= docket.now.at, len(entry.hmac)) == (True, True, 64)
    assert {verb: wanted[verb] in people for verb, people in found.items()} == dict.fromkeys(wanted, True)


def test_nothing_in_the_record_was_done_by_nobody(docket: Docket) -> None:
    the_case(docket)
    assert LedgerEntry._meta.get_field("actor").null is False
    assert LedgerEntry.objects.filter(actor=None).count() == 0
