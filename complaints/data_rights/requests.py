"""What is known of one person: their complaints, what prevents deletion, and the copy handed over (PIPL 44 to 47)."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from accountability.deadlines.limits import SHANGHAI, show_instant
from accountability.models import Attachment, LedgerEntry, Matter, PersonalData
from accountability.privacy import retention
from accountability.security.encryption import digest, normal_phone
from accountability.security.masking import mask_text
from complaints.dossier.customer import Customer, customer_of, texts_of
from complaints.dossier.dossier import OF_A_REPLY
from complaints.dossier.files import FORWARDED, INTAKE, SUPPLEMENT
from complaints.models import Complaint, Dissatisfaction, RightsFind, RightsRequest

MOST = 500
"""The most complaints of one person. With more, the name is too common to search for."""

RATED = "rate_reply"
BY_THE_CUSTOMER = ("supplement", RATED)
"""What the customer said after the intake."""

TELLS_WHO = ("open_rights_request", "find_matters")
"""The verbs of a request whose texts name the person, in every spelling that was searched for."""

Person = tuple[str, str]
"""A name and a number; either may be empty."""


def persons_of(request: RightsRequest) -> list[Person]:
    """Every name and number given in the request."""
    rows = PersonalData.objects.filter(matter_id=request.pk, kind__in=TELLS_WHO, sealed__isnull=False).order_by("pk")
    told = [row.opened for row in rows]
    return [(texts.get("customer", ""), normal_phone(texts.get("phone", ""))) for texts in told]


def matters_of(persons: Iterable[Person]) -> dict[int, bool]:
    """The complaints whose sealed rows, including corrected ones, bear one of the numbers or exact names. Maps the
    primary key to whether only the name matches.
    """
    persons = list(persons)
    numbers = {digest("phone", phone) for _name, phone in persons if phone}
    names = {digest("name", name) for name, _phone in persons if name}
    known = PersonalData.objects.filter(matter__kind=Complaint.matter_kind).exclude(phone_digest="", name_digest="")
    # The exclude() repeats the condition of the partial index, so that every database uses it.
    by_number = known.filter(phone_digest__in=numbers).exclude(phone_digest="")
    by_name = known.filter(name_digest__in=names).exclude(name_digest="")
    found = dict.fromkeys(by_name.values_list("matter", flat=True).distinct()[: MOST + 1], True)
    return found | dict.fromkeys(by_number.values_list("matter", flat=True).distinct()[: MOST + 1], False)


def kept_back(ids: Collection[int], *, besides: int) -> list[str]:
    """The numbers of those that can't be deleted: not archived, quoted in a case's file, or in another request."""
    holds = [hold for hold in retention.KEPT[Complaint.matter_kind].holds if hold is not in_a_request]
    where = Q(closed_at=None) | in_a_request(besides=besides)
    for hold in holds:
        where |= hold()
    return [str(matter) for matter in Matter.objects.filter(where, pk__in=ids).order_by("pk")]


def in_a_request(*, besides: int | None = None) -> Q:
    """For a query over matters: those that a running request has found, whatever it asks for."""
    running = RightsFind.objects.filter(request__matter__closed_at=None).exclude(request=besides or 0)
    return Q(pk__in=running.values("complaint"))


# The copy


def bundle_of(request: RightsRequest, at: datetime) -> bytes:
    """What is on record of this person in the chosen complaints, as one archive for machines and people. It is made
    when it is handed over and stored nowhere.
    """
    with translation.override(settings.LANGUAGE_CODE):  # the customer's language, not the supervisor's
        told = copy_of(request, at)
        page = render_to_string("complaints/data_rights/rights_copy.html", {"copy": told})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
        files = {
            "copy.json": json.dumps(told, ensure_ascii=False, indent=2),
            "copy.html": page,
        }
        for name, content in files.items():
            folder.writestr(zipfile.ZipInfo(name, at.astimezone(SHANGHAI).timetuple()[:6]), content)
    return archive.getvalue()


def copy_of(request: RightsRequest, at: datetime) -> dict[str, Any]:
    """The content of the copy, in a constant number of queries. Without names of staff; others' numbers are masked."""
    ids = request.chosen
    complaints = Complaint.objects.with_everything().select_related("intake").filter(pk__in=ids).order_by("pk")
    said: dict[int, list[LedgerEntry]] = {pk: [] for pk in ids}
    told = LedgerEntry.objects.filter(matter__in=ids, verb__in=(*OF_A_REPLY, *BY_THE_CUSTOMER))
    for entry in told.select_related("texts").order_by("seq"):
        said[entry.matter_id].append(entry)
    files: dict[int, list[Attachment]] = {pk: [] for pk in ids}
    handed_in = Attachment.objects.filter(matter__in=ids, kind__in=(FORWARDED, INTAKE, SUPPLEMENT), erased_at=None)
    for file in handed_in.order_by("pk"):
        files[file.matter_id or 0].append(file)
    return {
        "request": str(request.matter),
        "made_at": show_instant(at),
        "complaints": [_told(complaint, said[complaint.pk], files[complaint.pk]) for complaint in complaints],
    }


def _told(complaint: Complaint, said: list[LedgerEntry], files: list[Attachment]) -> dict[str, Any]:
    customer = customer_of(complaint)
    return {
        "number": str(complaint.matter),
        "customer": customer.name,
        "phone": customer.phone,
        "content": own(customer.content, customer.phone),
        "wanted": own(customer.wanted, customer.phone),
        "pre_handling": own(customer.pre_handling, customer.phone),
        "call": own(customer.call, customer.phone),
        "recording": customer.recording,
        "channel": str(complaint.get_channel_display()),
        "category": str(complaint.category or ""),
        "tier": str(complaint.get_tier_display()),
        "region": complaint.region,
        "registered_at": _instant(complaint.registered_at),
        "archived_at": _instant(complaint.archived_at),
        "satisfied": complaint.satisfied,
        "state": str(complaint.get_state_display()),
        "supplements": [_words(entry, customer) for entry in said if entry.verb == "supplement"],
        "ratings": [_rating(entry, customer) for entry in said if entry.verb == RATED],
        "replies": [_words(entry, customer) for entry in said if entry.verb not in BY_THE_CUSTOMER],
        "files": [
            {"name": own(file.name or "", customer.phone), "size": file.size, "handed_in": _instant(file.claimed_at)}
            for file in files
        ],
    }


def _words(entry: LedgerEntry, customer: Customer) -> dict[str, str]:
    return {"at": _instant(entry.at), "text": own("\n".join(texts_of(entry.texts).values()), customer.phone)}


def _rating(entry: LedgerEntry, customer: Customer) -> dict[str, Any]:
    """What the customer said of a reply through their link, as they said it."""
    kind = entry.facts.get("kind", "")
    why = {"kind": str(Dissatisfaction(kind).label) if kind else ""}
    return _words(entry, customer) | {"satisfied": entry.facts["satisfied"]} | why


def _instant(at: datetime | None) -> str:
    return show_instant(at) if at else ""


def own(text: str, phone: str) -> str:
    """The text as the person themselves may read it: every number except their own is masked."""
    if not phone:
        return mask_text(text)
    pieces = re.split(rf"(?<![0-9]){re.escape(phone)}(?![0-9])", text)
    return phone.join(mask_text(piece) for piece in pieces)
