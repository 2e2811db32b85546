"""Which version of what marketing revises binds an act, or a duty that began before it (R6, R15)."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import cached_property

from accountability.documents.phrases import Wording, wording_at
from accountability.models import Deadline, TimeLimits, limits_in_force
from accountability.statements import by_key


class VersionsInForce:
    """What the acts of one call look up of them, once, at its instant."""

    at: datetime

    @cached_property
    def limits(self) -> TimeLimits:
        return limits_in_force(self.at)

    @cached_property
    def wording(self) -> Wording:
        """The words and prefixes of papers as they now are."""
        return wording_at(self.at)

    @cached_property
    def _every_version(self) -> list[TimeLimits]:
        return list(TimeLimits.objects.order_by("version"))

    def limits_at(self, start: datetime) -> TimeLimits:
        """The version in force when a duty begins, which may be before this instant: what follows from a miss begins
        at the due instant, whenever it is noticed.
        """
        if start >= self.limits.in_force_from:
            return self.limits
        earlier = [version for version in self._every_version if version.in_force_from <= start]
        return earlier[-1] if earlier else self._every_version[0]

    def limits_of(self, deadline: Deadline) -> TimeLimits:
        """The version the duty began under: what was promised doesn't move with a later one (R6)."""
        pk = deadline.limits_id
        if pk not in self._known:
            self._known[pk] = by_key(TimeLimits, [pk]).get(pk) or self.limits
        return self._known[pk]

    @cached_property
    def _known(self) -> dict[int | None, TimeLimits]:
        return {}
