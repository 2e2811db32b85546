"""Changes the keys of sealed data while people work: `manage.py rotate_keys`.

Each app registers its sealed bytes here, a column or files; the command seals each value again with the newest key. It
keeps no progress: values sealed with the newest key are skipped, so it may be interrupted and run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import models, transaction

from accountability.models import Attachment, Authenticator, PaperFile, PersonalData, Preferences, WebhookEndpoint
from accountability.models.matters import blind_index
from accountability.security import file_store
from accountability.security.encryption import bound_to_file, bound_to_row, key_of, sealed_anew

AT_A_TIME = 500

Bound = Callable[[Any], bytes]


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed bytes; `bound(row)` gives the data they are authenticated with (`bound_to_row` …)."""

    name: str
    model: type[models.Model]
    column: str
    bound: Bound

    def rows(self, after: Any) -> list[Any]:
        filled = self.model._base_manager.filter(**{f"{self.column}__isnull": False})
        return list((filled if after is None else filled.filter(pk__gt=after)).order_by("pk")[:AT_A_TIME])

    def key_of(self, row: Any) -> int | None:
        return _key_of(getattr(row, self.column), self.bound(row))

    def renew(self, row: Any) -> bool:
        """Compare and swap: a row that somebody changed or erased meanwhile stays as they left it. They sealed it with
        the newest key; if not, the next run finds it.
        """
        before = getattr(row, self.column)
        after = sealed_anew(before, self.bound(row))
        if after is None:
            return False
        same = self.model._base_manager.filter(pk=row.pk, **{self.column: before})
        return bool(same.update(**{self.column: after}))


@dataclass(frozen=True)
class SealedFiles:
    """Files in the vault, named by a row's `place`. `kept` selects the rows that still have their file."""

    name: str
    model: type[models.Model]
    bound: Bound
    kept: models.Q
    joined: tuple[str, ...] = ()

    def rows(self, after: Any) -> list[Any]:
        filled = self._kept().filter(place__isnull=False)
        return list((filled if after is None else filled.filter(pk__gt=after)).order_by("pk")[:AT_A_TIME])

    def _kept(self) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(self.kept).select_related(*self.joined)

    def key_of(self, row: Any) -> int | None:
        try:
            return _key_of(file_store.get(row.place), self.bound(row))
        except FileNotFoundError:
            return None

    def renew(self, row: Any) -> bool:
        """Replace the file in place, under the row's lock: an erasure waits, and then deletes the replaced file."""
        with transaction.atomic():
            held = self._kept().select_for_update(of=("self",)).filter(pk=row.pk, place=row.place).first()
            if held is None:
                return False
            try:
                after = sealed_anew(file_store.get(held.place), self.bound(held))
            except FileNotFoundError:
                return False
            if after is not None:
                file_store.replace(held.place, after)
            return after is not None


Keeper = SealedColumn | SealedFiles

KEEPERS: dict[str, Keeper] = {}
"""By name. An app with sealed bytes of its own adds them in its `ready()`."""


def keep(*keepers: Keeper) -> None:
    KEEPERS.update({keeper.name: keeper for keeper in keepers})


keep(
    SealedColumn("texts", PersonalData, "sealed", lambda row: bound_to_row(row.matter_id, row.kind, row.pk)),
    SealedColumn("addresses", Preferences, "sealed", lambda row: bound_to_row(0, "addresses", row.pk)),
    SealedColumn("authenticators", Authenticator, "sealed", lambda row: bound_to_file(str(row.pk), "authenticator")),
    SealedColumn("webhooks", WebhookEndpoint, "sealed", lambda row: bound_to_file(row.token, "webhook")),
    SealedColumn("names of files", Attachment, "sealed", lambda row: bound_to_file(row.token, "name")),
    SealedFiles(
        "files", Attachment, lambda row: bound_to_file(row.token, "content"), models.Q(erased_at__isnull=True)
    ),
    SealedFiles(
        "papers", PaperFile, lambda row: bound_to_file(row.paper.token, row.sealed_as),
        models.Q(made_at__isnull=False, paper__content__sealed__isnull=False), ("paper",),
    ),
)  # fmt: skip


def _key_of(sealed: Any, bound: bytes) -> int | None:
    try:
        return key_of(sealed, bound)
    except InvalidTag:
        return None


def _all(keeper: Any) -> Iterator[Any]:
    last = None
    while found := keeper.rows(last):
        yield from found
        last = found[-1].pk


# What the command does


def renew(keeper: Keeper) -> tuple[int, int, list[int]]:
    """How many values were sealed again, how many were looked at, and the primary keys of the rows that no key
    opens.
    """
    renewed, seen, closed = 0, 0, []
    for row in _all(keeper):
        seen += 1
        try:
            renewed += keeper.renew(row)
        except InvalidTag:
            closed.append(row.pk)
    return renewed, seen, closed


def opened_by(keeper: Keeper) -> Counter[int | None]:
    """How many values each key opens, by its place among PERSONAL_DATA_KEYS; None: no key opens it, or its file is
    gone.
    """
    return Counter(keeper.key_of(row) for row in _all(keeper))


DIGESTS = tuple(blind_index({}))


def index_anew() -> tuple[int, int]:
    """Compute every digest again with the present BLIND_INDEX_KEY. Return how many rows changed and how many were
    looked at.

    While the previous key is in BLIND_INDEX_KEY_OLD, searches use both. Rows erased meanwhile get no digest: the swap
    compares the digests too.
    """
    renewed = seen = 0
    for row in _with_digests():
        seen += 1
        after = blind_index(row.opened)
        before = {name: getattr(row, name) for name in DIGESTS}
        if after != before:
            renewed += PersonalData.objects.filter(pk=row.pk, sealed__isnull=False, **before).update(**after)
    return renewed, seen


def _with_digests() -> Iterator[PersonalData]:
    some = models.Q()
    for name in DIGESTS:
        some |= ~models.Q(**{name: ""})
    last = 0
    while found := list(
        PersonalData.objects.filter(some, sealed__isnull=False, pk__gt=last).order_by("pk")[:AT_A_TIME]
    ):
        yield from found
        last = found[-1].pk


def keys_known() -> int:
    return len(settings.PERSONAL_DATA_KEYS)
