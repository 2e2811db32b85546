"""Who is notified of what in a case: the unit only from the notice on, and never about the sheet (R40)."""

from __future__ import annotations

from typing import Any

from accountability.gate.act import Act
from accountability.models import Unit, contacts_by_unit


def tell_marketing(act: Act, notice: str, **facts: Any) -> None:
    """The case's officer, or the whole department if nobody has taken the case yet."""
    officer = act.subject.officer
    people = [officer.pk] if officer is not None and officer.is_active else act.batch.marketing_ids
    for person_id in people:
        act.tell(person_id, notice, **facts)


def tell_unit(act: Act, notice: str, **facts: Any) -> None:
    """Contacts, deputies and head of the unit concerned."""
    unit = act.subject.unit
    for person_id in dict.fromkeys([*(contact.pk for contact in act.batch.contacts_of(unit)), unit.head_id]):
        act.tell(person_id, notice, **facts)


def tell_everybody(act: Act, notice: str, **facts: Any) -> None:
    """Contacts, deputies and heads of all units (R52); they aren't told of the case itself."""
    for person_id in people_of_all_units(act):
        act.announce(person_id, notice, **facts)


def people_of_all_units(act: Act) -> list[int | None]:
    """Contacts, deputies and heads of every unit, each once."""
    units = list(Unit.objects.order_by("pk"))
    served = contacts_by_unit([unit.pk for unit in units], act.at)
    people = [person.pk for unit in units for person in served[unit.pk]]
    return list(dict.fromkeys([*people, *(unit.head_id for unit in units)]))
