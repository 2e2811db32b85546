"""The form widget for files: lists uploaded files and takes new ones."""

from __future__ import annotations

from typing import Any

from django import forms

from accountability.files.inspection import EXTENSIONS
from accountability.models import Attachment
from accountability.permissions import Actor


class FilesInput(forms.Widget):
    """Returns the tokens of uploaded files. New files are posted under the same name; `web.uploads.take_files` turns
    them into tokens before the gate runs, so that they are kept if the act is refused.
    """

    template_name = "accountability/files/widgets/files.html"
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
        """The user's own drafts among the tokens, so that names of other people's files aren't shown."""
        mine = Attachment.objects.filter(token__in=tokens, uploaded_by=self.actor.pk, matter=None, erased_at=None)
        return list(mine)


def _all(data: Any, name: str) -> list[str]:
    """All values with this name, from form data or from a plain mapping."""
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name, [])
    return list(value) if isinstance(value, (list, tuple)) else [value]
