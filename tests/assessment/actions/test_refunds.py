"""What an annulled penalty took is given back: the unit proves it, and is chased until it does (R52, R54)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.gate.act import Batch
from accountability.models import LedgerEntry, Notification
from assessment.cases.candidates import to_refund
from assessment.models import Case, Penalty
from tests.assessment.docket import Docket, told
from tests.assessment.views.test_act import hidden
from tests.looking import deadline, deadlines

ClientFor = Callable[[str], Client]
BACK = {"person": "wh.zhang", "refunded_on": "2026-11-24", "voucher": "人〔2026〕91"}


def all_proved(docket: Docket) -> Case:
    """Closed, with every slip there, and then annulled."""
    case = docket.upto("closed")
    for by, person in (("wh.head", "wh.zhang"), ("wh.head", "wh.leader"), ("wh.contact", "wh.head")):
        case = docket("file_slip", by, case, person=person)
    return docket("approve", "sc.leader", docket("annul_case", "sc.officer", case))


@pytest.mark.rule("R52")
@pytest.mark.rule("R54")
def test_what_was_carried_out_is_owed_back_from_the_annulment_on(docket: Docket) -> None:
    case = docket.upto("refund owed")
    owed = deadline(case, "refund")
    assert (owed.started_at, owed.limit_text, owed.due_at, owed.unit_id) == (
        docket.now.at, "10wd", read_instant("2026-12-08 24:00"), docket.cast.unit("WH").pk,
    )  # fmt: skip
    assert [found.status for found in deadlines(case, "slip")] == ["void"]
    assert told(case, "refund_owed") == {"wh.contact", "wh.deputy", "wh.head"}
    assert case.owed_by(owed, Batch(docket.now.at)) == docket.cast["wh.head"].pk


@pytest.mark.rule("R52")
def test_where_nothing_was_carried_out_nothing_is_owed_back(docket: Docket) -> None:
    case = docket.upto("annulled")
    assert (deadlines(case, "refund"), told(case, "refund_owed")) == ([], set())
    assert docket.refused("file_refund", "wh.head", case).code == "state"
    assert Notification.objects.filter(kind="own_refund").count() == 0


@pytest.mark.rule("R52")
def test_who_was_penalised_hears_that_it_comes_back_but_not_of_the_case(docket: Docket, client_for: ClientFor) -> None:
    docket.upto("refund owed")
    (heard,) = Notification.objects.filter(kind="own_refund").select_related("recipient")
    assert (heard.recipient.username, heard.matter_id) == ("wh.zhang", None)
    page = client_for("wh.zhang").get(reverse("own_penalties")).content.decode()
    assert ("待退还" in page, "已退还" in page) == (True, False)


@pytest.mark.rule("R54")
def test_it_is_met_by_the_last_proof(docket: Docket, client_for: ClientFor) -> None:
    case = all_proved(docket)
    case = docket("file_refund", "wh.deputy", case)
    case = docket("file_refund", "wh.contact", case, person="wh.leader")
    assert deadline(case, "refund").status == "open"
    asked = Notification.objects.filter(kind="refund_owed", over_at=None)
    assert asked.count() == 3, "what is owed is still asked"
    case = docket("file_refund", "wh.contact", case, person="wh.head")
    assert (deadline(case, "refund").status, told(case, "refund_filed")) == ("met", {"sc.officer"})
    assert not asked.exists()
    assert docket.refused("file_refund", "wh.head", case).code == "state"
    row = Penalty.objects.get(case=case, person=docket.cast["wh.zhang"])
    assert (row.refund_by, row.refund_voucher, str(row.refunded_on)) == (
        docket.cast["wh.deputy"], "人〔2026〕91", "2026-11-24",
    )  # fmt: skip
    page = client_for("wh.zhang").get(reverse("own_penalties")).content.decode()
    assert ("待退还" in page, "已退还" in page) == (False, True)


@pytest.mark.rule("R54")
def test_it_is_chased_weekly(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("refund owed")
    due = deadline(case, "refund").due_at
    sweeper.sweep(read_instant("2026-12-24 09:00"))
    entries = LedgerEntry.objects.filter(matter_id=case.pk, verb="chase_refund").order_by("seq")
    assert [entry.facts["times"] for entry in entries] == [1, 2, 3]
    assert (deadline(case, "refund").missed_at, told(case, "refund_chased")) == (
        due, {"wh.contact", "wh.deputy", "wh.head", "sc.officer"},
    )  # fmt: skip
    docket.now.set("2026-12-24 10:00")
    page = client_for("wh.contact").get(reverse("case", args=[case.matter.number])).content.decode()
    assert page.count("催交退还回执") == 3
    docket("file_refund", "wh.head", case)
    sweeper.sweep(read_instant("2026-12-31 24:00"))
    assert deadline(case, "refund").chased == 3


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("refunded_on", "2026-11-25"), ("refunded_on", "2026-11-23"), ("refunded_on", ""), ("refunded_on", "昨天"),
        ("voucher", ""), ("voucher", "13800001111"), ("person", "wh.li"), ("person", "wh.leader"), ("person", ""),
    ],
)  # fmt: skip
def test_a_proof_has_person_voucher_and_a_day_that_can_be(docket: Docket, field: str, value: Any) -> None:
    """wh.leader's penalty was never carried out."""
    refusal = docket.refused("file_refund", "wh.head", docket.upto("refund owed"), **{field: value})
    assert list(refusal.fields) == [field]


@pytest.mark.rule("R54")
def test_nothing_was_given_back_before_the_annulment(docket: Docket) -> None:
    case = docket("file_slip", "wh.head", docket.upto("closed"), person="wh.zhang")
    docket.now.forward(days=20)
    case = docket("approve", "sc.leader", docket("annul_case", "sc.officer", case))
    refusal = docket.refused("file_refund", "wh.head", case, refunded_on="2026-12-13")
    assert list(refusal.fields) == ["refunded_on"]
    docket("file_refund", "wh.head", case, refunded_on="2026-12-14")


@pytest.mark.rule("R54")
def test_the_unit_files_it_and_nobody_their_own(docket: Docket) -> None:
    case = all_proved(docket)
    for by in ("sc.officer", "sc.leader", "wh.zhang", "wh.leader", "yc.head", "kf.agent", "sj.auditor"):
        assert docket.refused("file_refund", by, case).code == "forbidden"
    assert list(docket.refused("file_refund", "wh.head", case, person="wh.head").fields) == ["person"]
    offered = [person.username for person in to_refund(case, docket.actor("wh.head"))]
    assert offered == ["wh.zhang", "wh.leader"]


@pytest.mark.rule("R54")
def test_it_is_filed_once_a_person(docket: Docket) -> None:
    case = docket("file_refund", "wh.contact", all_proved(docket))
    assert list(docket.refused("file_refund", "wh.contact", case).fields) == ["person"]


@pytest.mark.rule("R54")
def test_a_proof_is_whole_or_none(docket: Docket) -> None:
    row = Penalty.objects.filter(case=docket.upto("refund owed"))
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        row.update(refund_at=docket.now.at)


@pytest.mark.rule("R54")
def test_the_contact_sees_what_is_to_be_given_back_and_no_longer(docket: Docket) -> None:
    case = docket.upto("refund owed")

    def seen(by: str) -> list[str]:
        rows = Penalty.objects.visible_to(docket.actor(by)).filter(case=case)
        return sorted(row.person.username for row in rows.select_related("person"))

    assert (seen("wh.contact"), seen("yc.contact")) == (["wh.zhang"], [])
    docket("file_refund", "wh.contact", case)
    assert seen("wh.contact") == []


@pytest.mark.rule("R54")
def test_the_units_page_and_desk_lead_to_the_form(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("refund owed")
    client = client_for("wh.contact")
    form = reverse("case_act", args=[case.matter.number, "file_refund"])
    assert (form in client.get(reverse("home")).content.decode()) is True
    assert "提交退还回执" in client.get(reverse("case", args=[case.matter.number])).content.decode()
    assert client.post(form, BACK | hidden(client, case, "file_refund")).status_code == 302
    assert deadline(case, "refund").status == "met"
    assert form not in client.get(reverse("home")).content.decode()


@pytest.mark.rule("R54")
def test_marketing_finds_it_among_the_slips_that_are_missing(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("refund owed")
    found = client_for("sc.officer").get(reverse("admin:assessment_case_changelist"), {"scope": "slip"})
    assert [line.case.pk for line in found.context["lines"]] == [case.pk]
