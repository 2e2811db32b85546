"""The papers of complaints: 投诉处理通知单 of a round, 协调纪要 of a coordination, 催办通知书 of a missed limit, 答复函
to a body outside.

The composers run inside acts done thousands of times a day. They need as many statements for one paper as for two
hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.documents import kinds, phrases
from accountability.models import Paper
from accountability.permissions import Actor
from complaints.documents import minutes, notices, outside_answers, reading, urgings, words

Readable = Callable[[Sequence[Paper], Actor], Collection[int]]

NOTICE, MINUTES, URGING, OUTSIDE_ANSWER = "dispatch_notice", "minutes", "urging", "outside_answer"


def register() -> None:
    """Register the kinds of paper, and the phrases in them that marketing may edit."""
    phrases.declare(*words.PHRASES)
    _register(NOTICE, _("投诉处理通知单"), notices.compose, reading.of_rounds, is_eager=False)
    _register(MINUTES, _("协调纪要"), minutes.compose, reading.of_coordinations)
    _register(URGING, _("催办通知书"), urgings.compose, reading.of_limits, goes_out=True)
    _register(OUTSIDE_ANSWER, _("转办件答复函"), outside_answers.compose, reading.of_offices, goes_out=True)


def _register(
    name: str, label: Any, compose: Any, readable: Readable, *, is_eager: bool = True, goes_out: bool = False
) -> None:
    def may_read(paper: Paper, actor: Actor) -> bool:
        return paper.pk in readable([paper], actor)

    kinds.register(
        kinds.Kind(name, label, compose, may_read, is_eager=is_eager, readable=readable, goes_out=goes_out)
    )  # fmt: skip
