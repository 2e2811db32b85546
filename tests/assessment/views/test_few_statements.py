"""How many statements a case's page takes, for whoever may open it; no more for a case with more of everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.models import Case
from tests.assessment.adjudicating import page
from tests.assessment.docket import Docket
from tests.assessment.office import page_of
from tests.factories import Play
from tests.shared_world import shared


def several(play: Play) -> dict[str, Case]:
    return {way: Docket(play).upto(way) for way in ("admitted", "panel sits", "penalised", "closed", "fault_opened")}


stage, own_copy, _now, _cast, _play, client_for, world = shared(several)

MOST = {"sc.officer": 37, "sj.auditor": 36, "wh.contact": 26, "wh.head": 25, "kf.agent": 24}


@pytest.mark.parametrize(("username", "most"), MOST.items())
def test_a_page_takes_no_more_statements(
    client_for: Callable[[str], Client], world: dict[str, Case], username: str, most: int
) -> None:
    client, taken = client_for(username), {}
    for way, case in world.items():
        address = page(case) if username in ("sc.officer", "sj.auditor") else page_of(case)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        taken[way] = len(queries)
    assert max(taken.values()) <= most, taken
