"""What every database holds from the start: the system's account, the standing matter, limits, calendar, categories.

Runs after every `migrate` and does nothing where the rows are there: what marketing has changed since stays as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accountability import guards
from accountability.calendar_seed import published_years
from accountability.categories import CATEGORIES, NETWORK_HEAD
from accountability.deadlines import SHANGHAI
from accountability.models import (
    SYSTEM_USERNAME,
    CalendarYear,
    Category,
    Employee,
    Matter,
    PrivacyPolicy,
    RulesVersion,
    TimeLimits,
)
from accountability.subjects import Organisation

BEGINNING = datetime(2000, 1, 1, tzinfo=SHANGHAI)
"""In force before any recorded act: the seeded versions."""

ISSUED = datetime(2011, 4, 25, tzinfo=SHANGHAI)
"""The date of the notice, from which its rules are in force."""

DEFAULT_LIMITS: dict[str, Any] = {
    "handling": {"P1": "8h", "P2": "24h", "P3": "36h"},
    "returning": {"P1": "1h", "P2": "4h", "P3": "1wd"},
    "fixed": {
        "handoff": "30m", "ruling": "2h", "first_reply": "48h", "contact_on_site": "3wd", "network_solution": "7wd",
        "legal": "15d", "confirmation": "2h", "notice": "2wd", "report": "5wd", "opinion": "5wd", "discipline": "10wd",
    },
    "waiting": {
        "register": 2, "dispatch": 2, "hand_off": 1, "name_handler": 0.5, "accept": 4, "answer": 48,
        "rule_on_return": 3, "judge_complete": 4, "reply": 4, "record_satisfaction": 24, "decide": 24,
        "confirm_excuse": 48, "approve_answer": 4, "give_material": 4,
    },
}  # fmt: skip
"""The defaults of the contract's table, and after how many hours of waiting in a state an alarm is raised. The leader
reported to has no limit of their own: half an hour, as the contact had (R21).
"""


SEEDED = {f"accountability_{name}" for name in ("matter", "timelimits", "rulesversion", "privacypolicy")}


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Seed once the last migration has run."""
    from django.apps import apps
    from django.db import connections

    if not set(connections[using].introspection.table_names()) >= SEEDED:
        return
    if not apps.is_installed("accountability"):
        return
    guards.install(connections[using])
    seed_foundation()


def seed_foundation() -> None:
    """Idempotent: every missing part, nothing twice."""
    system, _made = Employee.objects.get_or_create(
        username=SYSTEM_USERNAME,
        defaults={"name": "系统", "is_active": False, "password": "!"},  # nosec B105
    )
    Matter.objects.get_or_create(
        number=Organisation.NUMBER, defaults={"kind": Matter.Kind.ORGANISATION, "opened_at": BEGINNING}
    )
    if not TimeLimits.objects.exists():
        TimeLimits.objects.create(
            version=1, in_force_from=BEGINNING, author=system, reason="初始时限表", **DEFAULT_LIMITS
        )
    if not RulesVersion.objects.exists():
        RulesVersion.objects.create(version=1, in_force_from=ISSUED, author=system, reason="通知原文")
    if not PrivacyPolicy.objects.exists():
        PrivacyPolicy.objects.create(version=1, in_force_from=BEGINNING, author=system, reason="初始规则")
    _seed_calendar(system)
    if not Category.objects.exists():
        heads = Category.objects.bulk_create(
            Category(name=name, network_limits=name == NETWORK_HEAD) for name in CATEGORIES
        )
        Category.objects.bulk_create(
            Category(parent=head, name=leaf, answered_by=unit) for head in heads for leaf, unit in CATEGORIES[head.name]
        )


def _seed_calendar(system: Employee) -> None:
    known = set(CalendarYear.objects.values_list("year", flat=True))
    CalendarYear.objects.bulk_create(
        CalendarYear(
            year=year, version=rules.version, author=system, in_force_from=BEGINNING, reason="国务院办公厅公布",
            days_off=sorted(day.isoformat() for day in rules.days_off),
            days_worked=sorted(day.isoformat() for day in rules.days_worked),
        )
        for year, rules in published_years().items()
        if year not in known
    )  # fmt: skip
