"""Imported complaints: which ticket of which source each one was, and how a source's files are read."""

from __future__ import annotations

from typing import Any

from django.db import models

from complaints.models.complaints import Complaint


class Origin(models.Model):
    """The ticket of a named source that an imported complaint was. Each is imported once, whoever runs the import."""

    complaint = models.OneToOneField(Complaint, models.PROTECT, primary_key=True, related_name="origin")
    source = models.CharField(max_length=40)
    source_key = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key"], name="one_complaint_a_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_key}"


class ImportMapping(models.Model):
    """How files of one source are read, saved by name. It is no state of a matter, so no verb changes it.

    `columns` holds the column or columns of each field, `fixed` the value for every row, `words` by field what a word
    of the file means here.
    """

    name = models.CharField(max_length=40, unique=True)
    columns: models.JSONField[Any, Any] = models.JSONField(default=dict)
    fixed: models.JSONField[Any, Any] = models.JSONField(default=dict)
    words: models.JSONField[Any, Any] = models.JSONField(default=dict)
    encoding = models.CharField(max_length=20, blank=True)
    date_formats: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name
