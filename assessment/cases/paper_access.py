"""Who may read which papers of cases: the cases' own rules and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from accountability.models import Paper, privacy_in_force
from accountability.permissions import Actor
from assessment.cases.dossier import Dossier, may_read_file
from assessment.models import Case, Circular, Sheet

Readable = Callable[[Sequence[Paper], Actor], Collection[int]]


def sheets(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """Always only the issuing roles of the centre, marketing and auditors (R40)."""
    known = Sheet.objects.visible_to(actor).filter(case__in=_matters(papers)).values_list("case", flat=True)
    return _of(papers, set(known))


def of_the_unit(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """Papers between the unit concerned and those who judge it."""
    return _of(papers, {case.pk for case in _cases(papers, actor) if Dossier(case, actor).knows_report})


def of_the_judges(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """What each member of the panel said: for marketing and auditors."""
    return _of(papers, {case.pk for case in _cases(papers, actor) if Dossier(case, actor).knows_all})


def reports(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """Like their evidence: also for the members of the panel that judges it."""
    return _of(papers, {matter for matter in _matters(papers) if may_read_file(matter, actor)})


def circulars(papers: Sequence[Paper], actor: Actor) -> set[int]:
    """A signed circular is for everybody (R52), but only while it may name people: names can't be removed from the
    paper.
    """
    parts, policy = {paper.part for paper in papers}, privacy_in_force(actor.at)
    found = Circular.objects.visible_to(actor).filter(pk__in=parts)
    known = {(circular.case_id, circular.pk) for circular in found if circular.shows_names_to(actor, policy)}
    return {paper.pk for paper in papers if (paper.matter_id, paper.part) in known}


def may_draft_circular(case: object, actor: Actor) -> bool:
    """The marketing department writes it, so it may preview it. Only a case has one."""
    return isinstance(case, Case) and actor.is_marketing


def circular_parts(case: Case) -> set[int]:
    return {circular.pk for circular in case.circular_rows}


def one_by(readable: Readable) -> Callable[[Paper, Actor], bool]:
    """The same rule for a single paper."""
    return lambda paper, actor: paper.pk in readable([paper], actor)


def _matters(papers: Sequence[Paper]) -> set[int]:
    return {paper.matter_id for paper in papers}


def _of(papers: Sequence[Paper], matters: set[int]) -> set[int]:
    return {paper.pk for paper in papers if paper.matter_id in matters}


def _cases(papers: Sequence[Paper], actor: Actor) -> Collection[Case]:
    return Case.objects.visible_to(actor).filter(pk__in=_matters(papers))
