"""The pinyin of a name stands beside it, by whichever way the name was written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accountability.db import pinyin
from accountability.db.pinyin import WithPinyin, keys, pinyin_of
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import Category, Employee, Region, Unit
from accountability.organisation.importing.apply import apply
from accountability.organisation.importing.making import make_plan
from accountability.organisation.importing.tables import read
from accountability.seed.foundation import renew_pinyin
from tests.factories import Cast, Now

MODELS = (Unit, Region, Employee, Category)


def spoken(row: WithPinyin) -> str:
    """The pinyin that the database has of the row's name."""
    return type(row)._default_manager.values_list("pinyin", flat=True).get(pk=row.pk)


def stale() -> list[WithPinyin]:
    return [row for model in MODELS for row in model.objects.all() if row.pinyin != pinyin_of(row.name)]


@pytest.mark.parametrize(
    ("name", "written", "found_by"),
    [
        ("重庆", "cq chong qing", "cq chongqing"), ("VoLTE", "volte volte", "volte volte"),
        ("5G 网络", "5gwl 5g wang luo", "5gwl 5gwangluo"), ("绿色", "ls lv se", "ls lvse"),
    ],
)  # fmt: skip
def test_initials_and_syllables(name: str, written: str, found_by: str) -> None:
    assert pinyin_of(name) == written
    assert keys(written) == found_by


def test_every_model_with_pinyin_is_renewed_and_has_no_history_of_it() -> None:
    assert set(MODELS) == set(WithPinyin.__subclasses__())
    for model in MODELS:
        assert "pinyin" not in {field.name for field in model.history.model._meta.fields}


def test_what_the_seed_and_a_stage_write_has_it(cast: Cast) -> None:
    assert stale() == []
    assert Category.objects.get(name="退费").pinyin == "tf tui fei"
    assert Employee.objects.get(username="wh.zhang").pinyin


def saved(unit: Unit) -> None:
    unit.save()


def saved_alone(unit: Unit) -> None:
    unit.save(update_fields=["name"])


def updated(unit: Unit) -> None:
    Unit.objects.filter(pk=unit.pk).update(name=unit.name)


def updated_together(unit: Unit) -> None:
    Unit.objects.bulk_update([unit, Unit.objects.get(code="YC")], ["name"])


def replaced(unit: Unit) -> None:
    Unit.objects.update_or_create(code=unit.code, defaults={"name": unit.name})


@pytest.mark.parametrize("write", [saved, saved_alone, updated, updated_together, replaced])
def test_a_row_has_it_however_django_writes_the_name(cast: Cast, write: Callable[[Unit], None]) -> None:
    unit = cast.unit("WH")
    unit.name = "重庆分公司"
    write(unit)
    assert spoken(unit) == "cqfgs chong qing fen gong si"
    assert stale() == []


def test_what_cannot_be_spelled_is_not_written(cast: Cast) -> None:
    """Pinyin is computed here, so the name has to be known here."""
    with pytest.raises(TypeError):
        Unit.objects.update(name=F("code"))
    assert stale() == []


def test_people_are_updated_with_it_too(cast: Cast) -> None:
    Employee.objects.filter(username="wh.zhang").update(name="重庆")
    assert spoken(cast["wh.zhang"]) == "cq chong qing"


def test_acts_write_it(cast: Cast, now: Now) -> None:
    """New units and people, and those who get another name, one by one and together with others."""
    standing, officer = Organisation.standing(), cast["sc.officer"]
    perform(standing, "set_unit", by=officer, at=now.at, code="CQ", name="重庆分公司", kind="branch")
    perform(standing, "set_unit", by=officer, at=now.at, code="WH", name="长沙分公司", kind="branch")
    perform(standing, "admit", by=officer, at=now.at, username="cq.new", name="单雄信", unit="CQ")
    perform(standing, "update_employee", by=officer, at=now.at, employee="wh.zhang", name="仇英")
    assert stale() == []
    assert spoken(cast.unit("WH")) == "csfgs chang sha fen gong si"
    assert spoken(cast["wh.zhang"]) == pinyin_of("仇英")


def test_an_import_writes_it(cast: Cast, now: Now) -> None:
    text = "工号,姓名,单位\nwh.zhang,仇英,WH\nwh.new,单雄信,WH\n"
    officer = cast["sc.officer"]
    plan = make_plan(read("x.csv", text.encode()), by=officer, at=now.at, complete=False)
    assert apply(plan, by=officer, at=now.at, key="k") == []
    assert (spoken(cast["wh.zhang"]), stale()) == (pinyin_of("仇英"), [])


def test_other_columns_are_written_without_it(cast: Cast, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where somebody signs in, sets a password or becomes a unit's head."""

    def refuse(name: str) -> str:
        raise AssertionError(name)

    monkeypatch.setattr(pinyin, "pinyin_of", refuse)
    person = cast["wh.zhang"]
    person.save(update_fields=["last_login"])
    perform(Organisation.standing(), "set_head", by=cast["sc.officer"], at=now.at, unit="WH", head="wh.zhang")
    Employee.objects.filter(pk=person.pk).update(is_active=True)


def test_a_migration_renews_what_does_not_fit(cast: Cast) -> None:
    """After an update of the dictionary, or where somebody set a name by hand."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accountability_unit SET pinyin = 'x' WHERE code IN ('WH', 'YC')")
        cursor.execute("UPDATE accountability_employee SET name = '重庆' WHERE username = 'wh.zhang'")
    assert len(stale()) == 3
    renew_pinyin()
    assert stale() == []
    with CaptureQueriesContext(connection) as queries:
        renew_pinyin()
    assert len(queries) == len(MODELS), "nothing is written where all fits"
