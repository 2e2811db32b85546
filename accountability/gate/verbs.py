"""The register of verbs: what can be done, to what, with which facts, by whom, when, and how it is shown.

`@verb` at the action says all of it. A verb that moves the subject's state has a django-fsm transition of its name on
the model, which says from where and under which conditions; every other verb says `states` and `when` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from accountability.gate.fields import Fact
from accountability.gate.rule_names import named_in
from accountability.models import Matter
from accountability.permissions import Actor, Predicate

Condition = Callable[[Any], bool]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One word of the vocabulary. `run(act, **facts)` is its action; `creates` tells that it may begin a matter.

    `offered` tells whether there is anything to do for this person; without it a page offers what state and permission
    allow. The action itself refuses what isn't offered, with a sentence of its own.

    `icon` and `tone` are its look in a timeline, `told_as` its title there where that isn't the label, `timeline` the
    part of the timeline that a reader may ask for alone. Among what a page offers it stands in its `group`, or open on
    the page; a `grave` one ends something and comes last; one that `waits_for_one` waits for this very person.
    `in_bulk` names the offices that a list offers it to, for all that is chosen there; what its facts in `read_off` say
    is read off each one. `templates` is the use of the answer templates that its form offers.
    `read_by` names who reads its entry besides those who know all of the matter, `told_awaited` lets them know that it
    is awaited. `seen` gives what a page showed, besides the position, that a person puts their name to by this verb.
    """

    name: str
    label: Any
    model: type
    facts: tuple[Fact, ...]
    run: Callable[..., None]
    permission: Predicate
    states: Collection[str] = ()
    when: Sequence[Condition] = ()
    creates: bool = False
    rule: str = ""
    offered: Predicate | None = None
    icon: str = "dot"
    tone: str = "brand"
    told_as: Any = ""
    timeline: str = ""
    group: str = ""
    grave: bool = False
    waits_for_one: bool = False
    in_bulk: tuple[str, ...] = ()
    read_off: tuple[str, ...] = ()
    templates: str = ""
    read_by: tuple[str, ...] = ()
    told_awaited: bool = False
    seen: Callable[[Any], Sequence[Any]] | None = None

    @property
    def rules(self) -> list[str]:
        """The rules of the notice it serves: the one it comes from first, then those its docstring names."""
        return list(dict.fromkeys(([self.rule] if self.rule else []) + named_in(self.run.__doc__ or "")))

    def permits(self, subject: Any, actor: Actor) -> bool:
        """Whether this person may run the verb on this subject, whatever its state.

        Administrators take no part in the business: only the organisation's verbs ask whether they are meant.
        """
        if actor.is_administrator and self.model.matter_kind != Matter.Kind.ORGANISATION:  # type: ignore[attr-defined]
            return False
        return self.permission(subject, actor)

    def fits_state(self, subject: Any) -> bool:
        """Whether the subject's state (its round's included) lets the verb run now. Nothing is done any more to a
        matter of which nothing is left that tells of a person.
        """
        if subject.matter_id is not None and subject.matter.deidentified_at is not None:
            return False
        method = getattr(subject, self.name, None)
        meta = getattr(method, "_django_fsm", None)
        if meta is None:
            in_state = not self.states or subject.state in self.states
            return in_state and all(met(subject) for met in self.when)
        state = meta.field.get_state(subject)
        return bool(meta.has_transition(state) and meta.conditions_met(subject, state))

    def barred(self, subject: Any, actor: Actor) -> str:
        """What keeps this person from running the verb on this subject now: `forbidden`, `state`, or nothing."""
        if not self.permits(subject, actor):
            return "forbidden"
        return "" if self.fits_state(subject) else "state"

    def fact(self, name: str) -> Fact:
        return next(fact for fact in self.facts if fact.name == name)


VERBS: dict[tuple[str, str], Verb] = {}


def shown_for(subject: Any, verb: str) -> str:
    """What a page saw that offers this verb: the position, and what the person would put their name to by it.

    Somebody who confirms does so to what they read, and somebody who writes all of something again does so over
    what they read. Neither moves the flow, so the position doesn't tell; the verb says it (`Verb.seen`).
    """
    entry = VERBS.get((subject.matter_kind, verb))
    read = entry.seen(subject) if entry is not None and entry.seen is not None else ()
    return ".".join(map(str, [*filter(None, [subject.position]), *read]))


def verb(model: type, label: Any, *facts: Fact, **said: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the decorated action as the verb of its name; `said` are the further fields of `Verb`.

    `rule` is the clause it comes from, shown in the help.
    """

    def register(run: Callable[..., None]) -> Callable[..., None]:
        entry = Verb(name=run.__name__, label=label, model=model, facts=facts, run=run, **said)
        VERBS[model.matter_kind, run.__name__] = entry  # type: ignore[attr-defined]
        return run

    return register


def find(subject_or_model: Any, name: str) -> Verb:
    """The verb of that name for the subject's kind of matter.

    Raises KeyError for a word that isn't in the vocabulary.
    """
    return VERBS[subject_or_model.matter_kind, name]


def look_of(entry: Verb | None) -> tuple[Any, str, str]:
    """Title, icon and tone of a ledger entry in a timeline; none is a verb of an older version."""
    return (entry.told_as or entry.label, entry.icon, entry.tone) if entry else ("", "dot", "brand")


def verbs_of(model: Any) -> list[Verb]:
    return [entry for (kind, _name), entry in VERBS.items() if kind == model.matter_kind]


def available(subject: Any, actor: Actor) -> list[Verb]:
    """The verbs this person may run on the subject as it stands: the page's buttons."""
    return [entry for entry in verbs_of(subject) if _is_available(entry, subject, actor)]


def _is_available(entry: Verb, subject: Any, actor: Actor) -> bool:
    return not entry.barred(subject, actor) and (entry.offered is None or entry.offered(subject, actor))
