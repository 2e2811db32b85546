"""What a complaint asks of the service centre: its agent while they are there, and the centre without them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property

from accountability.db.sql import rows
from accountability.deadlines.limits import day_of
from accountability.gate.lookups import Lookups
from accountability.models import Appointment, Employee, Unit
from accountability.permissions import CENTRE_ROLES
from complaints.models.states import State


def is_of_centre(person: Employee | None) -> bool:
    """Whether the person is active, and in the centre now."""
    unit = person.unit if person is not None and person.is_active else None
    return unit is not None and unit.kind == Unit.Kind.SERVICE_CENTRE


class WithTheCentre:
    """Of a complaint whose agent may have gone: what they took is the centre's, and goes nowhere with them."""

    @cached_property
    def agent_terms(self: Any) -> tuple[int | None, list[Appointment]]:
        """The agent and their service in the centre, as they were read with the complaint; of a new one nobody's."""
        if self.agent_id is None or self._state.adding:
            return None, []
        return self.agent_id, list(rows(Appointment, role=CENTRE_ROLES, employee_id=[self.agent_id]))

    @property
    def is_with_agent(self: Any) -> bool:
        """Whether the centre must act, and not who replies in its place."""
        elsewhere = self.of_the_round() is not None or self.state == State.FORWARDED
        return bool(self.awaits) and not elsewhere and not (self.state == State.COMPLETED and self.replies_instead_id)

    def agent_there(self: Any, lookups: Lookups) -> Employee | None:
        """The agent, while they are of the centre and serve there as one. Who becomes it by the act serves."""
        agent = lookups.person(self.agent_id)
        if agent is None or not is_of_centre(agent):
            return None
        known, terms = self.agent_terms
        today = day_of(lookups.at)
        return agent if known != agent.pk or any(term.serves_on(today) for term in terms) else None

    def told_at_centre(self: Any, lookups: Lookups) -> list[int]:
        """Whom the centre hears by: the agent; where the agent is there no more its supervisors, or else its head."""
        agent = self.agent_there(lookups)
        if agent is not None:
            return [agent.pk]
        heads = (unit.head_id for unit in lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE))
        able = [pk for pk in lookups.csc_supervisor_ids if pk != self.agent_id]
        return able or [pk for pk in heads if pk not in (None, self.agent_id)]

    def centre_of(self: Any, lookups: Lookups) -> int | None:
        """The unit of the agent, or else the centre."""
        agent = self.agent_there(lookups)
        if agent is not None:
            return agent.unit_id
        return next((unit.pk for unit in lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE)), None)
