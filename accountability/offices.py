"""Who serves in the offices that an act must know of: whom to tell, and into whose hands nothing may come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.functional import cached_property

from accountability.deadlines import day_of
from accountability.models import Appointment
from accountability.permissions import ADMINISTRATOR_ROLES, MARKETING_ROLES, Role
from accountability.statements import rows


class Offices:
    """The people of each office at one instant (primary keys), looked up once."""

    at: datetime

    @cached_property
    def administrator_ids(self) -> frozenset[int]:
        """Who administers, today or from a later day on: nothing of the business is put into their hands."""
        today = day_of(self.at)
        appointed = rows(Appointment, role=ADMINISTRATOR_ROLES)
        return frozenset(one.employee_id for one in appointed if one.ends_on is None or one.ends_on >= today)

    @cached_property
    def marketing_ids(self) -> list[int]:
        return self._serving(MARKETING_ROLES)

    @cached_property
    def csc_supervisor_ids(self) -> list[int]:
        return self._serving({Role.CSC_SUPERVISOR})

    @cached_property
    def marketing_leader_ids(self) -> list[int]:
        return self._serving({Role.MARKETING_LEADER})

    def _serving(self, roles: Iterable[str]) -> list[int]:
        serving = Appointment.objects.serving(self.at).filter(role__in=roles, employee__is_active=True)
        return list(serving.order_by("employee_id").values_list("employee_id", flat=True).distinct())
