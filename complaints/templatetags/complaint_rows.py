"""The cells of a complaint in a list, written without a template: a page has fifty rows, and of the forty nodes that a
row took most said the same in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accountability.models import Deadline
from accountability.security.markup import format_html, format_html_join, in_address
from accountability.templatetags.shouwen import badge, clock_at, icon, instant_of, lasting_at
from complaints.lists.worklists import Line

register = template.Library()

ELSEWHERE = "-"
"""Stands for a number in the address of a complaint."""


@dataclass(frozen=True)
class Drawing:
    """What is the same in all rows of one list: what its page says of them, and words in the reader's language."""

    at: datetime
    pick: str
    picked: bool
    all_clocks: bool
    opened: str
    carries: str
    holder: str
    waited: str
    others: str
    colon: str
    begin: str
    end: str

    def attributes(self, line: Line) -> SafeString:
        """Of the row's element: how it looks, and which complaint's it is."""
        number, tone = line.complaint.matter.number, line.tone
        return format_html(
            ' class="row row--line{}{}{}" data-line="{}"', f" tone-{tone}" if tone else "",
            " row--pick" if self.pick else "", " is-open" if number == self.opened else "", number,
        )  # fmt: skip

    def cells(self, line: Line) -> SafeString:
        """What the row says of the complaint."""
        number, words = str(line.complaint.matter.number), line.words
        return format_html(
            '{pick}\n'
            '      <div class="row__what">\n'
            '        <a class="row__title" href="{begin}{address}{end}{carries}">'
            '<span class="row__number"><span class="row__day">{day}</span>{place}</span> '
            '<span class="row__words"><span class="row__name">{name}{colon}</span>{words}</span></a>\n'
            "        {marks}\n"
            "        {call_back}\n"
            "      </div>\n"
            '      <div class="row__meta">\n'
            '        <span class="row__category">{category}</span>\n'
            '        <span class="row__place">{region}</span>\n'
            '        <span class="row__state">\n'
            "          \n"
            "            {state}\n"
            "          \n"
            "        </span>\n"
            '        <span class="row__who">\n'
            "          {who}\n"
            "        </span>\n"
            "      </div>\n"
            '      <div class="row__side">\n'
            "        {wait}\n"
            "        {clocks}\n"
            "      </div>",
            pick=self._pick(number) if self.pick else "",
            begin=self.begin, address=in_address(number), end=self.end, carries=self.carries,
            day=number[:-6], place=number[-6:],
            name=line.customer.masked_name, colon=self.colon if words else "", words=words,
            marks=_listed(badge(*mark) for mark in line.marks),
            call_back=self._call_back(line) if line.call_back else "",
            category=line.category or _("转交的投诉"), region=line.complaint.region, state=badge(*line.state),
            who=self._who(line), wait=self._wait(line), clocks=self._clocks(line),
        )  # fmt: skip

    def _pick(self, number: str) -> SafeString:
        said = _("选择 %(number)s") % {"number": number}
        return format_html(
            '\n        <label class="row__pick">\n'
            '          <input type="checkbox"\n'
            '                 name="pick"\n'
            '                 value="{}"\n'
            '                 form="{}"\n'
            "                 data-pick\n"
            "                 {}>\n"
            '          <span class="sr-only">{}</span>\n'
            "        </label>\n      ",
            number, self.pick, "checked" if self.picked else "", said,
        )  # fmt: skip

    def _call_back(self, line: Line) -> SafeString:
        return format_html(
            '\n          <span class="badge tone-info">{}{} {}</span>\n        ',
            icon("phone"), _("待回电"), date(line.call_back, "m-d"),
        )  # fmt: skip

    def _who(self, line: Line) -> SafeString | str:
        matter = line.complaint.matter
        if not (line.knows_present and matter.awaits):
            return ""
        unit = format_html('<span class="row__unit"> {}</span>', matter.holder_unit) if matter.holder else ""
        return format_html(
            '\n            <span class="sr-only">{}</span>{} {}{}\n          ',
            self.holder, icon("person"), matter.holder or matter.holder_unit or "", unit,
        )  # fmt: skip

    def _wait(self, line: Line) -> SafeString | str:
        since = line.complaint.matter.waiting_since
        if not (line.knows_present and since):
            return ""
        look = " badge tone-warn" if line.waits_too_long else " muted" if line.clock else " badge tone-info"
        sign = format_html("\n              {}\n            ", icon("alert")) if line.waits_too_long else ""
        return format_html(
            '\n          <span class="row__wait{}">\n            {}\n          {} {}</span>\n        ',
            look, sign, self.waited, lasting_at(self.at, since),
        )  # fmt: skip

    def _clocks(self, line: Line) -> SafeString | str:
        if not self.all_clocks:
            return format_html("\n          {}\n        ", self._clock(line.clock)) if line.clock else ""
        first: str = ""
        rest: str = ""
        if clocks := line.clocks:
            first = format_html("\n              {}\n            ", self._clock(clocks[0]))
        if others := clocks[1:]:
            listed = format_html_join("", "\n                    {}\n                  ", map(self._alone, others))
            rest = format_html(
                '\n              <details class="row__more">\n'
                '                <summary>+{} <span class="sr-only">{others}</span></summary>\n'
                '                <div class="row__clocks" role="group" aria-label="{others}">\n'
                "                  {}\n"
                "                </div>\n"
                "              </details>\n            ",
                len(others), listed, others=self.others,
            )  # fmt: skip
        return format_html("\n          \n            {}\n            {}\n          \n        ", first, rest)

    def _alone(self, deadline: Deadline) -> tuple[SafeString]:
        return (self._clock(deadline),)

    def _clock(self, deadline: Deadline) -> SafeString:
        return clock_at(self.at, deadline, compact=True)


def _listed(badges: Iterator[SafeString]) -> SafeString:
    return format_html_join("", "\n          {}\n        ", ((each,) for each in badges))


@register.simple_tag(takes_context=True)
def drawing(context: Context) -> Drawing:
    """`{% drawing as drawing %}`: how the page's rows are drawn. Of the context it reads what rows.html names."""

    def given(name: str) -> Any:
        return context.get(name) or ""

    begin, _there, end = reverse("complaint", args=[ELSEWHERE]).rpartition(ELSEWHERE)
    return Drawing(
        at=instant_of(context), pick=given("pick"), picked=bool(given("picked")), all_clocks=bool(given("all_clocks")),
        opened=given("opened"), carries=given("carries"), begin=begin, end=end,
        holder=_("当前责任人"), waited=_("已等待"), others=_("其他时限"), colon=_("："),
    )  # fmt: skip


@register.filter
def row_attributes(line: Line, drawn: Drawing) -> SafeString:
    return drawn.attributes(line)


@register.filter
def cells(line: Line, drawn: Drawing) -> SafeString:
    return drawn.cells(line)


class DrawnOnce(template.Node):
    """What stands between the tags is rendered for the first of the lines that have a form in common; the others fill
    in what they have of their own (`InPlace` in complaints/views/desk.py).
    """

    def __init__(self, offered: FilterExpression, nodelist: NodeList) -> None:
        self.offered, self.nodelist = offered, nodelist

    def render(self, context: Context) -> SafeString:
        offered = self.offered.resolve(context)
        with context.push(alike=offered.alike):
            drawn: SafeString = offered.drawn(partial(self.nodelist.render, context))
        return drawn


@register.tag
def drawn_once(parser: Parser, token: Token) -> DrawnOnce:
    """`{% drawn_once offered %}…{% enddrawn_once %}`: what is between them has `alike`, and nothing in it may
    depend on the line. The tags stand on lines of their own, which the page doesn't show.
    """
    _name, offered = token.split_contents()
    nodelist = parser.parse(("enddrawn_once",))
    parser.delete_first_token()
    for place, strip in ((0, str.lstrip), (-1, str.rstrip)):
        if isinstance(end := nodelist[place], TextNode):
            end.s = strip(end.s)
    return DrawnOnce(parser.compile_filter(offered), nodelist)
