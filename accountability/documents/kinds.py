"""The kinds of paper there are. The apps above register theirs in `ready()`: who composes one, who may read it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accountability.documents.content import Content
from accountability.gate.orders import Order
from accountability.models import Paper
from accountability.permissions import Actor

if TYPE_CHECKING:
    pass


def nobody(_subject: Any, _actor: Actor) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """`compose` takes several orders and gives their contents in the same order, by a constant number of queries.

    It runs before the act is written to the end: the subject in hand is what counts, not its row. `is_eager`: its
    files are made as soon as it is issued, not when somebody first asks. `forms` are the files it can be had as;
    `workbook(content, mark=)` makes the XLSX of a kind whose tables alone don't say enough.

    `may_draft` is asked with the subject: who may see how the paper would read now, before it is issued; it answers for
    visibility as well, and for a subject of another sort. `parts` are those of the subject that have or had a draft
    (None: any). `readable` gives the keys of those of several papers that may be read, where `may_read` would
    cost a query for each. `noted_as` is the word under which its reading stands in the access log. `marks` tells of
    issued papers what lies across them now (`documents.marking`), by their keys: of those that no longer hold.
    """

    name: str
    label: Any
    compose: Callable[[Sequence[Order]], Sequence[Content]]
    may_read: Callable[[Paper, Actor], bool]
    is_eager: bool = True
    may_draft: Callable[[Any, Actor], bool] = nobody
    parts: Callable[[Any], Collection[int]] | None = None
    forms: tuple[str, ...] = ("pdf", "docx")
    readable: Callable[[Sequence[Paper], Actor], Collection[int]] | None = None
    noted_as: str = ""
    workbook: Callable[..., bytes] | None = None
    marks: Callable[[Sequence[Paper]], Mapping[int, str]] | None = None

    def offers_draft(self, subject: Any, part: int, actor: Actor) -> bool:
        return self.may_draft(subject, actor) and (self.parts is None or part in self.parts(subject))


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.name] = kind
