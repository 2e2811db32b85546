"""The search index: the words that acts wrote down, stored next to the ledger, masked.

The apps say which kinds of matter are indexed, and how they are masked. No customer's name or number is in it: every
name and number that any entry of the matter gave is masked, corrected ones as well as the present.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accountability.db.sql import Later, insert, locked, rows
from accountability.gate.act import Act
from accountability.models import LedgerEntry, Matter, PersonalData, SearchText, bigrams, fold

OF_THE_CUSTOMER = ("customer", "phone")
"""Texts that are never indexed, whatever the kind: a blind index finds them."""


@dataclass(frozen=True)
class Searched:
    """How one kind of matter is indexed. `mask(text, name, number)` masks every number, and this customer's name;
    `words` turns an act's texts into what its readers are shown. `intakes` are the kinds of sealed rows that may name a
    customer. For matters without a customer of their own, `about` gives the matters whose customers they may name;
    `citing` is the reverse: the matters that may name the customers of these.
    """

    mask: Callable[[str, str, str], str]
    words: Callable[[str, dict[str, str]], Iterable[str]]
    intakes: tuple[str, ...] = ()
    about: Callable[[Collection[int]], Mapping[int, Collection[int]]] | None = None
    citing: Callable[[Collection[int]], Collection[int]] | None = None


SEARCHED: dict[str, Searched] = {}
"""By kind of matter; each app sets its own in `ready()`."""

Customers = set[tuple[str, str]]


def keep_texts(acts: Iterable[Act]) -> None:
    """Runs when the acts' rows and entries are inserted: one insert, and one query for the customers of existing
    matters. A changed customer or erased texts cost a few more queries: then the words of the matter are indexed again,
    and with a customer's new name those of the matters that cite it too.
    """
    acts = [act for act in acts if act.matter.kind in SEARCHED]
    renamed = [act.matter.pk for act in acts if _renames(act)]
    anew = {act.matter.pk: act.matter for act in acts if _erases(act) or _renames(act)} | _citing(renamed)
    if anew:
        forget(anew)
        keep_again(list(anew.values()))
    told = [act for act in acts if act.said and act.matter.pk not in anew]
    customers = _customers(told)
    insert([
        row for act in told if act.matter.pk in customers
        for entry, texts in act.said if (row := _row(act.matter, entry, texts, customers[act.matter.pk]))
    ])  # fmt: skip


def _erases(act: Act) -> bool:
    """Whether the act erased what somebody wrote; the words of papers aren't indexed here."""
    watched = (thing for thing, _before in act.changes.watched)
    return any(isinstance(thing, PersonalData) and thing.sealed is None and thing.kind != "paper" for thing in watched)


def _renames(act: Act) -> bool:
    """Whether the act gives an existing matter another name or number."""
    if act.is_first:
        return False
    made = (thing for thing in act.changes.made if isinstance(thing, PersonalData))
    return any(row.kind in SEARCHED[act.matter.kind].intakes for row in made)


def _citing(ids: Collection[int]) -> dict[int, Matter]:
    """The matters whose words may name the customers of these. One that another act has locked is left to that act."""
    if not ids:
        return {}
    found = {pk for searched in SEARCHED.values() if searched.citing is not None for pk in searched.citing(ids)}
    skip = connection.features.has_select_for_update_skip_locked
    return locked(Matter, sorted(found), skip_locked=skip) if found else {}


def _customers(acts: Sequence[Act]) -> dict[int, Customers]:
    """By matter, the customers that its texts may name; a matter whose customer was erased is left out."""
    fresh = [act for act in acts if act.is_first and SEARCHED[act.matter.kind].about is None]
    new = {act.matter.pk: _named(texts for _entry, texts in act.said) for act in fresh}
    matters = [act.matter for act in acts if act.matter.pk not in new]
    return new | _known_customers(matters, _sealed_of(acts) if acts else None)


def ask_customers(acts: list[Act]) -> None:
    """Runs before papers are composed, which read customers too: one statement reads both."""
    told = [act for act in acts if act.said and act.matter.kind in SEARCHED]
    if told:
        _sealed_of(told)


def _sealed_of(acts: Sequence[Act]) -> Later[PersonalData]:
    """The rows that may name the customers of these matters, asked for once in a batch."""
    batch, ids = acts[0].batch, {act.matter.pk for act in acts if not act.is_first}
    asked: Later[PersonalData] = batch.once(
        f"customers of {sorted(ids)}", lambda _ids: batch.together.rows(PersonalData, matter_id=ids, kind=_intakes())
    )
    return asked


def _intakes() -> set[str]:
    return {kind for searched in SEARCHED.values() for kind in searched.intakes}


def _known_customers(matters: Sequence[Matter], sealed: Later[PersonalData] | None = None) -> dict[int, Customers]:
    """`sealed`: their own rows, if they are asked for already; they aren't those of matters that name others'."""
    about = _about(matters)
    found: dict[int, list[dict[str, str]]] = {pk: [] for named in about.values() for pk in named}
    erased = set()
    own = sealed is not None and found.keys() <= {matter.pk for matter in matters}
    for row in sealed() if own and sealed else rows(PersonalData, matter_id=found, kind=_intakes()):
        if row.matter_id not in found:
            continue
        if row.sealed is None:
            erased.add(row.matter_id)
        else:
            found[row.matter_id].append(row.opened)
    return {
        pk: _named(texts for other in named for texts in found[other])
        for pk, named in about.items() if not erased.intersection(named)
    }  # fmt: skip


def _about(matters: Sequence[Matter]) -> dict[int, Collection[int]]:
    """By matter, the matters whose customers its words may name: itself, unless its kind has no customers."""
    by_kind: dict[str, list[int]] = {}
    for matter in matters:
        by_kind.setdefault(matter.kind, []).append(matter.pk)
    found: dict[int, Collection[int]] = {}
    for kind, ids in by_kind.items():
        about = SEARCHED[kind].about
        found |= {pk: (pk,) for pk in ids} if about is None else dict.fromkeys(ids, ()) | dict(about(ids))
    return found


def _named(several: Iterable[dict[str, str]]) -> Customers:
    return {(texts.get("customer", ""), texts.get("phone", "")) for texts in several} - {("", "")} or {("", "")}


def _row(matter: Matter, entry: LedgerEntry, texts: dict[str, str], customers: Customers) -> SearchText | None:
    searched = SEARCHED[matter.kind]
    own = {name: text for name, text in texts.items() if name not in OF_THE_CUSTOMER}
    text = "\n".join(word for word in searched.words(entry.verb, own) if word)
    # Masked before and after folding: a name may be in full-width letters in one place and in half-width ones in
    # another.
    for name, phone in sorted(customers, reverse=True):
        text = searched.mask(text, name, phone) if text else ""
    text = fold(text)
    for name, phone in sorted(customers, reverse=True):
        text = searched.mask(text, fold(name), phone) if text else ""
    return SearchText(entry=entry, matter=matter, kind=matter.kind, text=text, terms=bigrams(text)) if text else None


def forget(matter_ids: Collection[int]) -> None:
    """Remove these matters from the index, for code that erases texts outside an act."""
    SearchText.objects.filter(matter__in=list(matter_ids)).delete()


def keep_again(matters: Sequence[Matter]) -> int:
    """Index these matters, none of which is indexed now, from their sealed texts; return how many entries."""
    customers = _known_customers(matters)
    by_pk = {matter.pk: matter for matter in matters if matter.pk in customers}
    entries = [entry for entry in rows(LedgerEntry, matter_id=by_pk) if entry.texts_id is not None]
    sealed = _unsealed({entry.texts_id for entry in entries})
    made = [
        _row(by_pk[entry.matter_id], entry, sealed[entry.texts_id], customers[entry.matter_id])
        for entry in entries if entry.texts_id in sealed
    ]  # fmt: skip
    kept = [row for row in made if row is not None]
    insert(kept)
    return len(kept)


def _unsealed(keys: set[Any]) -> dict[Any, dict[str, str]]:
    found = rows(PersonalData, id=keys)
    return {row.pk: row.opened for row in found if row.sealed}
