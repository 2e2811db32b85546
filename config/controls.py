"""How the controls of forms are drawn: each by one template, since a page of work has hundreds of them."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting

FOLDER = "django/forms/widgets"

INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
DRAWN_BY = {f"{FOLDER}/{kind}.html": f"{FOLDER}/input.html" for kind in INPUTS} | {
    f"{FOLDER}/{kind}.html": f"{FOLDER}/multiple_input.html" for kind in ("radio", "checkbox_select")
}
"""Django's template of a kind of control includes the one that draws it, and that one more for each option."""


class Renderer(TemplatesSetting):
    """Draws them from `templates/django/forms/widgets`, where the options and attributes stand in one file."""

    def get_template(self, template_name: str) -> Any:
        return super().get_template(DRAWN_BY.get(template_name, template_name))
