"""Who is notified of what in a case: the unit only from the notice on, and never about the sheet (R40)."""

from __future__ import annotations

from typing import Any

from accountability.gate.act import Act
from accountability.models import Unit, contacts_by_unit
from assessment.models import Case


def tell_of_case(act: Act, case: Case, notice: str, **facts: Any) -> None:
    """Tell marketing of a case which an act on something else concerns: its officer, or else the whole department."""
    before, officer = len(act.notices), case.officer_serving(act.batch)
    for person_id in [officer] if officer is not None else act.batch.marketing_ids:
        act.tell(person_id, notice, case=str(case), **facts)
    for row in act.notices[before:]:
        row.matter = case.matter


def tell_marketing(act: Act, notice: str, **facts: Any) -> None:
    """The officer of the case or plan; the whole department if nobody has taken it, or they serve there no more."""
    took_it = act.actor is not None and act.actor.is_marketing and act.actor.pk == act.subject.officer_id
    officer = act.subject.officer_id if took_it else act.subject.officer_serving(act.batch)
    for person_id in [officer] if officer is not None else act.batch.marketing_ids:
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
