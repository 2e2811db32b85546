"""What is read and written by hand is what Django reads and writes."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accountability.db import sql
from accountability.db.sql import Read
from accountability.db.writing import Changes
from accountability.models import Deadline, LedgerEntry, Matter, Notification
from complaints.models import Complaint, Round
from tests.factories import Play

OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.app_label in ("accountability", "complaints", "assessment") and model._meta.managed
]


def held(thing: models.Model) -> dict[str, Any]:
    return {name: value for name, value in thing.__dict__.items() if name != "_state"}


@pytest.mark.parametrize("model", [Matter, Complaint, Round, Deadline, LedgerEntry, Notification])
def test_an_object_is_the_same_however_it_is_read(play: Play, model: type[models.Model]) -> None:
    play.upto("accepted")
    rows = list(model._default_manager.order_by("pk"))
    ours = sql.rows(model, **{str(model._meta.pk.column): [row.pk for row in rows]})
    assert rows
    assert [held(row) for row in ours] == [held(row) for row in rows]
    assert {(row._state.adding, row._state.db) for row in ours} == {(False, "default")}
    assert ours == rows


@pytest.mark.parametrize("model", [model for model in OURS if issubclass(model, Read)])
def test_a_row_becomes_what_django_makes_of_it(model: type[models.Model]) -> None:
    """Whole, and with columns left out."""
    columns = [field.attname for field in model._meta.concrete_fields]
    for left_out in ([], columns[-1:], columns[1:]):
        names = [name for name in columns if name not in left_out]
        made = model.from_db("default", names, range(len(names)))
        theirs = models.Model.from_db.__func__(model, "default", names, range(len(names)))  # type: ignore[attr-defined]
        assert held(made) == held(theirs)
        assert (made._state.adding, made._state.db, made.get_deferred_fields()) == (False, "default", set(left_out))


def test_no_model_does_more_when_an_object_is_made() -> None:
    """Reading by hand goes past `__init__`, `from_db` and the signals around them."""
    assert [model for model in OURS if model.__init__ is not models.Model.__init__] == []
    made = {models.Model.from_db.__func__, Read.from_db.__func__}  # type: ignore[attr-defined]
    assert [model for model in OURS if model.from_db.__func__ not in made] == []  # type: ignore[attr-defined]
    for signal in (models.signals.pre_init, models.signals.post_init):
        assert [model for model in OURS if signal.has_listeners(model)] == []


def test_a_column_that_was_not_read_has_not_changed(play: Play) -> None:
    play.upto("registered")
    matter = Matter.objects.defer("awaits").get(kind="complaint")
    changes = Changes()
    changes.watch(matter)
    assert list(changes.changed()) == []
    matter.work_warned = True
    assert [names for _thing, names in changes.changed()] == [{"work_warned"}]
