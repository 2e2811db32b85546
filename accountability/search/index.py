"""The search index: the words that acts wrote down, stored next to the ledger, masked.

The apps say which kinds of matter are indexed, and how they are masked. No customer's name or number is in it: every
name and number that any entry of the matter gave is masked, corrected ones as well as the present.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from accountability.db.sql import Through, Together, locked, rows
from accountability.db.writing import insert
from accountability.gate.act import Act
from accountability.models import LedgerEntry, Matter, PersonalData, SearchText, bigrams, fold
from accountability.models.search import number_of

OF_THE_CUSTOMER = ("customer", "phone")
"""Texts that are never indexed, whatever the kind: a blind index finds them."""


@dataclass(frozen=True)
class Cites:
    """`citing` and `cited` are the columns of the two matters."""

    model: type[models.Model]
    citing: str
    cited: str


@dataclass(frozen=True)
class Searched:
    """How one kind of matter is indexed. `mask(text, name, number)` masks every number, and this customer's name;
    `words` turns an act's texts into what its readers are shown. `intakes` are the kinds of sealed rows that may name a
    customer. For matters without a customer of their own, each row of the model in `cites` says of which other matter
    one may name the customers.
    """

    mask: Callable[[str, str, str], str]
    words: Callable[[str, dict[str, str]], Iterable[str]]
    intakes: tuple[str, ...] = ()
    cites: Cites | None = None


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
    found = {
        getattr(row, cites.citing)
        for searched in SEARCHED.values() if (cites := searched.cites)
        for row in rows(cites.model, **{cites.cited: ids})
    }  # fmt: skip
    skip = connection.features.has_select_for_update_skip_locked
    return locked(Matter, sorted(found), skip_locked=skip) if found else {}


def _customers(acts: Sequence[Act]) -> dict[int, Customers]:
    """By matter, the customers that its texts may name; a matter whose customer was erased is left out."""
    return _told_first(acts) | (_asked_of(acts)() if acts else {})


def _told_first(acts: Iterable[Act]) -> dict[int, Customers]:
    """What the first act on a matter with customers of its own tells of them."""
    fresh = [act for act in acts if act.is_first and SEARCHED[act.matter.kind].cites is None]
    return {act.matter.pk: _named(texts for _entry, texts in act.said) for act in fresh}


def ask_customers(acts: list[Act]) -> None:
    """Runs before papers are composed, which read customers too: one statement reads both."""
    told = [act for act in acts if act.said and act.matter.kind in SEARCHED]
    if told:
        _asked_of(told)


Found = Callable[[], dict[int, Customers]]


def _asked_of(acts: Sequence[Act]) -> Found:
    """The customers of the other matters, asked for once in a batch."""
    batch, first = acts[0].batch, _told_first(acts)
    matters = {act.matter.pk: act.matter for act in acts if act.matter.pk not in first}
    asked: Found = batch.once(
        f"customers of {sorted(matters)}", lambda _ids: _known_customers(list(matters.values()), batch.together)
    )
    return asked


def _known_customers(matters: Sequence[Matter], together: Together) -> Found:
    """To be read with what else is asked for: the customers of these matters, or of those that they cite."""
    intakes = {kind for searched in SEARCHED.values() for kind in searched.intakes}
    about = {matter.pk: [matter.pk] for matter in matters if SEARCHED[matter.kind].cites is None}
    sealed, links = [together.rows(PersonalData, matter_id=about, kind=intakes)], []
    for cites in {SEARCHED[matter.kind].cites for matter in matters} - {None}:
        assert cites is not None
        ids = {matter.pk for matter in matters if SEARCHED[matter.kind].cites == cites}
        links.append((cites, ids, together.rows(cites.model, **{cites.citing: ids})))
        cited = Through(cites.model, cites.cited, cites.citing, ids)
        sealed.append(together.rows(PersonalData, matter_id=cited, kind=intakes))

    def found() -> dict[int, Customers]:
        named = {pk: list(ids) for pk, ids in about.items()}
        for cites, ids, asked in links:
            named |= {pk: [] for pk in ids}
            for row in asked():
                named[getattr(row, cites.citing)].append(getattr(row, cites.cited))
        given: dict[int | None, list[PersonalData]] = {}
        for one in {one.pk: one for asked in sealed for one in asked()}.values():
            given.setdefault(one.matter_id, []).append(one)
        rows_of = {pk: [one for other in others for one in given.get(other, ())] for pk, others in named.items()}
        return {
            pk: _named(one.opened for one in several)
            for pk, several in rows_of.items() if all(one.sealed is not None for one in several)
        }  # fmt: skip

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
    terms = [number_of(entry.verb), *bigrams(text)]
    return SearchText(entry=entry, matter=matter, kind=matter.kind, text=text, terms=terms) if text else None


def forget(matter_ids: Collection[int]) -> None:
    """Remove these matters from the index, for code that erases texts outside an act."""
    SearchText.objects.filter(matter__in=list(matter_ids)).delete()


def keep_again(matters: Sequence[Matter]) -> int:
    """Index these matters, none of which is indexed now, from their sealed texts; return how many entries."""
    customers = _known_customers(matters, Together())()
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
