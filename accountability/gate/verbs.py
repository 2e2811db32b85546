"""The register of verbs: what can be done, to what, with which facts, by whom, when, and how it is shown.

`@verb` at the action declares all of it. A verb that changes the subject's state has a django-fsm transition with its
name on the model, which defines source states and conditions; other verbs declare `states` and `when` themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accountability.declarations.rule_names import named_in
from accountability.gate.fields import Fact
from accountability.gate.lookups import held_matter
from accountability.models import Matter
from accountability.permissions import Actor, Predicate

Condition = Callable[[Any], bool]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One word of the vocabulary. `run(act, **facts)` is its action; `creates`: it may begin a matter.

    `offered` decides whether a page offers the verb to this person; without it the page offers what state and
    permission allow. If it isn't offered, the action itself refuses, with its own message.

    `icon` and `tone` are its look in a timeline, `told_as` its title there if that isn't the label, `timeline` the
    filter of the timeline that it belongs to. A page shows it in its `group`, or directly if it has none; a `grave`
    verb ends something and comes last; `waits_for_one`: it waits for this particular person.

    `in_bulk` names the offices whose lists offer it for all selected rows; its facts in `read_off` are then taken from
    each row. `templates` is the use of the answer templates that its form offers. `read_by` names who may read its
    entry in addition to those who read the whole matter; with `told_awaited` they also see that it is awaited. `seen`
    gives what the page showed, in addition to the position, that a person confirms by this verb. `demands` names the
    facts that a form must ask for because of what was typed in it, although the verb can be run without them.
    `undone_by` is the verb that puts a slip of this one right; the message after it offers that verb. `by_customer`:
    the system runs it for a customer, who has no account; it runs no other. `shell_only`: an operator's command does.
    `in_session`: a second person decides by it, in a session of their own; no program does in their name.
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
    by_customer: bool = False
    shell_only: bool = False
    in_session: bool = False
    seen: Callable[[Any], Sequence[Any]] | None = None
    demands: Callable[[Mapping[str, Any]], Sequence[str]] = lambda typed: ()
    undone_by: str = ""

    @property
    def rules(self) -> list[str]:
        """The rules of the notice that it implements: `rule` first, then those that the action's docstring names."""
        return list(dict.fromkeys(([self.rule] if self.rule else []) + named_in(self.run.__doc__ or "")))

    def permits(self, subject: Any, actor: Actor) -> bool:
        """Whether this person may run the verb on this subject, whatever its state.

        Administrators do no complaint work: they can only have permission for verbs of the organisation.
        """
        if actor.is_administrator and self.model.matter_kind != Matter.Kind.ORGANISATION:  # type: ignore[attr-defined]
            return False
        return self.permission(subject, actor)

    def fits_state(self, subject: Any) -> bool:
        """Whether the subject's state, including its round's, allows the verb now. No verb can be run on a matter that
        was de-identified.
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
        """Why this person can't run the verb on this subject now: `forbidden`, `state`, or empty if they can."""
        if not self.permits(subject, actor):
            return "forbidden"
        return "" if self.fits_state(subject) else "state"

    def fact(self, name: str) -> Fact:
        return next(fact for fact in self.facts if fact.name == name)


VERBS: dict[tuple[str, str], Verb] = {}


def shown_for(subject: Any, verb: str) -> str:
    """What a page that offers this verb showed: the position, and the content that the person confirms or replaces.

    Such content can change without changing the position, so the verb adds it (`Verb.seen`). The act is refused if it
    is no longer what the person read.
    """
    entry = VERBS.get((subject.matter_kind, verb))
    read = entry.seen(subject) if entry is not None and entry.seen is not None else ()
    return ".".join(map(str, [*filter(None, [subject.position]), *read]))


def verb(model: type, label: Any, *facts: Fact, **said: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the decorated action as the verb with its name; `said` are further fields of `Verb`.

    `rule` is the clause that it comes from, shown in the help.
    """

    def register(run: Callable[..., None]) -> Callable[..., None]:
        entry = Verb(name=run.__name__, label=label, model=model, facts=facts, run=run, **said)
        VERBS[model.matter_kind, run.__name__] = entry  # type: ignore[attr-defined]
        return run

    return register


def find(subject_or_model: Any, name: str) -> Verb:
    """The verb with this name for the subject's kind of matter. Raises KeyError if there is none."""
    return VERBS[subject_or_model.matter_kind, name]


def look_of(entry: Verb | None) -> tuple[Any, str, str]:
    """Title, icon and tone of a ledger entry in a timeline; defaults for a verb of an older version (None)."""
    return (entry.told_as or entry.label, entry.icon, entry.tone) if entry else ("", "dot", "brand")


def verbs_of(model: Any) -> list[Verb]:
    return [entry for (kind, _name), entry in VERBS.items() if kind == model.matter_kind]


def available(subject: Any, actor: Actor) -> list[Verb]:
    """The verbs that this person may run on the subject now: the buttons of the page. None on a held matter."""
    if held_matter(subject.matter_id, actor.at):
        return []
    return [entry for entry in verbs_of(subject) if _is_available(entry, subject, actor)]


def _is_available(entry: Verb, subject: Any, actor: Actor) -> bool:
    return not entry.barred(subject, actor) and (entry.offered is None or entry.offered(subject, actor))
