"""What waits to be handed to another system, each try leased to one worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models.preferences import Delivery


class Outgoing(models.Model):
    """A claim moves `next_try_at` past the longest possible try, so that two workers never try the same at once and
    nothing is lost if a worker dies.
    """

    state = models.CharField(_("状态"), max_length=8, choices=Delivery.State.choices, default=Delivery.State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    planned_at = models.DateTimeField()
    next_try_at = models.DateTimeField(_("下次发送"))
    problem = models.CharField(_("问题"), max_length=40, default="", blank=True)

    class Meta:
        abstract = True

    def claim(self, until: datetime, **columns: Any) -> bool:
        """Whether this worker tries it now: the first one that moves its next try."""
        mine = self._of_this_try()
        self.attempts += 1
        return bool(mine.update(attempts=self.attempts, next_try_at=until, **columns))

    def settle(self, state: str, **columns: Any) -> bool:
        """Save the result, unless the lease ran out and another worker has saved one. Whether it was saved."""
        return bool(self._of_this_try().update(state=state, **columns))

    def _of_this_try(self) -> models.QuerySet[Any]:
        waiting = type(self)._base_manager.filter(state=Delivery.State.WAITING)
        return waiting.filter(pk=self.pk, attempts=self.attempts)
