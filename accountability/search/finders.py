"""Searching: parses what was typed, runs the finders, and ranks and excerpts the matching texts.

Each kind of thing has a finder; the apps add theirs in `ready()`. A finder searches only what its reader may see, so
that neither a hit, nor a page's end, nor the lack of a hit reveals anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import fetched, fetched_again
from accountability.documents.kinds import KINDS
from accountability.documents.reading import readable, with_marks
from accountability.models import LEAST, Matter, Paper, SearchText, Unit, fold
from accountability.models.search import SearchTextQuerySet
from accountability.permissions import Actor
from accountability.security.encryption import digests, normal_phone
from accountability.web.request import Page, Request, page_by_key, page_of_list
from accountability.web.standing_statements import Word, standing_statements

LONGEST = 60
MOST_TERMS = 5
MOST_LOOKED_AT = 1000
"""Texts or papers looked at per search, the newest first: a frequent word must not read everything."""

MOST_KEYS = 1000
"""Of more rows than these the keys aren't read; the next statement has the query for them."""

AROUND = 36
"""Characters of a text shown before the first match, and twice as many after it."""

Row = TypeVar("Row")

_BRACKETS = str.maketrans(dict(zip("[](){}（）【】", "〔〕" * 5, strict=True)) | {" ": ""})
"""What may be typed for the six-corner brackets of 发文字号."""


_NUMBER = re.compile(r"[A-Z]{2}[0-9]+(?:-[0-9A-Z]*)?")
_DIGITS = re.compile(r"[0-9]{4,6}")
_PHONE = re.compile(r"[+(（]?[0-9][0-9 ()（）－-]*")


def reference(typed: str) -> str:
    """The number of a letter as it is kept and looked for: half-width, without spaces, in six-corner brackets."""
    return fold(typed).translate(_BRACKETS)


def _known(name: str, values: tuple[str, ...]) -> Q:
    """The second condition repeats the first, so that every database uses its partial index of non-empty digests."""
    return Q(**{f"{name}__in": values}) & ~Q(**{name: ""})


def few(rows: QuerySet[Any, Row]) -> list[Row] | None:
    """The rows; None where there are more of them than MOST_KEYS."""
    read = list(rows.order_by()[: MOST_KEYS + 1])
    return read if len(read) <= MOST_KEYS else None


@dataclass(frozen=True)
class Query:
    """What somebody typed, in each of its possible readings."""

    text: str

    @classmethod
    def of(cls, typed: str) -> Query:
        """Fold full-width digits and letters to half-width ones, and normalise spaces."""
        return cls(" ".join(fold(typed).split()))

    @cached_property
    def number(self) -> str:
        """The number of a matter or sheet, or its beginning; empty where it can't be one."""
        text = self.text.replace(" ", "").upper()
        return text if _NUMBER.fullmatch(text) else ""

    @cached_property
    def digits(self) -> str:
        """The last digits of a matter's number: four to six, as no telephone number has."""
        return self.text if _DIGITS.fullmatch(self.text) else ""

    @cached_property
    def phone(self) -> str:
        """The digits of a telephone number, or its last four."""
        digits = normal_phone(self.text) if _PHONE.fullmatch(self.text) else ""
        return digits if len(digits) == len("1234") or len(digits) > len("123456") else ""

    @property
    def is_number(self) -> bool:
        """Whether a number was typed, of a matter or of a telephone, or its beginning or end."""
        return bool(self.number or self.phone or self.digits)

    def matters(self, kind: str) -> list[int] | None:
        """The keys of the matters of this kind whose number begins as typed; None where too many do. They are read once
        for all kinds: to plan what a list shows takes longer than to find no row of it.
        """
        return None if self._matters is None else [pk for pk, its in self._matters if its == kind]

    @cached_property
    def _matters(self) -> list[tuple[int, str]] | None:
        begins = Matter.objects.filter(number__startswith=self.number)
        return few(begins.values_list("pk", "kind")) if self.number else []

    def numbered(self, kind: str) -> Q | None:
        """For a query over what is of this kind: the same matters; None where there are none."""
        keys = self.matters(kind)
        if keys is None:
            return Q(matter__number__startswith=self.number)
        return Q(pk__in=keys) if keys else None

    def few_texts(self, kind: str, actor: Actor) -> list[int] | None:
        """The keys of the texts of this kind with one of the words, whoever may read them; None where there are many.
        Of a rare word these are asked who may read them, and nothing of a word that stands nowhere.
        """
        (asked,) = standing_statements(_with_terms, actor, actor.at, kind, MOST_KEYS + 1, *map(Word, self.terms))
        keys = [key for (key,) in fetched(asked)]
        return keys if len(keys) <= MOST_KEYS else None

    @property
    def is_whole_number(self) -> bool:
        """Whether a telephone number was typed, not only its last four digits, which readers see anyway."""
        return len(self.phone) > len("1234")

    @property
    def of_customer(self) -> Q:
        """For a query over sealed rows: those whose number or exact name was typed. The digests reveal neither."""
        if self.number:
            return Q(pk__in=[])
        if not self.phone:
            return _known("name_digest", digests("name", self.text))
        whole = _known("phone_digest", digests("phone", self.phone))
        is_last = len(self.phone) == len("1234")
        return whole | _known("last4_digest", digests("last4", self.phone)) if is_last else whole

    @cached_property
    def terms(self) -> list[str]:
        """The words to look for in texts, each once. A whole telephone number is in no text: it is masked there."""
        if self.is_whole_number:
            return []
        words = dict.fromkeys(word for word in self.text.split() if len(word) >= LEAST)
        return list(words)[:MOST_TERMS]


@dataclass(frozen=True)
class Finder:
    """One kind of thing to search for. `find(query, request, size)` gives a page of it, or None where the typed text
    can't mean one; `template` draws its rows, as `hits` or `lines`. `place` is its order on the page.
    `names_customers`: a search by words alone also finds it by a customer's exact name.
    """

    name: str
    label: Any
    template: str
    find: Callable[[Query, Request, int], Page | None]
    place: int
    names_customers: bool = False


FINDERS: dict[str, Finder] = {}

FOR_CALLERS: list[tuple[Callable[[Actor], bool], str]] = []
"""Where somebody may ask for a caller's own number instead: who may, and the template of the button, which posts
`number`.
"""


def add(
    name: str, label: Any, template: str, find: Callable[[Query, Request, int], Page | None], *, place: int,
    names_customers: bool = False,
) -> None:  # fmt: skip
    FINDERS[name] = Finder(name, label, template, find, place, names_customers)


def in_order() -> list[Finder]:
    return sorted(FINDERS.values(), key=lambda finder: finder.place)


# Texts


@dataclass(frozen=True)
class Hit:
    """A matter with a match in its texts: how many of the terms it has, and the entry that shows them best."""

    matter_id: int
    matched: int
    entry_id: int


@dataclass(frozen=True)
class Ranking:
    """The hits in order; `is_cut`: more texts match than were looked at."""

    hits: list[Hit]
    is_cut: bool


NO_HITS = Ranking([], is_cut=False)


Texts = Callable[[Actor], SearchTextQuerySet]
"""The texts that a person may read."""


def ranked(
    texts: Texts, actor: Actor, terms: Sequence[str], column: str = "", keys: Iterable[int] = (), *,
    by_word: bool = False,
) -> Ranking:  # fmt: skip
    """The matters of the newest of these texts with a term: those with the most terms first, then the newest. Of
    several terms the database says which ones a text has; a single one stands in all that were found. `column`: only
    texts that have one of the keys there. `by_word`: all texts with a term are found before they are put in order, for
    readers who may read few of them.

    The statement isn't prepared: the best way to the texts depends on how many of them have the words.
    """
    given = (texts, MOST_LOOKED_AT + 1, by_word, column, Keys.of(keys), *map(Word, terms))
    (asked,) = standing_statements(_newest_with_terms, actor, actor.at, *given)
    rows = fetched(asked)
    seen: dict[int, set[int]] = {}
    best: dict[int, tuple[int, int]] = {}
    for matter_id, entry_id, *found in rows[:MOST_LOOKED_AT]:
        matched = {place for place, stands in enumerate(found) if stands} if found else {0}
        seen.setdefault(matter_id, set()).update(matched)
        best[matter_id] = max(best.get(matter_id, (0, 0)), (len(matched), entry_id))
    hits = [Hit(matter_id, len(matched), best[matter_id][1]) for matter_id, matched in seen.items()]
    in_order = sorted(hits, key=lambda hit: (hit.matched, hit.matter_id), reverse=True)
    return Ranking(in_order, is_cut=len(rows) > MOST_LOOKED_AT)


def _with_terms(_actor: Actor, _at: datetime, kind: str, how_many: int, *terms: Word) -> list[QuerySet[Any, Any]]:
    return [SearchText.objects.filter(kind=kind).with_any(terms).order_by().values_list("pk")[:how_many]]


def _newest_with_terms(
    actor: Actor, _at: datetime, texts: Texts, how_many: int, by_word: bool, column: str, keys: Keys, *terms: Word
) -> list[QuerySet[Any, Any]]:
    which = {
        f"term_{place}": Case(
            When(text__icontains=term, then=Value(True)), default=Value(False), output_field=BooleanField()
        )
        for place, term in enumerate(terms if len(terms) > 1 else ())
    }
    # In an order that no index has PostgreSQL doesn't read the texts from the newest on.
    newest = (F("pk") + 0).desc() if by_word else "-pk"
    found = texts(actor).filter(OneOf(column, keys)) if column else texts(actor)
    in_order = found.with_any(terms).order_by(newest).annotate(**which)
    return [in_order.values_list("matter_id", "pk", *which)[:how_many]]


def page_of_hits(ranking: Ranking, request: Request, size: int, *, of: str = "texts") -> Page:
    page = page_of_list(ranking.hits, lambda hit: [-hit.matched, -hit.matter_id], request, of=of, size=size)
    page.is_cut = ranking.is_cut
    return page


Piece = tuple[str, bool]


def excerpts(entries: Iterable[int], terms: Sequence[str], actor: Actor) -> dict[int, list[Piece]]:
    """The text around the first match, by entry, in pieces: each with whether it matched. The template escapes and
    marks the pieces.
    """
    (asked,) = standing_statements(_texts_of, actor, actor.at, Keys.of(entries))
    return {pk: marked(text, terms) for pk, text in fetched_again(asked)}


def _texts_of(_actor: Actor, _at: datetime, entries: Keys) -> list[QuerySet[Any, Any]]:
    return [SearchText.objects.filter(OneOf("pk", entries)).order_by().values_list("pk", "text")]


def marked(text: str, terms: Sequence[str]) -> list[Piece]:
    longest_first = sorted(terms, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)
    first = pattern.search(text)
    start = max((first.start() if first else 0) - AROUND, 0)
    end = min((first.end() if first else 0) + 2 * AROUND, len(text))
    pieces: list[Piece] = [("…", False)] if start else []
    at = start
    for match in pattern.finditer(text, start, end):
        pieces += [(text[at : match.start()], False), (match.group(), True)]
        at = match.end()
    pieces += [(text[at:end], False)] + ([("…", False)] if end < len(text) else [])
    return [piece for piece in pieces if piece[0]]


# The finders of this app


def _units(query: Query, request: Request, size: int) -> Page | None:
    """Units by name or code: everybody may look units up (R17)."""
    if query.number or query.phone or not query.terms:
        return None
    where = Q(code__iexact=query.text)
    for term in query.terms:
        where |= Q(name__icontains=term)
    return page_by_key(Unit.objects.filter(where), ["code"], request, size=size)


@dataclass(frozen=True)
class FoundPaper:
    paper: Paper
    label: Any


def _papers(query: Query, request: Request, size: int) -> Page | None:
    """Issued papers by number or its beginning, as far as this person may read them."""
    begins = reference(query.text).upper()
    if query.phone or len(begins) < LEAST:
        return None
    (asked,) = standing_statements(_issued, request.actor, request.at, MOST_LOOKED_AT, Word(begins))
    issued = Paper.objects.filter(pk__in=[key for (key,) in fetched(asked)]).select_related("matter")
    papers = list(issued.order_by("-pk"))
    known = readable(papers, request.actor)
    shown = with_marks([paper for paper in papers if paper.pk in known and paper.kind in KINDS])
    rows = [FoundPaper(paper, KINDS[paper.kind].label) for paper in shown]
    return page_of_list(rows, lambda row: [-row.paper.pk], request, of="papers", size=size)


def _issued(_actor: Actor, _at: datetime, how_many: int, begins: Word) -> list[QuerySet[Any, Any]]:
    found = Paper.objects.filter(number__startswith=begins, issued_at__isnull=False)
    return [found.order_by("-pk").values_list("pk")[:how_many]]


def register() -> None:
    add("units", _("单位"), "accountability/search/parts/found_unit.html", _units, place=60)
    add("papers", _("文书"), "accountability/search/parts/found_paper.html", _papers, place=50)
