"""A condition on other rows that is asked row by row, through an index."""

from __future__ import annotations

from django.db.models import Exists


class Probe(Exists):
    """As EXISTS. Next to an OR, PostgreSQL may find all rows of the inner query first, to look them up in memory: all
    rounds that a unit ever had, for the few complaints that are open. It doesn't where an offset stands.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"
