"""PostgreSQL finds the newest of what a unit may see by walking an index of each way, however much there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accountability.db.sql import compiled
from accountability.models import Matter, Unit
from complaints.lists.newest import NEWEST, Seen, _first_of_each
from complaints.models import Complaint, Cooperation, Coordination, Round
from config.bench.scale.plans import _nodes, _read, explained
from tests.complaints.views.test_desk_numbers import actor_of

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

MANY = 3000


@pytest.fixture
def archive(play):
    """One unit's complaints, older than as many of another unit; some with an invitation."""
    closed = play.upto("archived")
    first, round_ = closed.matter, Round.objects.get(complaint=closed)
    ours: dict[str, Any] = dict(Round.objects.filter(pk=round_.pk).values().get())
    other = Unit.objects.get(code="YC").pk
    keys = range(10_000, 10_000 + 2 * MANY)
    values: dict[str, Any] = dict(Matter.objects.filter(pk=first.pk).values().get())
    Matter.objects.bulk_create(Matter(**values | {"id": key, "number": f"{values['number']}{key}"}) for key in keys)
    told: dict[str, Any] = dict(Complaint.objects.filter(pk=closed.pk).values().get())
    nothing = {"latest_round_id": None, "result_round_id": None}
    Complaint.objects.bulk_create(Complaint(**told | nothing | {"matter_id": key}) for key in keys)
    Round.objects.bulk_create(
        Round(
            **ours | {"id": key, "complaint_id": key, "notice_number": f"n{key}"}
            | ({} if key < 10_000 + MANY else {"unit_id": other, "handler_id": None, "leader_id": None})
        )
        for key in keys
    )  # fmt: skip
    tables = Coordination.objects.bulk_create(
        Coordination(round_id=key, convened_by_id=closed.agent_id, convened_at=play.now.at) for key in keys
    )
    Cooperation.objects.bulk_create(
        Cooperation(coordination=table, complaint_id=table.round_id, unit_id=other) for table in tables
    )
    with connection.cursor() as cursor:
        for model in (Matter, Complaint, Round, Coordination, Cooperation):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def rows_read(asked: list[Any]) -> Iterator[int]:
    for query in asked:
        yield sum(map(_read, _nodes(explained(*compiled(query))["Plan"])))


@pytest.mark.parametrize("username", ["wh.contact", "wh.zhang", "wh.leader", "yc.contact"])
def test_no_part_of_a_page_reads_more_than_a_few_pages(archive, cast, now, username):
    """The unit's complaints are the older half: whoever walks through all from the newest on meets them late."""
    actor = actor_of(cast[username], now)
    edge = 10_000 + MANY // 2
    for bound in ({}, {"lt": edge}):
        assert max(rows_read(_first_of_each(actor, actor.at, NEWEST, 26, **bound))) <= 26 * 3
    assert len(Seen(actor).numbers(NEWEST, [edge], 26)) == 26
