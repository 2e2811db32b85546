"""The ledger for a reader: who did what and when, with masked texts, including the misses noted by the system."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.limits import show_due
from accountability.declarations.limits import deadline_label
from accountability.files.fields import Files
from accountability.gate import fields
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, Verb, look_of
from accountability.models import LedgerEntry
from accountability.notices import sentences
from accountability.organisation.succession import PASSED_ON
from accountability.privacy import retention
from accountability.templatetags.shouwen import instant
from complaints.dossier.dossier import OF_THE_CONVERSATION, OF_THE_INTAKE, Story
from complaints.fields.kinds import Another, People, Tasks, Units
from complaints.models import Complaint, RightsRequest
from complaints.models.rounds import LAPSED
from complaints.sweep.escalation import CHASED, CRITICISED, URGED

KINDS: dict[str, Any] = {
    "way": gettext_lazy("流转"),
    "limits": gettext_lazy("时限"),
    "talks": gettext_lazy("沟通、催办"),
    "table": gettext_lazy("协调"),
    "changes": gettext_lazy("更正、变动"),
}
"""The filters a reader may choose. `way` is everything that belongs to no other kind."""

A_CALL, AN_AGENT = "call_back", "agent_gone"
"""Why work passed on, where it isn't the hand-over: a call promised to the customer, an agent who left the centre."""
OF_THE_SYSTEM = {"miss": "limits", CHASED: "talks", URGED: "talks", CRITICISED: "talks", PASSED_ON: "changes"}
"""The kind of each entry that the system writes, by its verb in the ledger."""


def kind_of(entry: LedgerEntry) -> str:
    verb = verb_of(entry)
    return OF_THE_SYSTEM.get(entry.verb) or (verb.timeline if verb else "") or "way"


IN_THE_CARD = ("content", "wanted", "pre_handling")
"""Texts of the intake that the page shows elsewhere."""

FOUND_OUT: dict[str, Any] = {
    "second": gettext_lazy("客户不满意，二次派单"),
    "ruling": gettext_lazy("裁定派发，本轮不能再退回"),
    "late": gettext_lazy("已超过退回时限，由客服中心主管裁定"),
}
"""Notes of the action itself, shown where they are true."""


STEPS: dict[str, Any] = {
    CHASED: gettext_lazy("到期催办，抄送分管领导"),
    URGED: gettext_lazy("催办通知书"),
    CRITICISED: gettext_lazy("建议书面批评"),
}
"""The entries of the chase ladder, by their verb in the ledger."""


def verb_of(entry: LedgerEntry) -> Verb | None:
    """The entry's verb: a complaint's, or that of another matter that acted on the complaint."""
    kinds = (Complaint.matter_kind, Organisation.matter_kind, RightsRequest.matter_kind)
    return next((VERBS[kind, entry.verb] for kind in kinds if (kind, entry.verb) in VERBS), None)


def in_order(story: Story) -> list[LedgerEntry]:
    """Newest first, by the instant each entry counts for: a miss by its due instant, whenever it was noticed."""
    return sorted(story.entries, key=lambda entry: (entry.at, entry.seq), reverse=True)


def timeline(story: Story, entries: Iterable[LedgerEntry] | None = None) -> list[dict[str, Any]]:
    """These entries in the reader's words, each with its kind; all of them, newest first, if none are named."""
    asked = in_order(story) if entries is None else entries
    return [told(story, entry) | {"kind": kind_of(entry)} for entry in asked]


def told(story: Story, entry: LedgerEntry) -> dict[str, Any]:
    """One entry in the reader's words, masked."""
    if entry.verb == "miss":
        return _miss(story, entry)
    if entry.verb in STEPS:
        return _step(entry)
    if entry.verb == retention.VERB:
        return _cleared(entry)
    if entry.verb == LAPSED:
        return _told_lapsed(story, entry)
    return _passed_on(story, entry) if entry.verb == PASSED_ON else _act(story, entry)


def _passed_on(story: Story, entry: LedgerEntry) -> dict[str, Any]:
    """Who receives it instead of a contact who is away or off duty, or calls instead of who can't; or that the centre
    goes on without the agent.
    """
    before, now = (story.named(entry, name) or "—" for name in ("from", "to"))
    title, told = {
        A_CALL: (_("回电人变更"), _("原回电人 %(before)s 不能回电，由 %(now)s 回电")),
        AN_AGENT: (_("受理人离岗"), _("原受理人 %(before)s 已不在客服中心，由客服中心其他人员接办")),
    }.get(str(entry.facts.get("why")), (_("接口人变更"), _("原接口人 %(before)s 不在岗，由 %(now)s 接收并交办")))
    return {
        "at": entry.at, "title": title,
        "actor": entry.actor.name, "unit": entry.actor.unit,
        "icon": "person", "tone": "info", "late": False,
        "text": told % {"before": before, "now": now},
    }  # fmt: skip


def _told_lapsed(story: Story, entry: LedgerEntry) -> dict[str, Any]:
    """The call wasn't confirmed within 24 hours. Written by the system (R19)."""
    return {
        "at": entry.at, "title": _("电话交办登记失效"), "actor": _("系统"), "unit": None, "icon": "phone",
        "tone": "neutral", "late": False,
        "text": _("%(person)s 未在24小时内确认，登记不作数") % {"person": story.named(entry, "to") or "—"},
    }  # fmt: skip


def _cleared(entry: LedgerEntry) -> dict[str, Any]:
    """Cleared at the end of retention, or by the person who approved the deletion."""
    return {
        "at": entry.at, "title": sentences.CLEARED, "actor": entry.actor.name or entry.actor.username,
        "unit": entry.actor.unit, "icon": "lock", "tone": "neutral", "late": False,
        "text": sentences.cleared(entry.facts),
    }  # fmt: skip


def _step(entry: LedgerEntry) -> dict[str, Any]:
    """A step of the chase ladder, written by the system."""
    kind = deadline_label(entry.facts["kind"])
    return {
        "at": entry.at, "title": STEPS[entry.verb], "actor": _("系统"), "unit": None, "icon": "bell", "tone": "danger",
        "late": False,
        "text": " ".join(filter(None, [_("时限：%(kind)s") % {"kind": kind}, entry.facts.get("number")])),
    }  # fmt: skip


def _miss(story: Story, entry: LedgerEntry) -> dict[str, Any]:
    kind = deadline_label(entry.facts["kind"])
    noticed = _("到期 %(due)s，系统于 %(noticed)s 发现") % {
        "due": show_due(entry.at), "noticed": instant(entry.recorded_at),
    }  # fmt: skip
    since = _since_then(story, entry)
    return {
        "at": entry.at, "title": _("%(kind)s超时") % {"kind": kind}, "actor": _("系统"), "unit": None,
        "icon": "clock-late", "tone": "neutral" if since else "danger", "late": not since,
        "text": "\n".join([noticed, since] if since else [noticed]),
    }  # fmt: skip


def _since_then(story: Story, entry: LedgerEntry) -> str:
    """What has become of the miss: the record keeps it, but it may no longer count."""
    told = {"part": 0, "party": "", "cycle": 1} | entry.facts
    wanted = tuple(told[name] for name in ("kind", "part", "party", "cycle"))
    found = next((d for d in story.deadlines if (d.kind, d.part, d.party, d.cycle) == wanted), None)
    if found is None:
        return ""
    if found.missed_at is None:
        return _("已按时办理（到期前已提交，或电话交办经本人确认），本次超时不再计入")
    return _("已由两人批准免责，不作为线索，也不计入考核") if found.excused_at else ""


def _act(story: Story, entry: LedgerEntry) -> dict[str, Any]:
    verb = verb_of(entry)
    title, icon, tone = look_of(verb)
    named = story.names_author(entry)
    author = _("客户本人") if entry.verb == "rate_reply" else entry.actor.name or entry.actor.username
    return {
        "at": entry.at, "title": title or entry.verb, "actor": author if named else "",
        "unit": entry.actor.unit if named else None, "icon": icon, "tone": tone, "late": False,
        "text": "\n".join(_lines(story, entry, verb)),
        "files": story.files_of(entry) if entry.verb in OF_THE_CONVERSATION else [],
        "files_part": "complaints/dossier/parts/files.html",
    }  # fmt: skip


def _lines(story: Story, entry: LedgerEntry, verb: Verb | None) -> list[str]:
    if verb is None or (entry.verb in OF_THE_INTAKE and not story.knows_intake):
        return []
    in_card = entry.texts_id is not None and entry.texts_id == story.complaint.intake_id
    texts = {name: text for name, text in story.texts(entry).items() if not (in_card and name in IN_THE_CARD)}
    known = story.facts(entry)
    lines = [line(fact.label, said(fact, known, texts, story)) for fact in verb.facts if given(fact, known, texts)]
    lines += _corrected(entry)
    if entry.verb == "approve_answer":
        lines.append(line(_("处理人"), story.people.get(known.get("handler", 0), "—")))
    joint = story.people.get(known.get("joint", 0))
    if joint:
        lines.append(line(_("分管领导（同为首问责任人）"), joint))
    return lines + [str(words) for name, words in FOUND_OUT.items() if known.get(name)]


def _corrected(entry: LedgerEntry) -> list[str]:
    """The values on record before a correction."""
    verb, before = verb_of(entry), entry.facts.get("before", {})
    if verb is None or not before:
        return []
    was = [line(verb.fact(name).label, _was(verb.fact(name), value)) for name, value in before.items()]
    return [_("原登记：%(what)s") % {"what": _("；").join(was)}]


def _was(fact: fields.Fact, value: Any) -> str:
    """An earlier value, in words."""
    match fact:
        case fields.Choices():
            return _("、").join(str(dict(fact.choices).get(each, each)) for each in value) or "—"
        case fields.Choice():
            return str(dict(fact.choices).get(value, value))
        case fields.YesNo():
            return str(fact.yes if value else fact.no)
    return str(value)


def line(label: Any, value: str) -> str:
    return _("%(label)s：%(value)s") % {"label": label, "value": value}


def given(fact: fields.Fact, known: dict[str, Any], texts: dict[str, str]) -> bool:
    return fact.name in texts if fact.is_text else known.get(fact.name) not in fields.BLANK


def said(fact: fields.Fact, known: dict[str, Any], texts: dict[str, str], story: Any) -> str:
    """A fact in the reader's words: labels for choices, names for references. `story` knows the names of `people` and
    `units`, and for a complaint the `duplicates`.
    """
    if fact.is_text and not isinstance(fact, fields.Choice):
        return _words(fact, texts[fact.name], story)
    value: Any = texts[fact.name] if fact.is_text else known[fact.name]
    match fact:
        case fields.Choices() | fields.Offered() | People() | Units():
            return _("、").join(str(one) for one in _several(fact, value, story))
        case fields.Choice():
            return str(dict(fact.choices).get(value, value))
        case fields.YesNo():
            return str(fact.yes if value else fact.no)
        case fields.Person():
            return story.people.get(value, str(value))
        case fields.InUnit() | fields.InCategory():
            return _named(fact, value, story)
        case Another():
            return next((str(other.matter) for other in story.duplicates if other.pk == value), _("另一件投诉"))
        case Files():
            return _("%(count)s 份") % {"count": len(value)}
        case fields.Instant():
            return instant(datetime.fromisoformat(value))
    return str(value)


def _named(fact: fields.Fact, value: str, story: Any) -> str:
    """The name of a unit, or of the complaint's category, in the reader's language; of an earlier category its path."""
    if isinstance(fact, fields.InUnit):
        return str(story.units.get(value, value))
    category = story.complaint.category
    return str(category) if category is not None and category.path == value else value


def _several(fact: fields.Fact, value: list[Any], story: Any) -> list[Any]:
    """The words for each item of a list: labels of choices and offers, names of people and units."""
    match fact:
        case fields.Choices():
            return [dict(fact.choices).get(item, item) for item in value]
        case fields.Offered():
            return [fact.label_of(name) for name in value]
        case People():
            return [story.people.get(pk, pk) for pk in value]
    return [story.units.get(code, code) for code in value]


def _words(fact: fields.Fact, text: str, story: Any) -> str:
    if not isinstance(fact, Tasks):
        return text
    return "".join(f"\n{_task(line, story)}" for line in text.splitlines())


def _task(line: str, story: Any) -> str:
    """A line of a written record with the unit's name. An invited unit's own line is its task alone."""
    code, *task_and_due = line.split(" | ")
    if len(task_and_due) != 2:
        return line
    task, due = task_and_due
    return _("%(unit)s：%(task)s（%(due)s）") % {"unit": story.units.get(code, code), "task": task, "due": due}
