"""The table for full-text search: the masked words of each ledger entry, never the raw ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from zlib import crc32

from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan

from accountability.db.number_list import NumberList
from accountability.models.matters import LedgerEntry, Matter

LEAST = 2
"""The least number of characters of a search term: Chinese words have two, and the index contains pairs."""


def fold(text: str) -> str:
    """The text with letters and digits in plain form (NFKC), as people type them: ＶｏＬＴＥ becomes VoLTE, ② 2.

    Punctuation stays as written, because the text is also shown to readers.
    """
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    return plain if plain.isalnum() else sign


def bigrams(text: str) -> list[int]:
    """Every pair of adjacent characters, each once, as the number `pair` gives it; none that contains a space."""
    text = text.lower()
    pairs = {text[place : place + LEAST] for place in range(len(text) - 1)}
    return sorted(pair(*found) for found in pairs if not any(sign.isspace() for sign in found))


def pair(first: str, second: str) -> int:
    """Two characters as a signed number of 32 bits, which takes a third of the space of a text in an array.

    Nearly all characters have 16 bits, and such a pair has a number of its own. Those beyond share the 2,048 numbers
    that no character has (surrogates): `is_exact` tells of a term that it has one, and the text must be compared.
    """
    return (_sixteen(first) << 16 | _sixteen(second)) - 2**31


def number_of(verb: str) -> int:
    """What stands among a text's pairs for the verb of its entry: a pair with NUL, which no form takes."""
    return pair("\0", chr(crc32(verb.encode()) & 0xFFFF))


def of_verbs(verbs: Iterable[str]) -> Q:
    """Texts of entries of these verbs. The entry says which it is; on PostgreSQL the index of pairs leaves out the
    others, or a frequent word would be looked up in the entry of every text that has it.
    """
    known = sorted(verbs)
    own = Q(entry__verb__in=known)
    return own & Q(terms__meet=[number_of(verb) for verb in known]) if connection.vendor == "postgresql" else own


def _sixteen(sign: str) -> int:
    number = ord(sign)
    return number if number < 2**16 else 0xD800 | number & 0x7FF


def is_exact(term: str) -> bool:
    """The term is one pair, whose number no other pair has."""
    signs = term.lower()
    return len(signs) == LEAST and all(ord(sign) < 2**16 for sign in signs)


class SearchTextQuerySet(models.QuerySet["SearchText"]):
    def with_any(self, terms: Iterable[str]) -> SearchTextQuerySet:
        """The rows whose text contains one of the terms. On PostgreSQL the index narrows them down; the text is then
        compared, because the index doesn't know the order of the pairs.
        """
        where = Q(pk__in=[])
        for term in terms:
            where |= self._has(term)
        return self.filter(where)

    @staticmethod
    def _has(term: str) -> Q:
        pairs = bigrams(term) if connection.vendor == "postgresql" else []
        if not pairs:
            return Q(text__icontains=term)
        holds = Q(terms__hold=pairs)
        return holds if is_exact(term) else holds & Q(stands_in(term))


def stands_in(term: str) -> GreaterThan:
    """The text contains the term, however written. As PostgreSQL's planner takes a pattern for one row in thousands,
    and of a frequent word then sorts them all, it is told the place instead.
    """
    return GreaterThan(StrIndex(Upper("text"), Upper(Value(term))), 0)


class SearchText(models.Model):
    """The words of one ledger entry as its readers see them: numbers and the customer's name are masked.

    The act that writes the entry writes this row too. Rows can be deleted and made again (`manage.py reindex_search`);
    they are deleted when the texts that they were made from are erased.
    """

    entry = models.OneToOneField(LedgerEntry, models.PROTECT, primary_key=True, related_name="search_text")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    text = models.TextField()
    terms = NumberList()

    objects = SearchTextQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.entry_id}"
