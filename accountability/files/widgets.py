"""The control of files at a form: those handed in, and a place for new ones."""

from __future__ import annotations

from typing import Any

from django import forms

from accountability.files.inspection import EXTENSIONS
from accountability.models import Attachment
from accountability.permissions import Actor


class FilesInput(forms.Widget):
    """Gives the tokens of files handed in. New files travel under the same name as files, and become tokens before
    the gate is asked (`uploading.take_files`), so that a refusal keeps them.
    """

    template_name = "widgets/files.html"
    needs_multipart_form = True

    def __init__(self, actor: Actor) -> None:
        super().__init__({"accept": ",".join(f".{extension}" for extension in EXTENSIONS)})
        self.actor = actor

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        taken_out = set(_all(data, f"{name}-remove"))
        return [token for token in dict.fromkeys(_all(data, name)) if token and token not in taken_out]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        held = self._held(value) if isinstance(value, list) else []
        context["widget"]["held"] = held
        if held:
            context["widget"]["attrs"].pop("required", None)
        return context

    def _held(self, tokens: list[str]) -> list[Attachment]:
        """The drafts of whoever looks at the form; others' names are nobody's business."""
        mine = Attachment.objects.filter(token__in=tokens, uploaded_by=self.actor.pk, matter=None, erased_at=None)
        return list(mine)


def _all(data: Any, name: str) -> list[str]:
    """Every value under the name, of a form's data or of a plain mapping."""
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name, [])
    return list(value) if isinstance(value, (list, tuple)) else [value]
