"""Changed columns of several rows, written with one statement."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accountability.db.writing import update_each
from accountability.models import Alarm, Employee, Matter, Notification


def fields(model: type[Model], *names: str):
    return [model._meta.get_field(name) for name in names]


def test_each_row_gets_its_own_values_of_every_kind(play, now):
    for place in range(3):
        play.upto("accepted", phone=f"1390000000{place}")
    matters, people = list(Matter.objects.filter(kind="complaint").order_by("pk")), Employee.objects.order_by("pk")
    for place, matter in enumerate(matters):
        matter.awaits, matter.work_rank, matter.work_warned = "接'办%s", place, place == 1
        # The first row of all says nothing of the type.
        matter.alarm_at = now.at + timedelta(microseconds=place) if place else None
        matter.holder = people[place] if place else None
        matter.closed_at = None
    names = ("awaits", "work_rank", "work_warned", "alarm_at", "holder", "closed_at")
    with CaptureQueriesContext(connection) as queries:
        update_each(matters, fields(Matter, *names))
    assert len(queries) == 1
    found = {matter.pk: matter for matter in Matter.objects.all()}
    for matter in matters:
        assert [getattr(found[matter.pk], name) for name in names] == [getattr(matter, name) for name in names]


def test_json_and_only_the_named_columns_of_the_named_rows(play):
    play.upto("accepted")
    notices = list(Notification.objects.order_by("pk"))
    before = {notice.pk: (notice.kind, notice.facts) for notice in notices}
    for notice in notices[:2]:
        notice.facts, notice.kind = {"说": ["\"'\\", None, 1.5]}, "lost"
    update_each(notices[:2], fields(Notification, "facts"))
    found = {notice.pk: (notice.kind, notice.facts) for notice in Notification.objects.all()}
    changed = {notice.pk: (before[notice.pk][0], notice.facts) for notice in notices[:2]}
    assert found == before | changed


def test_more_rows_than_a_statement_may_have_values(play, now, monkeypatch):
    matter = play.upto("registered").matter
    Alarm.objects.bulk_create(
        Alarm(key=str(place), kind="waiting", matter=matter, since=now.at, raised_at=now.at) for place in range(7)
    )
    alarms = list(Alarm.objects.order_by("pk"))
    for place, alarm in enumerate(alarms):
        alarm.facts = {"place": place}
    monkeypatch.setattr(connection.ops, "bulk_batch_size", lambda *_given: 3)
    with CaptureQueriesContext(connection) as queries:
        update_each(alarms, fields(Alarm, "facts"))
    assert [len(queries), *(alarm.facts["place"] for alarm in Alarm.objects.order_by("pk"))] == [3, *range(7)]
