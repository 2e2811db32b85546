"""What the history of people keeps."""

from __future__ import annotations

from django.test import Client

from accountability.models import Employee
from tests.factories import Cast, Now
from tests.signing_in import BACKEND


def test_a_sign_in_is_no_change_of_a_person(cast: Cast, now: Now) -> None:
    """Three hundred people who sign in each day would leave a hundred thousand rows a year, each like the last."""
    person, history = cast["kf.agent"], Employee.history.all()
    before, seen = history.count(), person.last_login
    Client().force_login(person, backend=BACKEND)
    person.refresh_from_db()
    assert (person.last_login != seen, history.count()) == (True, before)


def test_a_column_that_is_kept_is_kept_with_others_or_alone(cast: Cast) -> None:
    person, history = cast["kf.agent"], Employee.history.all()
    before = history.count()
    person.name = "张三"
    person.save(update_fields=["name", "password"])
    assert (history.count(), history.latest("history_id").name) == (before + 1, "张三")
    person.name = "李四"
    person.save()
    assert (history.count(), history.latest("history_id").name) == (before + 2, "李四")
