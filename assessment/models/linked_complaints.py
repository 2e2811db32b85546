"""Which complaints a case rests on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint


class CaseComplaint(models.Model):
    """A complaint that the case rests on (R38)."""

    case = models.ForeignKey("assessment.Case", models.PROTECT, related_name="complaint_links", db_index=False)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="case_links", verbose_name=_("投诉"))

    class Meta:
        verbose_name = verbose_name_plural = _("案件关联的投诉")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "complaint"], name="linked_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.complaint_id}"
