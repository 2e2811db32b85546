"""The table of text templates for answers, by category; the centre's supervisors maintain them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accountability.models.catalogue import Category
from accountability.models.versions import Version


class TemplateQuerySet(models.QuerySet["AnswerTemplate"]):
    def current(self) -> Self:
        """The newest version of each template that wasn't withdrawn."""
        newer = AnswerTemplate.objects.filter(name=OuterRef("name"), version__gt=OuterRef("version"))
        return self.filter(~Exists(newer), is_withdrawn=False)

    def for_use(self, use: str, category: Category | None) -> Self:
        """The templates for this use and category: its own, those of its head, and those without a category."""
        fits = Q(category=None)
        if category is not None:
            fits |= Q(category__in=[key for key in (category.pk, category.parent_id) if key])
        return self.current().filter(fits, use=use)


class AnswerTemplate(Version):
    """One version of one template. Withdrawing a template adds a version with `is_withdrawn` (R15)."""

    class Use(models.TextChoices):
        """The verb whose form offers the template."""

        ANSWER = "answer", _("答复客服中心")
        REPLY = "reply", _("回复客户")

    name = models.CharField(_("名称"), max_length=40)
    version = models.PositiveIntegerField(_("版本"))
    use = models.CharField(_("用于"), max_length=8, choices=Use.choices)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", verbose_name=_("投诉类别")
    )  # fmt: skip
    text = models.TextField(_("内容"))
    is_withdrawn = models.BooleanField(_("已停用"), default=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("答复模板")
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="one_template_a_version")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"
