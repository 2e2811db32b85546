"""What the unit concerned files: the self-inspection report with its evidence, or its opinion on a contact's fault."""

from __future__ import annotations

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accountability.models import Attachment, Employee, PersonalData
from accountability.models.history import History
from assessment.models.states import Conclusion


class Report(models.Model):
    """A 自查报告 (R43–R46). It counts once its signer has signed it; until then it waits and may be replaced.

    One that was signed after the limit is kept as a late file and changes nothing (R45).
    """

    case = models.ForeignKey("assessment.Case", models.PROTECT, related_name="reports", verbose_name=_("案件"))
    conclusion = models.CharField(_("结论"), max_length=10, choices=Conclusion.choices)
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    filed_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("提交人"))
    filed_at = models.DateTimeField(_("提交时间"))
    signer = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("签发人"))
    signed_at = models.DateTimeField(_("签发时间"), null=True)
    replaced_at = models.DateTimeField(_("改写时间"), null=True)
    late = models.BooleanField(_("逾期"), default=False)

    history = History()

    class Meta:
        verbose_name = verbose_name_plural = _("自查报告")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_conclusion_display()}"

    @cached_property
    def named(self) -> list[int]:
        """The persons it names, by primary key, in the report's own order."""
        return [row.person_id for row in sorted(self.persons.all(), key=lambda row: row.pk)]

    @property
    def waits_for_signer(self) -> bool:
        return self.signed_at is None and self.replaced_at is None


class NamedPerson(models.Model):
    """A person whom the report names as responsible (R44)."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="persons", db_index=False)
    person = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("责任人"))

    class Meta:
        verbose_name = verbose_name_plural = _("责任人")
        constraints = [models.UniqueConstraint(fields=["report", "person"], name="named_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.person_id}"


class Evidence(models.Model):
    """A file of the report (R46)."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="evidence")
    file = models.OneToOneField(Attachment, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = _("证据材料")

    def __str__(self) -> str:
        return f"{self.report_id} {self.file_id}"
