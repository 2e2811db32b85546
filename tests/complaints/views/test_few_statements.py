"""How many statements the pages of a working day take, in the same world for everybody."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import Complaint
from tests.complaints.views.test_desk_numbers import stock
from tests.shared_world import shared

stage, own_copy, _now, _cast, _play, client_for, _stock = shared(stock)

MOST = {
    "kf.agent": (12, 9, 12), "kf.supervisor": (20, 11, 17), "wh.contact": (17, 10, 13), "wh.head": (16, 11, 10),
    "wh.zhang": (15, 11, 5), "sj.auditor": (17, 10, 14),
}  # fmt: skip
"""By person: the desk, the queue, the page of a complaint that waits for its hand-over (wh.zhang may not see it)."""


@pytest.mark.parametrize(("username", "most"), MOST.items())
def test_a_page_takes_no_more_statements(client_for, username, most):
    waiting = Complaint.objects.filter(matter__awaits="hand_off").order_by("pk")[0]
    client = client_for(username)
    taken = []
    for address in ("/", "/complaints/?list=", f"/complaints/{waiting.matter.number}/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code in (200, 404)
        taken.append(len(queries))
    assert all(number <= limit for number, limit in zip(taken, most, strict=True)), taken
