"""Makes and stores the files of papers: each is made once from the frozen content, sealed, and never changes.

For a paper that is no longer valid another file with a mark is made; the file as issued stays.

A worker claims a row by a conditional update, makes the file outside any transaction (on SQLite everybody else would
have to wait), and then updates the row only if no other worker has. A claim that wasn't finished expires.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet

from accountability.documents.content import Content
from accountability.documents.kinds import KINDS
from accountability.documents.making import make
from accountability.documents.marking import mark_of
from accountability.gate.act import Act, Order
from accountability.gate.isolation import isolated
from accountability.models import Appointment, Employee, Matter, Paper, PaperFile, PersonalData
from accountability.notices import alarms
from accountability.permissions import MARKETING_ROLES
from accountability.security import file_store
from accountability.security.encryption import seal_bytes, unseal_bytes

log = logging.getLogger(__name__)

MOST_A_RUN = 40
MOST_FAILURES = 5
"""After so many failures a file isn't tried again until somebody requests it; an alarm is raised."""

CLAIMED_FOR = timedelta(minutes=2)
"""How long a claim is valid. Making a file never takes that long, so after that the worker must have failed."""

DRAFTS_KEPT = timedelta(hours=24)
DRAFTS_MOST = 40
"""The most drafts that one person can have at a time."""

ALARM = "papers"


# Requesting


def ask(paper: Paper, form: str, *, by: Employee, at: datetime) -> PaperFile:
    """The file with the paper's current mark. Requests it if it doesn't exist, and retries it if it was given up."""
    mark = mark_of(paper)
    try:
        with transaction.atomic():
            file, _is_new = PaperFile.objects.get_or_create(
                paper=paper, form=form, mark=mark, defaults={"asked_at": at, "asked_by": by}
            )
    except IntegrityError:  # two people requested it at the same time
        file = PaperFile.objects.get(paper=paper, form=form, mark=mark)
    if file.failures >= MOST_FAILURES and file.made_at is None:
        PaperFile.objects.filter(pk=file.pk, made_at=None).update(failures=0, claimed_at=None)
    transaction.on_commit(wake)
    return file


def wake() -> None:
    """Ask the worker to start now instead of at its next scheduled run. An in-memory queue can't reach the worker."""
    if settings.ON_ONE_MACHINE:
        return
    try:
        current_app.send_task("accountability.tasks.make_papers", expires=5, retry=False)
    except Exception:
        log.warning("papers: the worker could not be woken; it comes by itself", exc_info=True)


# Making


def make_pending(at: datetime) -> int:
    """Make the requested files, oldest first, up to MOST_A_RUN. Returns how many were made.

    A file that fails holds up no other. If the libraries for PDF are missing, one alarm is raised and nothing counts as
    a failure; files are made as soon as the libraries are installed.
    """
    from accountability.documents.pdf import NoPango

    waiting = _pending(at).values_list("pk", flat=True)
    make_one = partial(_claim_and_make, at=at)
    try:
        made = isolated(
            "paper", waiting, make_one, at=at, size=None, most=MOST_A_RUN, name_of=_name_of, not_caught=(NoPango,)
        )  # fmt: skip
    except NoPango as problem:
        _say(str(problem), {"problem": "pango"}, at)
        return 0
    _watch_failures(at)
    return made


def _claim_and_make(keys: list[int], *, at: datetime) -> int:
    file = _claim(at, pk=keys[0])
    return int(file is not None and _make(file, at))


def _name_of(pk: int) -> tuple[str, int | None]:
    """The number of its paper, and the matter."""
    number, matter_id = PaperFile.objects.values_list("paper__number", "paper__matter_id").get(pk=pk)
    return number or f"#{pk}", matter_id


def _pending(at: datetime) -> QuerySet[PaperFile]:
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - CLAIMED_FOR)
    return PaperFile.objects.filter(
        free, made_at=None, failures__lt=MOST_FAILURES, paper__content__sealed__isnull=False
    ).order_by("pk")


def _claim(at: datetime, **which: int) -> PaperFile | None:
    """Claim the next file, or the one that is meant. A claim counts as a failure until the file is made, so that a
    paper that crashes the worker is given up too.
    """
    while (file := _pending(at).filter(**which).select_related("paper__content").first()) is not None:
        free = PaperFile.objects.filter(pk=file.pk, made_at=None, claimed_at=file.claimed_at)
        if free.update(claimed_at=at, failures=F("failures") + 1):
            return file
    return None


def _make(file: PaperFile, at: datetime) -> bool:
    from accountability.documents.pdf import NoPango

    try:
        return _make_claimed(file, at)
    except NoPango:
        PaperFile.objects.filter(pk=file.pk, made_at=None).update(claimed_at=None, failures=F("failures") - 1)
        raise
    except Exception:
        PaperFile.objects.filter(pk=file.pk, made_at=None).update(claimed_at=None)
        raise


def _make_claimed(file: PaperFile, at: datetime) -> bool:
    text = file.paper.text
    assert text is not None
    plain = make(Content.from_text(text), file.form, mark=file.mark)
    # First the bytes, then the row. If another worker was faster, or the paper was erased, our file is deleted again.
    place = file_store.put(seal_bytes(plain, token=file.paper.token, part=file.sealed_as), at=at)
    unmade = PaperFile.objects.filter(pk=file.pk, made_at=None, paper__content__sealed__isnull=False)
    kept = unmade.update(
        made_at=at, place=place, size=len(plain), sha256=hashlib.sha256(plain).hexdigest(), failures=F("failures") - 1
    )
    if not kept:
        file_store.discard(place)
    return bool(kept)


def _watch_failures(at: datetime) -> None:
    stuck = PaperFile.objects.filter(
        made_at=None, failures__gte=MOST_FAILURES, paper__content__sealed__isnull=False
    ).count()
    if stuck:
        _say(f"papers: {stuck} could not be made", {"papers": stuck}, at)
    elif alarms.standing(ALARM):
        alarms.clear(ALARM, at)


def _say(problem: str, facts: dict[str, object], at: datetime) -> None:
    """Report the problem once while it lasts, in the log and to marketing."""
    serving = Appointment.objects.serving(at).filter(role__in=MARKETING_ROLES, employee__is_active=True)
    people = serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()
    if not alarms.standing(ALARM) and alarms.raise_once(
        ALARM, ALARM, facts, at=at, notice="papers_failed", people=people
    ):
        log.error("%s", problem)


# Reading


def bytes_of(file: PaperFile) -> bytes:
    """The plain bytes. Raises FileNotFoundError if they were deleted, InvalidTag if they were tampered with."""
    assert file.place is not None
    return unseal_bytes(file_store.get(file.place), token=file.paper.token, part=file.sealed_as)


# Erasing


def erase(act: Act, papers: Iterable[Paper]) -> None:
    """Erase content and files of the papers when the act is written. The rows, with number, title and digest, stay."""
    found = Paper.objects.filter(pk__in=[paper.pk for paper in papers]).select_related("content")
    for paper in found:
        act.changes.watch(paper.content)
        paper.content.sealed, paper.content.erased_at = None, paper.content.erased_at or act.at
    for place in PaperFile.objects.filter(paper__in=found, made_at__isnull=False).values_list("place", flat=True):
        transaction.on_commit(partial(file_store.discard, str(place)))


# Drafts


def freeze_draft(kind: str, subject: object, matter: Matter, *, part: int, by: Employee, at: datetime) -> Paper:
    """A draft with the content that the paper would have now; the existing draft if nothing has changed."""
    (content,) = KINDS[kind].compose([Order(kind, subject, at, part=part)])
    mine = Paper.objects.filter(issued_at=None, issued_by=by)
    same = mine.filter(matter=matter, kind=kind, part=part, digest=content.digest, drafted_at__gt=at - DRAFTS_KEPT / 2)
    if known := same.first():
        return known
    with transaction.atomic():
        _throw_away(mine.order_by("-pk")[DRAFTS_MOST - 1 :])
        row = PersonalData.of(matter, "paper", {"content": content.as_text()})
        row.save(force_insert=True)
        return Paper.objects.create(
            matter=matter, kind=kind, part=part, number=content.number, title=content.title, content=row,
            digest=content.digest, drafted_at=at, issued_by=by, token=secrets.token_urlsafe(24),
        )  # fmt: skip


def clear_drafts(at: datetime) -> None:
    """Delete drafts older than DRAFTS_KEPT, with their contents and files. Called by the sweep."""
    old = Paper.objects.filter(issued_at=None, drafted_at__lt=at - DRAFTS_KEPT).order_by("pk")
    if not old.exists():
        return
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        _throw_away(old.select_for_update(skip_locked=skip)[:MOST_A_RUN])


def _throw_away(drafts: Iterable[Paper]) -> None:
    keys = {paper.pk: paper.content_id for paper in drafts}
    if not keys:
        return
    files = PaperFile.objects.filter(paper__in=keys)
    for place in files.filter(made_at__isnull=False).values_list("place", flat=True):
        transaction.on_commit(partial(file_store.discard, str(place)))
    files.delete()
    Paper.objects.filter(pk__in=keys, issued_at=None).delete()
    PersonalData.objects.filter(pk__in=keys.values()).delete()
