"""`manage.py reindex_search`: rebuilds the searchable words of every matter from the sealed texts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accountability.gate.act import lock
from accountability.models import Matter
from accountability.search.index import SEARCHED, forget, keep_again

AT_A_TIME = 200


class Command(BaseCommand):
    help = (
        "Make the searchable words of all matters anew: once after the update that brought the search, after moving to "
        "another database, whenever the way of masking has changed, and after an update that says so, once the last "
        "process of before has stopped. Can run while the system does."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        matters = entries = last = 0
        while ids := self._next(last):
            matters, last = matters + len(ids), ids[-1]
            entries += _anew(ids)
        self.stdout.write(f"{matters} matters, {entries} entries")

    @staticmethod
    def _next(last: int) -> list[int]:
        found = Matter.objects.filter(kind__in=SEARCHED, pk__gt=last).order_by("pk")
        return list(found.values_list("pk", flat=True)[:AT_A_TIME])


@transaction.atomic
def _anew(ids: list[int]) -> int:
    """Rebuild the words under the matters' locks, so that a concurrent act neither loses its words nor writes them
    twice.
    """
    matters = list(lock(ids).values())
    forget(ids)
    return keep_again(matters)
