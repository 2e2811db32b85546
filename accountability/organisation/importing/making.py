"""Builds the whole plan of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accountability.models import Employee
from accountability.organisation.importing.columns import KINDS, kind_of, rows_of
from accountability.organisation.importing.comparing import COMPARE, check_heads
from accountability.organisation.importing.known import Known, KnownPerson
from accountability.organisation.importing.plan import Line, Plan, Planner
from accountability.organisation.importing.tables import Table
from accountability.organisation.succession import open_work


def make_plan(tables: Sequence[Table], *, by: Employee, at: datetime, complete: bool) -> Plan:
    """Compare the tables with the organisation; nothing is changed. Raises BadFile for a table of an unknown kind.

    `complete`: people who belong to a unit of the table and aren't listed in it leave, or end their service.
    """
    planner = Planner(Known.now(at), by, complete)
    sheets = [(kind_of(table), table) for table in tables]
    for kind in KINDS:
        rows = [row for of_kind, table in sheets if of_kind is kind for row in rows_of(kind, table)]
        if rows:
            COMPARE[kind.name](planner, kind, rows)
    check_heads(planner)
    going = [line for line in planner.lines if line.person and not line.error]
    _add_open_work(going)
    _add_vacancies(planner, going)
    return Plan(planner.lines)


def _add_open_work(going: list[Line]) -> None:
    """Add the open work of leavers and of people who change their unit."""
    found = open_work([line.person for line in going]) if going else {}
    for line in going:
        line.work = found.get(line.person, [])


def _add_vacancies(planner: Planner, going: list[Line]) -> None:
    """Add the units and people that will be without head or leader, unless somebody else is named."""
    known = planner.known
    for line in going:
        person = known.people[line.username]
        headed = [u.code for u in known.units.values() if u.head == person.username and u.code != person.unit]
        headed += [u.code for u in known.units.values() if u.head == person.username and not person.is_active]
        led = [p.username for p in known.people.values() if p.is_active and _loses(p, person)]
        if headed:
            line.notes.append(_("单位 %(units)s 将没有负责人。") % {"units": _("、").join(dict.fromkeys(headed))})
        if led:
            line.notes.append(_("%(count)s 名员工将没有分管领导：%(people)s。") % {
                "count": len(led), "people": _("、").join(led[:10]) + ("…" if len(led) > 10 else ""),
            })  # fmt: skip


def _loses(person: KnownPerson, leader: KnownPerson) -> bool:
    """Whether the person is led by a leaver, or was by a mover and has nobody else now."""
    if not leader.is_active:
        return person.supervisor == leader.username
    return person.led_by == leader.username and not person.supervisor
