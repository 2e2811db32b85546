"""What every database has from the start: the system's account, the standing matter, limits, calendar, categories.

Runs after every `migrate` and leaves existing rows alone, so that marketing's changes stay.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connections
from simple_history.utils import bulk_create_with_history

from accountability.db import insert_only, vacuum
from accountability.db.pinyin import pinyin_of
from accountability.deadlines.limits import SHANGHAI
from accountability.declarations.limits import DEADLINE_KINDS, kinds_by_priority
from accountability.gate.subjects import SUBJECTS, Organisation
from accountability.models import (
    SYSTEM_USERNAME,
    CalendarYear,
    Category,
    Employee,
    Matter,
    PrivacyPolicy,
    Region,
    RulesVersion,
    TimeLimits,
    Unit,
)
from accountability.seed.categories import CATEGORIES, ENGLISH, NETWORK_HEAD, WORDS
from accountability.seed.holidays import names_of, published_years

BEGINNING = datetime(2000, 1, 1, tzinfo=SHANGHAI)
"""In force before any recorded act: the seeded versions."""

ISSUED = datetime(2011, 4, 25, tzinfo=SHANGHAI)
"""The date of the notice, from which its rules are in force."""


def default_limits() -> dict[str, Any]:
    """The default limits that the apps declare, from the contract's table, and after how many hours of waiting in a
    state an alarm is raised.
    """
    return {
        **{kind.column: dict(kind.by_priority) for kind in kinds_by_priority()},
        "fixed": {kind.name: kind.default for kind in DEADLINE_KINDS.values() if kind.default},
        "waiting": {verb: hours for model in SUBJECTS.values() for verb, hours in model.patience.items()},
    }


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Complete the tables by what no model can express, and seed them. Does nothing while the tables don't exist."""
    connection = connections[using]
    if Matter._meta.db_table in connection.introspection.table_names():
        insert_only.install(connection)
        seed_foundation()
        renew_pinyin()
        vacuum.set_up(connection)  # last: a table that another one clears just now can't be set


def renew_pinyin() -> None:
    """Write the pinyin that isn't what the dictionary says now, as after its update or where a name was set by hand."""
    for model in (Unit, Region, Employee, Category):
        rows: Any = model._default_manager.only("name", "pinyin")
        rows.bulk_update([row for row in rows if row.pinyin != pinyin_of(row.name)], ["pinyin"], batch_size=200)


def seed_foundation() -> None:
    """Add every missing part; idempotent."""
    system, _made = Employee.objects.get_or_create(
        username=SYSTEM_USERNAME,
        defaults={"name": "系统", "is_active": False, "password": "!"},  # nosec B105
    )
    Matter.objects.get_or_create(
        number=Organisation.NUMBER, defaults={"kind": Matter.Kind.ORGANISATION, "opened_at": BEGINNING}
    )
    if not TimeLimits.objects.exists():
        TimeLimits.objects.create(
            version=1, in_force_from=BEGINNING, author=system, reason="初始时限表", **default_limits()
        )
    if not RulesVersion.objects.exists():
        RulesVersion.objects.create(version=1, in_force_from=ISSUED, author=system, reason="通知原文")
    if not PrivacyPolicy.objects.exists():
        PrivacyPolicy.objects.create(version=1, in_force_from=BEGINNING, author=system, reason="初始规则")
    _seed_calendar(system)
    if not Category.objects.exists():
        heads = [Category(name=name, name_en=ENGLISH[name], network_limits=name == NETWORK_HEAD) for name in CATEGORIES]
        heads = bulk_create_with_history(heads, Category, default_date=BEGINNING)
        leaves = [
            Category(
                parent=head,
                name=leaf,
                name_en=ENGLISH[leaf],
                answered_by=unit,
                words=WORDS.get(f"{head.name}/{leaf}", ""),
            )
            for head in heads
            for leaf, unit in CATEGORIES[head.name]
        ]
        bulk_create_with_history(leaves, Category, default_date=BEGINNING)


def _seed_calendar(system: Employee) -> None:
    known = set(CalendarYear.objects.values_list("year", flat=True))
    CalendarYear.objects.bulk_create(
        CalendarYear(
            year=year, version=rules.version, author=system, in_force_from=BEGINNING, reason="国务院办公厅公布",
            days_off=sorted(day.isoformat() for day in rules.days_off),
            days_worked=sorted(day.isoformat() for day in rules.days_worked),
            names={day.isoformat(): name for day, name in names_of(year).items()},
        )
        for year, rules in published_years().items()
        if year not in known
    )  # fmt: skip
