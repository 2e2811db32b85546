"""A person's saved views of the list of complaints, each under a name."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accountability.models import Employee
from accountability.permissions import Actor


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> SavedViewQuerySet:
        """One's own views; those of others don't exist."""
        return self.filter(employee=actor.pk)


class SavedView(models.Model):
    """List, filters and order under a name. It is no state of a matter, so no verb changes it.

    `asked` is the query of the address. It never holds a number that was searched for: it may be a customer's.
    """

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="saved_views", db_index=False)
    name = models.CharField(_("名称"), max_length=30)
    asked: models.JSONField[Any, Any] = models.JSONField(default=dict)
    is_default = models.BooleanField(_("打开清单时使用"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["employee", "name"], name="one_saved_view_a_name"),
            models.UniqueConstraint(fields=["employee"], condition=Q(is_default=True), name="one_default_view"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """Always with a query: the bare address opens the default view."""
        return f"{reverse('complaints')}?{urlencode(self.asked or {'list': ''})}"
