"""Lists as files: by which door each leaves the house, and what an export of one holds.

A list whose rows lead to nobody is streamed at once. All others leave as exports do: asked for, with the list's filters
in force, approved by another person, written by the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.permissions import Actor, may_look_beyond
from accountability.security.masking import mask_text
from accountability.web.listings import LISTINGS, FileLink, Listing, asked_in, in_pieces, keys_of
from accountability.web.request import Request
from assessment.exports.kinds import KINDS, Kind, Scope
from assessment.models import Export, What
from assessment.permissions import may_have
from complaints.dossier.customer import texts_of

KIND_OF: dict[str, What] = {
    "complaints": What.COMPLAINTS,
    "cases": What.CASES,
    "case-records": What.CASES,
    "rule_readings": What.READINGS,
    "access_log": What.ACCESS_LOG,
    "accesslog-records": What.ACCESS_LOG,
    "ledgerentry-records": What.LEDGER,
}
"""Lists of what there is an export of already: they have its columns, its masks and its permission."""

LONGEST_QUERY = 1000


@dataclass(frozen=True, kw_only=True)
class ListKind(Kind):
    """An export of a list: the rows that its page shows with these filters, in the page's order. Raises NotUnderstood
    for a filter that the page would leave out.
    """

    listing: Listing

    def found(self, scope: Scope, actor: Actor, at: datetime) -> QuerySet[Any]:
        found = self.listing.for_file(QueryDict(scope.asked), actor, at)
        return self.joined(found.rows.order_by(*found.keys))

    def read(self, scope: Scope, actor: Actor, at: datetime, most: int) -> Iterator[Any]:
        found = self.listing.for_file(QueryDict(scope.asked), actor, at)
        keys = keys_of(found, most)
        for piece in in_pieces(self.listing, self.joined(found.rows), keys, actor, at):
            yield from piece


def what_of(listing: Listing) -> What:
    """The kind of export that the list is."""
    return KIND_OF.get(listing.name, What.LIST)


def kind_of(what: str, listing: str) -> Kind | None:
    """What an export of this kind holds; None for a list that isn't of this kind or doesn't exist."""
    if not listing:
        return KINDS.get(what)
    known = LISTINGS.get(listing)
    if known is None or what_of(known) != what:
        return None
    same = KINDS.get(what)
    if same is not None:
        return ListKind(same.rows, same.columns, joined=same.joined, listing=known)
    return ListKind(lambda actor, at: known.found(QueryDict(), actor, at).rows, known.columns, listing=known)


class Gone(Exception):
    """An export is of a list that this release doesn't have, or has as an export of another kind."""


def kind_of_export(export: Export) -> Kind:
    """What the export holds. Raises Gone if there is no such list any more."""
    kind = kind_of(export.what, export.listing)
    if kind is None:
        raise Gone(f"{export.what} {export.listing}")
    return kind


def may_export(what: str, listing: str, actor: Actor) -> bool:
    """Whether this person may ask for such an export."""
    return kind_of(what, listing) is not None and may_have(Export(what=what, listing=listing), actor)


def words_of_list(listing: str, asked: str, actor: Actor, at: datetime) -> str:
    """The filters as this person's list understands them; masked, since anybody may have typed them. Raises
    NotUnderstood for one that the list would leave out.
    """
    given = QueryDict(asked)
    LISTINGS[listing].for_file(given, actor, at)
    return mask_text("、".join(LISTINGS[listing].words(given, actor, at)))


def words_of_export(export: Export) -> str:
    """The filters of a list as its requester asked for them, for whoever decides."""
    texts = texts_of(export.reason)
    return mask_text(texts.get("words", "")) or _("全部") if "reason" in texts else _("不再保存")


def links_of(listing: Listing, request: Request) -> Iterable[FileLink]:
    """The two links below a list: to its file, or to the request for it."""
    for form in (Export.Format.CSV, Export.Format.XLSX):
        if listing.names_nobody:
            query = asked_in(request.GET, listing).urlencode()
            yield FileLink(form.upper(), f"{reverse('list_file', args=[listing.name, form])}?{query}", listing.label)
        elif may_look_beyond(request.actor) and may_export(what_of(listing), listing.name, request.actor):
            told = {"what": what_of(listing), "format": form, "listing": listing.name}
            query = urlencode(told | {"asked": asked_in(request.GET, listing).urlencode()})
            label = ASK_CSV if form == Export.Format.CSV else ASK_XLSX
            yield FileLink(label, f"{reverse('begin_export')}?{query}", listing.label)


ASK_CSV, ASK_XLSX = gettext_lazy("申请导出 CSV"), gettext_lazy("申请导出 XLSX")
