"""How form controls are rendered: each by a single template, since a work page has hundreds of them."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

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

    def render(self, template_name: str, context: Any, request: HttpRequest | None = None) -> SafeString:
        """A choice from a list without a template: the filters of a list have two hundred options."""
        if template_name == SELECT:
            return SafeString(drawn(context["widget"]))
        return super().render(template_name, context, request)  # type: ignore[return-value]


SELECT = f"{FOLDER}/select.html"


def drawn(widget: dict[str, Any]) -> str:
    """What `select.html` makes of it, to the letter; the administration still renders that."""
    groups = "".join(_group(name, options) for name, options, _place in widget["optgroups"])
    return f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>\n  {groups}\n</select>'


def _group(name: Any, options: list[dict[str, Any]]) -> str:
    begins = f'\n      <optgroup label="{conditional_escape(name)}">\n    ' if name else ""
    ends = "\n      </optgroup>\n    " if name else ""
    return f"\n    {begins}\n    {''.join(map(_option, options))}{ends}\n  "


def _option(option: dict[str, Any]) -> str:
    value, label = conditional_escape(str(option["value"])), conditional_escape(option["label"])
    return f'\n      <option value="{value}"{_attributes(option["attrs"])}>{label}</option>'


def _attributes(attrs: dict[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}" + ("" if value is True else f'="{conditional_escape(str(value))}"')
        for name, value in attrs.items()
        if value is not False
    )
