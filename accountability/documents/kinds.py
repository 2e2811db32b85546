"""Registers the kinds of paper. The other apps register theirs in `ready()`: who composes them, who may read them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accountability.documents.content import Content
from accountability.gate.act import Order
from accountability.models import Matter, Paper
from accountability.permissions import Actor


def nobody(_subject: Any, _actor: Actor) -> bool:
    return False


def none_of_them(_actor: Actor) -> QuerySet[Matter]:
    return Matter.objects.none()


def matters_seen(model: Any) -> Callable[[Actor], QuerySet[Matter]]:
    """The matters of this model that a person may see."""
    return lambda actor: Matter.objects.filter(pk__in=model.objects.visible_to(actor).values("pk"))


@dataclass(frozen=True)
class Kind:
    """A kind of paper. `compose` takes several orders and returns their contents in the same order, with a constant
    number of queries. It runs before the act is fully written, so it must use the subject in memory, not its row. It
    may ask for what it needs and give the contents one by one: what several kinds ask for is then read together.

    `is_eager`: its files are made as soon as it is issued, not on the first request. `forms` are the file formats that
    it has; `workbook(content, mark=)` makes the XLSX if the tables of the content aren't enough.

    `drafted_from(actor)`: the matters that may have a draft and that the actor may see; of no other the subject is
    read. `may_draft(subject, actor)`: who of them may see a draft before the paper is issued. `parts` gives the parts
    of the subject that can have a draft (None: any). `readable` returns the primary keys of those papers that the actor
    may read, for kinds where `may_read` would need a query for each. `noted_as` is the action recorded in the access
    log when it is read. `marks` returns the marks of issued papers that are no longer valid, by primary key
    (`documents.marking`). `goes_out`: a letter to units or bodies, which may be handed over to the OA.
    """

    name: str
    label: Any
    compose: Callable[[Sequence[Order]], Iterable[Content]]
    may_read: Callable[[Paper, Actor], bool]
    is_eager: bool = True
    drafted_from: Callable[[Actor], QuerySet[Matter]] = none_of_them
    may_draft: Callable[[Any, Actor], bool] = nobody
    parts: Callable[[Any], Collection[int]] | None = None
    forms: tuple[str, ...] = ("pdf", "docx")
    readable: Callable[[Sequence[Paper], Actor], Collection[int]] | None = None
    noted_as: str = ""
    workbook: Callable[..., bytes] | None = None
    marks: Callable[[Sequence[Paper]], Mapping[int, str]] | None = None
    goes_out: bool = False

    def offers_draft(self, subject: Any, part: int, actor: Actor) -> bool:
        return self.may_draft(subject, actor) and (self.parts is None or part in self.parts(subject))


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.name] = kind


def by_rule(papers: Iterable[Paper], rule: Callable[[Kind], Any]) -> dict[Any, list[Paper]]:
    """The papers by the rule of their kind, so that several kinds with the same one are asked of together. Papers of a
    kind that is no longer registered are left out.
    """
    found: dict[Any, list[Paper]] = {}
    for paper in papers:
        if paper.kind in KINDS:
            found.setdefault(rule(KINDS[paper.kind]), []).append(paper)
    return found
