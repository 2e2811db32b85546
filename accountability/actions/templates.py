"""Templates of answers: the centre's supervisors maintain the texts that agents and units may start from (R35)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.revision import revise
from accountability.documents.template_fields import TemplateText
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Choice, InCategory, Line
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import AnswerTemplate, Category

NAME = Line(name="name", label=_("名称"), max_length=40)
REASON = Line(name="reason", label=_("修订理由"), max_length=200)


@verb(
    Organisation, _("保存答复模板"),
    NAME,
    Choice(name="use", label=_("用于"), choices=tuple(AnswerTemplate.Use.choices)),
    InCategory(
        name="category", label=_("投诉类别"), required=False, help=_("不选：用于所有类别；选大类：也用于它的小类。")
    ),
    TemplateText(name="text", label=_("内容")),
    REASON,
    permission=permissions.set_template, rule="R35",
    seen=version_of("templates", AnswerTemplate, "pk"),
)  # fmt: skip
def set_template(act: Act, *, name: str, use: str, text: str, reason: str, category: Category | None = None) -> None:
    """Add the next version of the template with this name, or its first; texts already started from it don't change."""
    last = AnswerTemplate.last(name=name)
    wanted = {"use": use, "category_id": category.pk if category else None, "text": text, "is_withdrawn": False}
    refuse_unless(any(getattr(last, part, None) != value for part, value in wanted.items()), _("没有变更。"), "text")
    _revise(act, name, reason=reason, **wanted)


@verb(
    Organisation, _("停用答复模板"), NAME, REASON, permission=permissions.withdraw_template, rule="R35",
    seen=version_of("templates", AnswerTemplate, "pk"),
)  # fmt: skip
def withdraw_template(act: Act, *, name: str, reason: str) -> None:
    """Stop offering the template. Its versions stay on record, and it may be saved again."""
    last = AnswerTemplate.last(name=name)
    refuse_unless(last is not None and not last.is_withdrawn, _("没有这一名称的模板。"), "name")
    _revise(act, name, reason=reason, is_withdrawn=True)


def _revise(act: Act, name: str, **changed: Any) -> None:
    version = revise(act, AnswerTemplate, series={"name": name}, **changed)
    act.note(sha256=sha256(version.text.encode()).hexdigest())
