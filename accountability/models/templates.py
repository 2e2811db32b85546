"""Texts for answers that recur, by category; the centre's supervisors keep them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accountability.models.catalogue import Category
from accountability.models.versions import Version


class TemplateQuerySet(models.QuerySet["AnswerTemplate"]):
    def current(self) -> Self:
        """The newest version of each name, unless it was withdrawn."""
        newer = AnswerTemplate.objects.filter(name=OuterRef("name"), version__gt=OuterRef("version"))
        return self.filter(~Exists(newer), is_withdrawn=False)

    def for_use(self, use: str, category: Category | None) -> Self:
        """Those for this act on a complaint of the category: its own, its head's, and those of no category."""
        fits = Q(category=None)
        if category is not None:
            fits |= Q(category__in=[key for key in (category.pk, category.parent_id) if key])
        return self.current().filter(fits, use=use)


class AnswerTemplate(Version):
    """One version of one template; a withdrawn template ends in one that says so (R15)."""

    class Use(models.TextChoices):
        """The verb that it helps with."""

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
