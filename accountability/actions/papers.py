"""The configurable words of official papers: prefixes, departments' names, standing texts (R15)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.revision import revise
from accountability.documents.fields import Phrases
from accountability.gate.act import Act, refuse_unless
from accountability.gate.fields import Line
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import PaperWording


@verb(
    Organisation, _("修订公文用语"),
    Phrases(name="phrases", label=_("公文用语"), help=_("留空：用默认用语。花括号内的占位符由程序填写。")),
    Line(name="reason", label=_("修订理由"), max_length=200),
    permission=permissions.set_papers, rule="R15",
    seen=version_of("papers", PaperWording),
)  # fmt: skip
def set_papers(act: Act, *, phrases: dict[str, str], reason: str) -> None:
    """Set the words of papers issued from now on; papers already issued keep theirs."""
    last = PaperWording.last()
    before = last.phrases if last else {}
    after = {name: text for name, text in (before | phrases).items() if text}
    refuse_unless(after != before, _("没有变更。"), "phrases")
    revise(act, PaperWording, reason=reason, phrases=after)
    act.note(phrases=sorted(name for name in phrases if before.get(name, "") != phrases[name]))
