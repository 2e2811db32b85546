"""The files of a complaint: which acts bring them and who may read them.

A file is read by the people who read what it was handed in with. The forwarder's files are for everybody who may see
the complaint; the centre's and what the customer adds go with the intake; a unit's answer files stay in its round; what
it gave for the reply is also for the person who must reply (R36); the files of a note are for the note's readers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.db.row_keys import keys_in
from accountability.files.fields import Files
from accountability.models import Attachment, LedgerEntry
from accountability.permissions import Actor
from complaints.dossier.customer import Customer
from complaints.dossier.notes import reads
from complaints.models import Complaint, Cooperation, Round

FORWARDED, INTAKE, ANSWER, MATERIAL = "forwarded", "intake", "answer", "material"
SUPPLEMENT, NOTE, OUTSIDE_LETTER = "supplement", "note", "outside_letter"
"""What a file of a complaint is for (`Attachment.kind`)."""

ANSWERS = ("answer", "approve_answer")
"""Verbs by which an answer reaches the centre: the handler's own, and the approving leader's (R18)."""

BRINGS_FILES = (
    "forward", "register", "submit_for_review", *ANSWERS, "give_material", "supplement", "add_note",
    "record_outside_case", "answer_outside_case",
)  # fmt: skip
"""Verbs whose ledger entries name files."""


def files_for(holds: str, help_text: Any = "") -> Files:
    return Files(name="files", label=_("附件"), required=False, holds=holds, help=help_text)


@dataclass(frozen=True)
class Attached:
    """A file as a page shows it. `name` is masked, and empty once the file was erased."""

    file: Attachment
    name: str

    @property
    def opens_as(self) -> str:
        return self.file.opens_as if self.name else ""


def named_in(entries: Iterable[LedgerEntry]) -> list[int]:
    """The keys of the files that these entries brought, in their order."""
    return [pk for entry in entries if entry.verb in BRINGS_FILES for pk in keys_in(entry.facts, "files")]


def attached(entries: Iterable[LedgerEntry], customer: Customer, kinds: Collection[str]) -> dict[int, Attached]:
    """The files of these kinds that the entries brought, by key. No query if they brought none."""
    wanted = named_in(entries)
    found = Attachment.objects.filter(pk__in=wanted, kind__in=kinds).order_by("pk") if wanted else []
    return {file.pk: Attached(file, customer.mask(file.name or "")) for file in found}


def names_of_intake(files: Iterable[Attachment], customer: Customer) -> list[str]:
    """The masked names of the files that came with the complaint itself, as its notice lists them."""
    return [customer.mask(file.name) for file in files if file.kind in (FORWARDED, INTAKE) and file.name]


def names_among(files: Iterable[Attachment], keys: Collection[int], customer: Customer) -> list[str]:
    return [customer.mask(file.name) for file in files if file.pk in keys and file.name]


def may_read(file: Attachment, actor: Actor) -> bool:
    """Whether the actor may read what the file was handed in with. Called through `attachments.MAY_READ`."""
    complaint = Complaint.objects.visible_to(actor).filter(pk=file.matter_id).first()
    if complaint is None:
        return False
    if file.kind == NOTE and not all(reads(entry, actor) for entry in _brought(file)):
        return False
    if file.kind == MATERIAL and complaint.is_replied_by(actor):
        return True
    if file.kind == SUPPLEMENT and file.uploaded_by_id == actor.pk:
        return True
    if file.kind == FORWARDED or actor.reads_every_complaint:
        return True
    if file.kind == OUTSIDE_LETTER:
        return False
    rounds = Round.objects.visible_to(actor).filter(complaint_id=file.matter_id)
    parts = {0} if file.kind in (INTAKE, SUPPLEMENT) else {entry.part for entry in _brought(file)}
    if parts == {0}:
        invited = Cooperation.objects.visible_to(actor).filter(coordination__round__complaint_id=file.matter_id)
        return rounds.exists() or invited.exists()
    return rounds.filter(number__in=parts).exists()


def _brought(file: Attachment) -> list[LedgerEntry]:
    """The entries that brought the file."""
    assert file.matter_id is not None
    brought = LedgerEntry.objects.filter(matter_id=file.matter_id, verb__in=BRINGS_FILES)
    return [entry for entry in brought if file.pk in keys_in(entry.facts, "files")]
