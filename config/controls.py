"""How form controls are rendered: each by a single template, since a work page has hundreds of them; lists without one,
since the filters of one page have hundreds of options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

FOLDER = "django/forms/widgets"

INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
DRAWN_BY = {f"{FOLDER}/{kind}.html": f"{FOLDER}/input.html" for kind in INPUTS} | {
    f"{FOLDER}/{kind}.html": f"{FOLDER}/multiple_input.html" for kind in ("radio", "checkbox_select")
}
"""Django's template of a control includes another that renders it, and once more for each option; these replace
both.
"""


SELECT = f"{FOLDER}/select.html"
GROUP_ENDS = format_html("</{}>", "optgroup")


class Renderer(TemplatesSetting):
    """Renders controls from `templates/django/forms/widgets`, where options and attributes are in one file."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name == SELECT:
            return _list(context["widget"])
        return super().render(template_name, context, request)

    def get_template(self, template_name: str) -> Any:
        return super().get_template(DRAWN_BY.get(template_name, template_name))


def _list(widget: Mapping[str, Any]) -> SafeString:
    options = format_html_join("\n", "{}", ((each,) for each in _options(widget["optgroups"])))
    return format_html('<select name="{}"{}>\n{}\n</select>', widget["name"], _attributes(widget["attrs"]), options)


def _options(groups: Any) -> Iterator[SafeString]:
    for name, choices, _place in groups:
        options = [
            format_html(
                '<option value="{}"{}>{}</option>', str(each["value"]), _attributes(each["attrs"]), each["label"]
            )
            for each in choices
        ]
        if name:
            options = [format_html('<optgroup label="{}">', name), *options, GROUP_ENDS]
        yield from options


def _attributes(attributes: Mapping[str, Any]) -> str:
    """As Django writes them: none for False, the bare name for True."""
    given = [(name, value) for name, value in attributes.items() if value is not False]
    if not given:
        return ""
    written = (format_html(" {}", n) if v is True else format_html(' {}="{}"', n, str(v)) for n, v in given)
    return format_html_join("", "{}", ((each,) for each in written))
