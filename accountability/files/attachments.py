"""Accepts files as drafts, claims them for acts, decides who may read them, and erases them.

A file is checked and sealed before the act runs, so that it isn't lost if the act is refused. Until an act claims it,
only its uploader can read it. Files that no act claims within a day are deleted.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from accountability.db.sql import locked
from accountability.files import inspection, scanner
from accountability.files.fields import GONE
from accountability.files.inspection import BadFile
from accountability.gate.act import Act, refuse_unless
from accountability.models import Attachment, Employee, PaperFile
from accountability.permissions import Actor
from accountability.security import file_store
from accountability.security.encryption import seal_bytes, unseal_bytes

NAMED: list[Callable[[Collection[str]], Iterable[str]]] = []
"""Functions of apps: which of these names in the file store their rows use. Other old files there are deleted."""

MAY_READ: dict[str, Callable[[Attachment, Actor], bool]] = {}
"""Who may read a file, by kind of matter; the app that owns the kind sets it in `ready()`. Nobody by default."""

KEPT_UNCLAIMED = timedelta(hours=24)
BATCH = 200


# Uploading


def new_token() -> str:
    """A random token of 192 bits that identifies a file in requests."""
    return secrets.token_urlsafe(24)


def take(name: str, content: bytes, *, by: Employee, at: datetime, kind: str, key: str | None = None) -> Attachment:
    """Accept a file as a draft. The same content with the same form `key` again returns the existing draft.

    Raises BadFile with a message that names the file.
    """
    with inspection.turn_of(by.pk, name):
        name, media_type = inspection.judge(name, content)
        scanner.demand_clean(name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    same = Attachment.objects.filter(uploaded_by=by, key=key, kind=kind, sha256=sha256)
    if key is not None and (known := same.first()):
        return known
    if drafts().filter(uploaded_by=by).count() >= settings.ATTACHMENT_DRAFTS_MOST:
        raise BadFile(_("“%(name)s”未收下：您还有过多未提交的文件，请先提交，或明日再试。") % {"name": name})
    token = new_token()
    place = file_store.put(seal_bytes(content, token=token, part="content"), at=at)
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                kind=kind, token=token, uploaded_by=by, uploaded_at=at, media_type=media_type, size=len(content),
                sha256=sha256, sealed=seal_bytes(name.encode(), token=token, part="name"), place=place, key=key,
            )  # fmt: skip
    except Exception as error:
        file_store.discard(place)
        # The second request of a double click, while the first was still writing.
        if isinstance(error, IntegrityError) and key is not None and (known := same.first()):
            return known
        raise


def drafts() -> models.QuerySet[Attachment]:
    return Attachment.objects.filter(matter=None, erased_at=None)


# In an act


def claim(act: Act, files: Iterable[Attachment], *, field_name: str | None = None) -> list[Attachment]:
    """Bind these drafts of the actor to the act's matter. Raises Refused for any other file.

    They are re-read under lock, so that acts on two matters can't both claim the same file.
    """
    assert act.actor is not None
    wanted = [file.pk for file in files]
    found = locked(Attachment, wanted)
    mine = [found[pk] for pk in wanted if pk in found and found[pk].uploaded_by_id == act.actor.pk]
    refuse_unless(len(mine) == len(wanted) and all(file.is_draft for file in mine), GONE, field_name)
    for file in mine:
        act.changes.watch(file)
        file.matter, file.claimed_at = act.matter, act.at
    return mine


def erase(act: Act, files: Iterable[Attachment]) -> None:
    """Erase the files' names and contents when the act is written. The rows, with size and digest, stay."""
    for file in locked(Attachment, [file.pk for file in files]).values():
        act.changes.watch(file)
        file.sealed, file.erased_at = None, file.erased_at or act.at
        transaction.on_commit(partial(file_store.discard, file.place))


# Reading


def may_read(file: Attachment, actor: Actor) -> bool:
    """Whether the person may read the file: only the uploader a draft; a claimed file whom its matter's kind allows."""
    if file.erased_at is not None:
        return False
    if file.matter is None:
        return file.uploaded_by_id == actor.pk
    allows = MAY_READ.get(file.matter.kind)
    return allows is not None and allows(file, actor)


def content_of(file: Attachment) -> bytes:
    """The plain content. Raises FileNotFoundError if it was deleted, InvalidTag if it was tampered with."""
    return unseal_bytes(file_store.get(file.place), token=file.token, part="content")


# Cleanup


def clear_out(at: datetime) -> None:
    """Delete drafts that no act claimed within a day, and files without a row, one drawer per run; run by the sweep."""
    _clear_drafts(at)
    _clear_idle(int(at.timestamp()) // 5 % file_store.DRAWERS, at)


def _clear_drafts(at: datetime) -> None:
    old = drafts().filter(uploaded_at__lt=at - KEPT_UNCLAIMED)
    if not old.exists():
        return
    with transaction.atomic():
        free = old.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        places = dict(free.values_list("pk", "place")[:BATCH])
        Attachment.objects.filter(pk__in=places).delete()
        for place in places.values():
            transaction.on_commit(partial(file_store.discard, place))


def _clear_idle(drawer: int, at: datetime) -> None:
    paths = {path.name: path for path in file_store.idle(drawer, at, KEPT_UNCLAIMED)}
    if not paths:
        return
    files = Attachment.objects.filter(place__in=list(paths), erased_at=None)
    papers = PaperFile.objects.filter(place__in=list(paths), paper__content__sealed__isnull=False)
    named = {place for rows in (files, papers) for place in rows.values_list("place", flat=True)}
    named |= {place for ask in NAMED for place in ask(list(paths))}
    for name in paths.keys() - named:
        paths[name].unlink(missing_ok=True)
