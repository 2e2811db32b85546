"""How form controls are rendered: each by a single template, since a work page has hundreds of them."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting

FOLDER = "django/forms/widgets"

INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
DRAWN_BY = {f"{FOLDER}/{kind}.html": f"{FOLDER}/input.html" for kind in INPUTS} | {
    f"{FOLDER}/{kind}.html": f"{FOLDER}/multiple_input.html" for kind in ("radio", "checkbox_select")
}
"""Django's template of a control includes another that renders it, and once more for each option; these replace
both.
"""


class Renderer(TemplatesSetting):
    """Renders controls from `templates/django/forms/widgets`, where options and attributes are in one file."""

    def get_template(self, template_name: str) -> Any:
        return super().get_template(DRAWN_BY.get(template_name, template_name))
