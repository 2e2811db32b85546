"""Who is at a complaint just now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from accountability.models import Employee
from complaints.models.complaints import Complaint

FRESH = timedelta(seconds=45)
"""So long somebody counts as being there: three of a page's signs of life, so that a lost one doesn't matter."""


class PresenceQuerySet(models.QuerySet["Presence"]):
    def fresh(self, at: datetime) -> PresenceQuerySet:
        return self.filter(seen_at__gt=at - FRESH)


class Presence(models.Model):
    """A person whose page shows the complaint, and the verb whose form they are filling in. A row of seconds: nothing
    is decided by it, and nothing of the customer stands in it.
    """

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="+")
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
