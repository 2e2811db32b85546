"""The catalogue of complaint categories (R8)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.db.pinyin import WithPinyin
from accountability.db.sql import rows
from accountability.models.history import History
from accountability.models.naming import in_readers_language


class Category(WithPinyin):
    """A head, or a leaf below one. `answered_by` is the suggested unit: its code, or "branch" for the region's branch.

    `words` are what customers call it, parted by spaces. The intake finds the category by them.
    A head with `network_limits` also has the limits for an on-site test and a technical solution.
    """

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="leaves", verbose_name=_("大类"), db_index=False
    )
    name = models.CharField(_("名称"), max_length=30)
    name_en = models.CharField(_("英文名称"), max_length=60, blank=True)
    words = models.CharField(_("客户说法"), max_length=300, default="", blank=True)
    answered_by = models.CharField(_("建议首问责任部门"), max_length=16, default="branch")
    network_limits = models.BooleanField(_("适用网络类时限"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    history = History(excluded_fields=["pinyin"])

    class Meta:
        verbose_name = verbose_name_plural = _("投诉类别")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="one_leaf_a_name"),
            models.UniqueConstraint(fields=["name"], name="one_head_a_name", condition=models.Q(parent__isnull=True)),
        ]

    def __str__(self) -> str:
        """The path in the reader's language, to be shown; `path` is what a form takes and a paper says."""
        names = [in_readers_language(each) for each in ((self.parent, self) if self.parent else (self,))]
        return "/".join(names)

    @classmethod
    def at(cls, path: str) -> Category | None:
        """The category in use at `head` or `head/leaf`."""
        head_name, slash, leaf_name = path.partition("/")
        named = rows(cls, name={head_name, leaf_name})
        head = next((c for c in named if c.parent_id is None and c.name == head_name), None)
        leaf = next((c for c in named if head and c.parent_id == head.pk and c.name == leaf_name), None)
        if leaf is not None:
            leaf.parent = head
        found = leaf if slash else head
        return found if found and found.is_active else None

    @property
    def head(self) -> Category:
        return self.parent or self

    @property
    def is_network(self) -> bool:
        return self.head.network_limits

    @property
    def path(self) -> str:
        return f"{self.parent.name}/{self.name}" if self.parent else self.name
