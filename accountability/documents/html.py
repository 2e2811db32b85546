"""Makes a paper as HTML, which is used for the preview on a page, for the HTML file and for the PDF.

The templates escape all texts; from a chart only known shapes and its texts are kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import Any
from xml.etree import ElementTree as ET

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accountability.documents import marking
from accountability.documents.content import Content, Figure, Heading, Table, chinese_date
from accountability.documents.layout import fit_of, head_of, labels_of, title_lines, width_of
from accountability.security.markup import written

SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset({
    "svg", "g", "defs", "title", "desc", "text", "tspan", "path", "rect", "circle", "ellipse", "line", "polyline",
    "polygon", "pattern", "clipPath", "marker",
})  # fmt: skip
HARMLESS = re.compile(r"(?!on)[a-z][a-zA-Z0-9-]*\Z")
ELSEWHERE = re.compile(r"url\(\s*['\"]?(?!#)|&#|[a-z]+:", re.IGNORECASE)

ABOVE_DATE = 8
"""How many characters the issuer may be wider than the date: it is centred over the date, which is four characters from
the margin.
"""


def fragment(content: Content, *, mark: str = "", below: int = 1) -> SafeString:
    """The paper as a fragment for a page that loads `paper.css`; `below` is the number of heading levels above it."""
    return render_to_string("accountability/documents/paper.html", context_of(content, mark=mark, below=below))


def whole(content: Content, *, mark: str = "") -> str:
    """The paper as a self-contained file with its style for print (measures and fonts of GB/T 9704); it is saved, never
    served as one of our pages.
    """
    labelled = tuple(_labelled(block, content) for block in content.body)
    context = context_of(replace(content, body=labelled), mark=mark)
    style = format_html("<style>{}</style>", render_to_string("accountability/documents/paper.css"))
    return render_to_string("accountability/documents/whole.html", context | {"style": style})


def context_of(content: Content, *, mark: str = "", below: int = 0) -> dict[str, Any]:
    """The template context. `below`: how many heading levels are above the paper."""
    head, issuer = head_of(content)
    return {
        "paper": content,
        "head": head,
        "issuer": issuer,
        "title": title_lines(content),
        "mark": marking.parted(mark)[0],
        "since": marking.since(mark),
        "to": to_line(content),
        "blocks": _all_shown(content, below),
        "title_tag": f"h{1 + below}",
        "attachments": attachment_lines(content),
        "dated": chinese_date(content.dated) if content.dated else "",
        "is_long": is_long(content),
        "copies": copies_line(content),
        "printed_on": printed_on(content),
    }


# Lines that are the same in every format


def to_line(content: Content) -> str:
    """The 主送 line, ending with a full-width colon."""
    return f"{'、'.join(content.to)}：" if content.to else ""


def attachment_lines(content: Content) -> list[tuple[str, str]]:
    """Label and name of each attachment. Two or more are numbered; there is no full stop after a name."""
    names = [name.rstrip("。") for name in content.attachments]
    if len(names) == 1:
        return [("附件：", names[0])]
    numbers = count(1)
    return [("附件：" if place == 0 else "", f"{next(numbers)}. {name}") for place, name in enumerate(names)]


def copies_line(content: Content) -> str:
    return f"抄送：{'、'.join(content.copies)}。" if content.copies else ""


def printed_on(content: Content) -> str:
    return f"{chinese_date(content.dated)}印发" if content.printed and content.dated else ""


def is_long(content: Content) -> bool:
    """Whether 落款 is too wide to be centred over the date."""
    dated = content.dated
    return dated is not None and width_of(content.signed) - width_of(chinese_date(dated)) > ABOVE_DATE


# Blocks


def _labelled(block: Any, content: Content) -> Any:
    return replace(block, rows=labels_of(block, content)) if isinstance(block, Table) else block


def _all_shown(content: Content, below: int) -> list[dict[str, Any]]:
    """The blocks for the template. For screen readers, heading levels have no gaps whichever levels the paper uses, and
    a table without a caption is labelled with the heading above it.
    """
    levels = sorted({block.level for block in content.body if isinstance(block, Heading)})
    found, above = [], content.title
    for block in content.body:
        if isinstance(block, Heading):
            above, tag = block.text, f"h{levels.index(block.level) + 2 + below}"
            found.append({"kind": "heading", "text": block.text, "level": block.level, "tag": tag})
        else:
            found.append(_shown(block, content, above))
    return found


def _shown(block: Any, content: Content, above: str) -> dict[str, Any]:
    if isinstance(block, Table):
        return {
            "kind": "table", "caption": block.caption, "label": block.caption or above,
            "heads": block.rows[: block.heads], "rows": block.rows[block.heads :], "fit": fit_of(block, content),
        }  # fmt: skip
    if isinstance(block, Figure):
        return {"kind": "figure", "svg": clean_svg(block.svg), "caption": block.caption}
    return {"kind": "para", "text": block.text, "is_flush": block.flush}


def clean_svg(svg: str) -> str:
    """The chart with known shapes and plain attributes only, so that nothing in it can run, load or link.

    A chart that can't be parsed is left out; its table has the same data.
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 our own text; expat refuses entities that grow # nosec B314
    except ET.ParseError:
        return ""
    _clean(root)
    root.set("font-family", "'Noto Sans SC', sans-serif")
    ET.register_namespace("", SVG)
    return written(root)


def _clean(element: ET.Element) -> None:
    for name, value in list(element.attrib.items()):
        if not HARMLESS.match(name) or name in ("style", "href", "src") or ELSEWHERE.search(value):
            del element.attrib[name]
    for child in list(element):
        if not isinstance(child.tag, str) or child.tag.removeprefix(f"{{{SVG}}}") not in SHAPES:
            element.remove(child)
        else:
            _clean(child)
