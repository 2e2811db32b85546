"""Who is looking at a complaint now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from accountability.models import Employee
from complaints.models.complaints import Complaint

FRESH = timedelta(seconds=45)
"""How long a person counts as present: three of a page's signals, so that one may be lost."""


class PresenceQuerySet(models.QuerySet["Presence"]):
    def fresh(self, at: datetime) -> PresenceQuerySet:
        return self.filter(seen_at__gt=at - FRESH)


class Presence(models.Model):
    """A person whose page shows the complaint, and the verb whose form they are filling in. The row lives for seconds,
    decides nothing and holds nothing about the customer.
    """

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="+", db_index=False)
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    verb = models.CharField(max_length=40, blank=True)
    typing_until = models.DateTimeField(null=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]
        constraints = [models.UniqueConstraint(fields=["complaint", "employee"], name="one_presence_a_person")]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.employee_id}"
