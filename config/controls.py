"""How form controls are rendered: without templates, since a work page has hundreds of inputs and options, and Django
renders a template for each, and others inside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.formats import localize
from django.utils.safestring import SafeString

from accountability.security.markup import format_html, format_html_join

FOLDER = "django/forms/widgets"
INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "input")

Widget = Mapping[str, Any]


class Renderer(TemplatesSetting):
    """Writes what Django's own templates of the most usual controls say; others are rendered from templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if draw := DRAWN.get(template_name):
            return draw(context["widget"])
        return super().render(template_name, context, request)


def _list(widget: Widget) -> SafeString:
    options = format_html_join("\n", "{}", ((each,) for each in _options(widget["optgroups"])))
    return format_html('<select name="{}"{}>\n{}\n</select>', widget["name"], _attributes(widget["attrs"]), options)


def _options(groups: Any) -> Iterator[SafeString]:
    for name, choices, _place in groups:
        options = [
            format_html(
                '<option value="{}"{}>{}</option>',
                str(each["value"]),
                _attributes(each["attrs"]),
                localize(each["label"]),
            )
            for each in choices
        ]
        if name:
            options = [format_html('<optgroup label="{}">', localize(name)), *options, GROUP_ENDS]
        yield from options


GROUP_ENDS = format_html("</{}>", "optgroup")


def _input(widget: Widget) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', str(widget["value"]))
    attributes = _attributes(widget["attrs"])
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes)


def _text(widget: Widget) -> SafeString:
    attributes, value = _attributes(widget["attrs"]), widget["value"] or ""
    return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], attributes, value)


def _boxes(widget: Widget) -> SafeString:
    """Buttons or boxes to choose among."""
    frame = {name: widget["attrs"][name] for name in ("id", "class") if widget["attrs"].get(name)}
    groups = ((group, [_box(each) for each in choices]) for group, choices, _place in widget["optgroups"])
    boxes = ((_group(group, each),) for group, each in groups)
    return format_html("<div{}>{}</div>", _attributes(frame), format_html_join("\n", "{}", boxes))


def _group(name: Any, boxes: list[SafeString]) -> SafeString:
    inside = format_html_join("\n", "<div>{}</div>", ((box,) for box in boxes))
    return format_html("<div><label>{}</label>{}</div>", localize(name), inside) if name else inside


def _box(option: Widget) -> SafeString:
    if not option["wrap_label"]:
        return _input(option)
    of = format_html(' for="{}"', option["attrs"]["id"]) if option["attrs"].get("id") else ""
    return format_html("<label{}>{} {}</label>", of, _input(option), localize(option["label"]))


def _attributes(attributes: Mapping[str, Any]) -> str:
    """As Django writes them: none for False, the bare name for True."""
    given = [(name, value) for name, value in attributes.items() if value is not False]
    if not given:
        return ""
    written = (format_html(" {}", n) if v is True else format_html(' {}="{}"', n, str(v)) for n, v in given)
    return format_html_join("", "{}", ((each,) for each in written))


_DRAWN: dict[str, Callable[[Widget], SafeString]] = {
    "select": _list, "textarea": _text, "radio": _boxes, "checkbox_select": _boxes, **dict.fromkeys(INPUTS, _input),
}  # fmt: skip
DRAWN = {f"{FOLDER}/{kind}.html": draw for kind, draw in _DRAWN.items()}
"""By Django's name of the template of a control, what writes it."""
