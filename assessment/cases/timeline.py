"""The ledger of a case as a reader sees it: who did what and when, texts masked, including what the system did."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.limits import show_due
from accountability.declarations.limits import deadline_label
from accountability.gate.fields import Day, Fact, Whole
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, look_of
from accountability.models import LedgerEntry
from accountability.notices import sentences
from accountability.notices.sentences import verb_label
from accountability.privacy import retention
from accountability.templatetags.shouwen import instant
from assessment.cases.dossier import Dossier
from assessment.cases.penalty_rows import Penalties
from assessment.models import Ground
from complaints.dossier.timeline import given, line, said
from complaints.fields.kinds import Complaints

OF_THE_SYSTEM: dict[str, tuple[Any, str]] = {
    "deemed_violation": (gettext_lazy("逾期未报自查报告，视为违反（R45）"), "alert"),
    "chase_opinions": (gettext_lazy("催请评判成员发表意见（R48）"), "bell"),
    "chase_slip": (gettext_lazy("催交执行回执（R54）"), "bell"),
    "chase_refund": (gettext_lazy("催交退还回执（R54）"), "bell"),
}
"""Entries without an actor."""


def timeline(dossier: Dossier) -> list[dict[str, Any]]:
    """Newest first by the instant that counts: a miss appears at its due instant, whenever it was noticed."""
    in_order = sorted(dossier.entries, key=lambda entry: (entry.at, entry.seq), reverse=True)
    return [_told(dossier, entry) for entry in in_order]


def _told(dossier: Dossier, entry: LedgerEntry) -> dict[str, Any]:
    if entry.verb == "miss":
        return _miss(entry)
    if entry.verb == retention.VERB:
        told = _of_the_system(entry, sentences.CLEARED, "lock", sentences.cleared(entry.facts))
        return told | {"tone": "neutral"}
    if entry.verb in OF_THE_SYSTEM:
        title, icon = OF_THE_SYSTEM[entry.verb]
        times = entry.facts.get("times")
        return _of_the_system(entry, title, icon, _("第%(times)s次") % {"times": times} if times else "")
    return _act(dossier, entry)


def _of_the_system(entry: LedgerEntry, title: Any, icon: str, text: str, *, late: bool = False) -> dict[str, Any]:
    return {
        "at": entry.at, "title": title, "actor": _("系统"), "unit": None, "icon": icon, "tone": "danger", "late": late,
        "text": text,
    }  # fmt: skip


def _miss(entry: LedgerEntry) -> dict[str, Any]:
    title = _("%(kind)s超时") % {"kind": deadline_label(entry.facts["kind"])}
    noticed = {"due": show_due(entry.at), "noticed": instant(entry.recorded_at)}
    return _of_the_system(
        entry, title, "clock-late", _("到期 %(due)s，系统于 %(noticed)s 发现") % noticed, late=True
    )  # fmt: skip


def _act(dossier: Dossier, entry: LedgerEntry) -> dict[str, Any]:
    """What a verb did to the case: its own, or one of the organisation, as a calendar that gave its limits instants."""
    kinds = (dossier.case.matter_kind, Organisation.matter_kind)
    verb = next((VERBS[kind, entry.verb] for kind in kinds if (kind, entry.verb) in VERBS), None)
    title, icon, tone = look_of(verb)
    return {
        "at": entry.at, "title": title or verb_label(entry.verb, kinds[0]), "actor": str(entry.actor),
        "unit": entry.actor.unit, "icon": icon, "tone": tone, "late": False,
        "text": "\n".join(_lines(dossier, entry, verb.facts if verb else ())),
    }  # fmt: skip


def _lines(dossier: Dossier, entry: LedgerEntry, facts: tuple[Fact, ...]) -> list[str]:
    texts, known = dossier.texts(entry), entry.facts
    lines = [line(fact.label, _said(fact, known, texts, dossier)) for fact in facts if given(fact, known, texts)]
    if asked := known.get("verb"):
        lines.append(line(_("事项"), str(verb_label(asked, dossier.case.matter_kind))))
    if dossier.knows_all and (leads := known.get("leads")):
        lines.append(_("纳入线索 %(count)s 条") % {"count": len(leads)})
    if number := known.get("number"):
        lines.append(line(_("发文字号"), number))
    if known.get("late"):
        lines.append(_("逾期报送，已存档，不影响认定（R45）"))
    return lines


def _penalty(row: dict[str, Any], dossier: Dossier) -> str:
    grounds = _("、").join(str(Ground(ground).label) for ground in row["grounds"])
    about = {"name": dossier.people.get(row["person"], ""), "grounds": grounds, "months": row["months"]}
    return _("%(name)s（%(grounds)s）%(months)s个月") % about


def _said(fact: Fact, known: dict[str, Any], texts: dict[str, str], dossier: Dossier) -> str:
    match fact:
        case Whole() | Day():
            return str(known[fact.name])
        case Penalties():
            return _("；").join(_penalty(row, dossier) for row in known[fact.name])
        case Complaints():
            numbers = {complaint.pk: str(complaint.matter) for complaint in dossier.complaints}
            return _("、").join(numbers[pk] for pk in known[fact.name] if pk in numbers)
    return said(fact, known, texts, dossier)
