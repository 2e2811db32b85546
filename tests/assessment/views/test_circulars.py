"""Circulars: signed, for everybody; drafts, for those who draft and those who audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.models import Circular
from tests.assessment.office import Stage, staff
from tests.factories import of_the_business

ClientFor = Callable[[str], Client]


def shown(response: Any) -> list[int]:
    return [circular.pk for circular in response.context["page"].rows]


@pytest.mark.rule("R52")
def test_everybody_reads_what_was_signed(stage: Stage, client_for: ClientFor) -> None:
    circular = stage.issued().circular_rows[0]
    zhang = stage.play.cast["wh.zhang"].name
    for person in of_the_business(staff(stage)):
        client = client_for(person.username)
        assert shown(client.get("/circulars/")) == [circular.pk]
        text = client.get(f"/circulars/{circular.pk}/").content.decode()
        told = (
            str(circular.number),
            circular.title,
            "一、基本情况",
            f"{zhang}（首问责任人）：扣除1个月绩效奖金。",
            "2026年11月24日",
        )
        assert [said for said in told if said not in text] == []


@pytest.mark.parametrize("username", ["wh.head", "wh.contact", "kf.agent", "kf.supervisor", "yc.head", "sj.plain"])
def test_a_draft_is_not_there_for_anybody_else(stage: Stage, client_for: ClientFor, username: str) -> None:
    stage.do("issue_circular", "sc.officer", stage.penalised(), signed_by="sc.leader")
    draft, client = Circular.objects.get(), client_for(username)
    assert shown(client.get("/circulars/")) == []
    real, unreal = client.get(f"/circulars/{draft.pk}/"), client.get("/circulars/999999/")
    assert (real.status_code, unreal.status_code) == (404, 404)


@pytest.mark.parametrize("username", ["sc.officer", "sc.leader", "sj.auditor"])
def test_a_draft_is_read_by_who_drafts_and_who_audits(stage: Stage, client_for: ClientFor, username: str) -> None:
    stage.do("issue_circular", "sc.officer", stage.penalised(), signed_by="sc.leader")
    draft, client = Circular.objects.get(), client_for(username)
    assert shown(client.get("/circulars/")) == [draft.pk]
    assert 'data-mark="草稿"' in client.get(f"/circulars/{draft.pk}/").content.decode()


def test_one_that_was_withdrawn_names_the_one_that_withdraws_it(stage: Stage, client_for: ClientFor) -> None:
    case = stage.do("withdraw_circular", "sc.officer", stage.issued(), reason="认定有误。", signed_by="sc.leader")
    client = client_for("sj.plain")
    first = Circular.objects.earliest("pk")
    assert "已撤回" not in client.get("/circulars/").content.decode()
    stage.do("sign_circular", "sc.leader", case)
    second = Circular.objects.latest("pk")
    assert shown(client.get("/circulars/")) == [second.pk, first.pk]
    assert "已撤回" in client.get("/circulars/").content.decode()
    assert f"由{second.number}撤回" in client.get(f"/circulars/{first.pk}/").content.decode()
    text = client.get(f"/circulars/{second.pk}/").content.decode()
    assert [said for said in ("撤回理由：认定有误。", f'href="/circulars/{first.pk}/"') if said not in text] == []


def test_a_number_in_a_text_is_masked(stage: Stage, client_for: ClientFor) -> None:
    body = "联系电话13911112222。"
    case = stage.do("issue_circular", "sc.officer", stage.penalised(), signed_by="sc.leader", body=body)
    circular = stage.do("sign_circular", "sc.leader", case).circular_rows[0]
    text = client_for("sj.plain").get(f"/circulars/{circular.pk}/").content.decode()
    assert ("13911112222" in text, "139****2222" in text) == (False, True)


def test_the_number_of_queries_is_constant(stage: Stage, client_for: ClientFor) -> None:
    client, counts = client_for("sj.plain"), []
    for rows in (1, 3):
        while Circular.objects.count() < rows:
            stage.issued(stage.penalised(stage.admitted(phone=f"1390000{Circular.objects.count():04d}")))
        client.get("/circulars/")
        with CaptureQueriesContext(connection) as found:
            client.get("/circulars/")
        counts.append(len(found))
    assert counts == [counts[0]] * 2
