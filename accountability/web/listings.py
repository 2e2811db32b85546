"""Lists that can be had as a file: which rows an address asks for, and what a file says of each.

A list declares both beside the page that shows it. The page and the file ask the same `found`, so they can't disagree
about rows, filters or order. Who may have which file, and how, is for the app that makes files (`LINKS`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import QueryDict
from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_second
from accountability.declarations.registry import Registry, Words
from accountability.permissions import Actor
from accountability.security.masking import mask_name
from accountability.web.request import Page, Request, page_by_key

OF_ONE_PAGE = ("after", "before", "open")
"""Parameters of one page of a list; a file has all of them."""

AT_ONCE = 500
"""Rows in memory."""


@dataclass(frozen=True)
class Column:
    """`say(row)` is the value for everybody; `bare(row)` the unmasked one for those allowed to see it, if there
    is one.
    """

    name: str
    label: Any
    say: Callable[[Any], Any]
    bare: Callable[[Any], Any] | None = None


def masked_person(person: Any) -> str:
    """A colleague by the number everybody knows them by, and their name masked, because it is personal data too."""
    return f"{mask_name(person.name)}({person.username})" if person else ""


def second(value: datetime | None) -> str:
    """An instant as lists show it; empty if there is none."""
    return show_second(value) if value else ""


class NotUnderstood(Exception):
    """An address has a filter that its list doesn't understand, or no longer. The page leaves such a filter out; a file
    is refused instead, since it would have more than was asked for and approved.
    """

    def __str__(self) -> str:
        return _("筛选条件中有无法识别的内容，不能据此生成文件。请在列表页面重新筛选后再申请。")


class Found(NamedTuple):
    """The rows that an address asks for and this person may see; `keys` is their order, as paging takes it."""

    rows: QuerySet[Any]
    keys: Sequence[str]


@dataclass(frozen=True)
class Listing:
    """One list. `may_read` says who may open its page.

    `columns` is empty where an export of the same rows is declared elsewhere and has them. `words` tells the filters in
    force to somebody who is to decide on a file. `prepare` gives the rows of one piece what their columns need, in a
    constant number of statements. `names_nobody`: no row leads to a person or to one complaint.

    `understands` says whether every filter of an address narrows the rows as written; a list that doesn't declare it
    has no filters. `of_one_page` are the parameters that say nothing of the rows.
    """

    name: str
    label: Words
    found: Callable[[QueryDict, Actor, datetime], Found]
    may_read: Callable[[Actor], bool]
    columns: tuple[Column, ...] = ()
    words: Callable[[QueryDict, Actor, datetime], Iterable[str]] = lambda asked, actor, at: as_written(asked)
    prepare: Callable[[list[Any], Actor, datetime], list[Any]] = lambda rows, actor, at: rows
    names_nobody: bool = False
    understands: Callable[[QueryDict, Actor, datetime], bool] = lambda asked, actor, at: not asked
    of_one_page: tuple[str, ...] = OF_ONE_PAGE

    def for_file(self, asked: QueryDict, actor: Actor, at: datetime) -> Found:
        """What the page shows; raises NotUnderstood where the page would leave a filter out."""
        if not self.understands(asked, actor, at):
            raise NotUnderstood
        return self.found(asked, actor, at)


LISTINGS: Registry[Listing] = Registry("list")


class FileLink(NamedTuple):
    """A link to a list as a file."""

    label: Words
    url: str
    of: Words


LINKS: list[Callable[[Listing, Request], Iterable[FileLink]]] = []
"""What the app that makes files offers this person below a list."""


def page_of(listing: Listing, request: Request, **paging: Any) -> Page:
    """A page of the list, with the links to its files if there is anything in it."""
    found = listing.found(request.GET, request.actor, request.at)
    page = page_by_key(found.rows, found.keys, request, **paging)
    return with_files(page, listing, request)


def with_files(page: Page, listing: Listing, request: Request) -> Page:
    """The page with the links to the list's files."""
    page.files = files_of(listing, request) if page.rows else []
    return page


def files_of(listing: Listing, request: Any) -> list[FileLink]:
    """The links to the list's files that this person is offered."""
    return [link for offer in LINKS for link in offer(listing, request)]


def asked_in(given: QueryDict, listing: Listing) -> QueryDict:
    """The filters of an address without what is of one page, and without what was left empty."""
    asked = QueryDict(mutable=True)
    for name, values in given.lists():
        kept = [value for value in values if value]
        if kept and name not in listing.of_one_page:
            asked.setlist(name, kept)
    return asked


def as_written(asked: QueryDict) -> Iterator[str]:
    """The filters as the address writes them."""
    yield from (f"{name}={value}" for name, values in asked.lists() for value in values)


def knows(asked: QueryDict, names: Iterable[str], /, **choices: Container[str]) -> bool:
    """Whether an address has no other parameters than these, and of those with choices only one of them."""
    given = {name: asked.get(name, "") for name in asked}
    return {*given} <= {*names, *choices} and all(given[name] in choices[name] for name in {*given} & {*choices})


def is_clean(form: BaseForm, asked: QueryDict, /, *, besides: Iterable[str] = (), **choices: Container[str]) -> bool:
    """Whether an address has nothing but fields of the form, each understood, and these other parameters."""
    return not form.errors and knows(asked, (*form.fields, *besides), **choices)


def open_or_everything(asked: QueryDict) -> str:
    """Which half of a list of open matters an address asks for (`?all=1`)."""
    return _("全部") if "all" in asked else _("未结束")


def words_of(form: BaseForm) -> Iterator[str]:
    """The filters of a form that were given and understood, each by its label."""
    for name, value in form.cleaned_data.items():
        field: Any = form.fields[name]
        if value is True:
            yield str(field.label)
        elif value:
            said = dict(getattr(field, "choices", ()) or ()).get(value, value)
            yield _("%(field)s：%(value)s") % {"field": field.label, "value": said}


def keys_of(found: Found, most: int) -> list[int]:
    """The keys of the rows in the list's order, read at once and therefore as of one instant; one more than `most`, if
    there are more.
    """
    return list(found.rows.order_by(*found.keys).values_list("pk", flat=True)[: most + 1])


def in_pieces(
    listing: Listing, rows: QuerySet[Any], keys: Sequence[int], actor: Actor, at: datetime
) -> Iterator[list[Any]]:
    """The rows of these keys in their order, piece by piece: no cursor stays open, and no row of an earlier piece stays
    in memory. What the person may no longer see is left out.
    """
    for first in range(0, len(keys), AT_ONCE):
        piece = keys[first : first + AT_ONCE]
        there = {row.pk: row for row in rows.order_by().filter(pk__in=piece)}
        yield listing.prepare([there[key] for key in piece if key in there], actor, at)
