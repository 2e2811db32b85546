"""What was written, to be searched: the masked words of each act beside the ledger, never a raw one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import connection, models
from django.db.models import Q

from accountability.models.matters import LedgerEntry, Matter

LEAST = 2
"""Signs a term must have: Chinese words have two, and the index holds pairs of signs."""


def fold(text: str) -> str:
    """Letters and digits in their plain form (NFKC), as whoever searches types them: ＶｏＬＴＥ is VoLTE, ② is 2.

    Punctuation stays as it was written, since these words are shown to readers too.
    """
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    return plain if plain.isalnum() else sign


def bigrams(text: str) -> list[str]:
    """Every pair of neighbouring signs in it, each once; those with a blank tell nothing and are left out."""
    text = text.lower()
    pairs = {text[place : place + LEAST] for place in range(len(text) - 1)}
    return sorted(pair for pair in pairs if not any(sign.isspace() for sign in pair))


class Tokens(models.Field):
    """A list of short texts: an array on PostgreSQL, where a GIN index finds the rows that hold some of them.

    Elsewhere nothing searches it, so nothing is stored.
    """

    def db_type(self, connection: Any) -> str:
        return "text[]" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return list(value) if connection.vendor == "postgresql" else ""


@Tokens.register_lookup
class Hold(models.Lookup):
    """`terms__hold=[…]`: the row has all of them."""

    lookup_name = "hold"

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} @> %s::text[]", (*values, list(self.rhs))


class SearchTextQuerySet(models.QuerySet["SearchText"]):
    def with_any(self, terms: Iterable[str]) -> SearchTextQuerySet:
        """The rows in which one of the terms stands. On PostgreSQL the index finds where it can; that the signs follow
        one another is for the text itself to say.
        """
        where = Q(pk__in=[])
        for term in terms:
            where |= self._has(term)
        return self.filter(where)

    @staticmethod
    def _has(term: str) -> Q:
        stands = Q(text__icontains=term)
        pairs = bigrams(term) if connection.vendor == "postgresql" else []
        return Q(terms__hold=pairs) & stands if pairs else stands


class SearchText(models.Model):
    """The words of one ledger entry as its readers see them: numbers masked, and the customer's own name.

    Written by the act that wrote the entry. It can be thrown away and made anew (`manage.py reindex_search`), and goes
    when the texts it was made from are erased.
    """

    entry = models.OneToOneField(LedgerEntry, models.PROTECT, primary_key=True, related_name="search_text")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    text = models.TextField()
    terms = Tokens()

    objects = SearchTextQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.entry_id}"


def index_terms(connection: Any) -> None:
    """PostgreSQL finds a row by the pairs of signs in its words; no other database can. Doing it twice is harmless."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS search_by_terms ON {SearchText._meta.db_table} USING gin (terms)"
            )
