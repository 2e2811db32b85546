"""What a complaint asks of the service centre: its agent while they are there, and the centre without them."""

from __future__ import annotations

from typing import Any

from accountability.gate.lookups import Lookups
from accountability.models import Employee, Unit
from complaints.models.states import State


def is_of_centre(person: Employee | None) -> bool:
    """Whether the person is active, and in the centre now."""
    unit = person.unit if person is not None and person.is_active else None
    return unit is not None and unit.kind == Unit.Kind.SERVICE_CENTRE


class WithTheCentre:
    """Of a complaint whose agent may have gone: what they took is the centre's, and goes nowhere with them."""

    @property
    def is_with_agent(self: Any) -> bool:
        """Whether the centre must act, and not who replies in its place."""
        elsewhere = self.of_the_round() is not None or self.state == State.FORWARDED
        return bool(self.awaits) and not elsewhere and not (self.state == State.COMPLETED and self.replies_instead_id)

    def agent_there(self: Any, lookups: Lookups) -> Employee | None:
        """The agent, while they are of the centre."""
        agent = lookups.person(self.agent_id)
        return agent if is_of_centre(agent) else None

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
