"""The field of a verb that takes files: drafts uploaded earlier, given by their tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accountability.files.widgets import FilesInput
from accountability.gate.fields import BadFact, Fact, as_list
from accountability.gate.lookups import Lookups
from accountability.models import Attachment

GONE = _("所附文件已失效，请重新选择文件。")
"""One message for an unknown token, another person's draft and a claimed file, so that it doesn't reveal which it is.
"""


@dataclass(frozen=True, kw_only=True)
class Files(Fact):
    """Files by their tokens, each once; the ledger stores their primary keys.

    The field can't check whose files they are: the action must call `attachments.claim`, which checks that and binds
    them to the matter. `holds` is their purpose (`Attachment.kind`).
    """

    is_file = True
    holds: str = "evidence"

    def clean(self, raw: Any, lookups: Lookups) -> list[Attachment]:
        given = [raw] if isinstance(raw, Attachment) else as_list(raw)
        tokens = list(dict.fromkeys(one.token if isinstance(one, Attachment) else str(one) for one in given))
        if len(tokens) > settings.ATTACHMENTS_MOST:
            most = {"most": settings.ATTACHMENTS_MOST, "now": len(tokens)}
            raise BadFact(_("一次最多 %(most)s 个文件，现有 %(now)s 个。") % most)
        rows = Attachment.objects.filter(token__in=tokens, kind=self.holds)
        found = {row.token: row for row in rows if row.is_draft}
        if len(found) < len(tokens):
            raise BadFact(GONE)
        return [found[token] for token in tokens]

    def record(self, value: list[Attachment]) -> list[int]:
        return [attachment.pk for attachment in value]

    def control(self, subject: Any, actor: Any) -> forms.Widget:
        return FilesInput(actor)
