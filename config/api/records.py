"""Reads of what stands in the books beside the matters: penalties, as far as each reader may see them, and the ledger
as the administration shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accountability.models import LedgerEntry
from accountability.notices.sentences import verb_label
from accountability.permissions import keeps_the_books
from assessment.cases.papers import PenaltyLine, own_penalty
from assessment.models import Case, Penalty
from config.api.cases import penalty
from config.api.framework import View
from config.api.members import a
from config.api.paging import FIELDS, PAGED, listed, page_asked, refuse_unknown
from config.api.problems import Problem
from config.api.shapes import Json, instant, person, unit

OF_PENALTIES = [OpenApiParameter("mine", str, enum=["1"]), *PAGED, FIELDS]
OF_THE_LEDGER = [OpenApiParameter("number", str), *PAGED, FIELDS]


class Penalties(View):
    """GET lists the penalties that this reader may see, the newest first; by `mine=1` only their own (R50, R51)."""

    @extend_schema(parameters=OF_PENALTIES, responses={200: a("Penalties")})
    def get(self, request: Any) -> Response:
        asked = self.asked
        refuse_unknown(asked, OF_PENALTIES)
        if asked.GET.get("mine", "1") != "1":
            raise Problem(400, errors={"mine": _("请从列出的选项中选择。")})
        joined = ("case__unit", "case__matter", "person", "recorded_by", "slip_by", "refund_by", "texts")
        found = Penalty.objects.visible_to(asked.actor).select_related(*joined)
        if "mine" in asked.GET:
            found = found.filter(person=asked.actor.pk)
        page = page_asked(found, ["-pk"], asked)
        return listed(asked, page, self._rows(page.rows))

    def _rows(self, rows: Sequence[Penalty]) -> list[Json]:
        """The reason is told to the person here as on their own page, to others with the case. Of a case that they may
        not know the person is told nothing but that.
        """
        actor = self.asked.actor
        seen = Case.objects.visible_to(actor).filter(pk__in=[row.case_id for row in rows])
        known = set(seen.values_list("pk", flat=True))
        return [self._row(row, is_own=row.person_id == actor.pk, knows=row.case_id in known) for row in rows]

    @staticmethod
    def _row(row: Penalty, *, is_own: bool, knows: bool) -> Json:
        about = {
            "case": str(row.case.matter.number) if knows else None, "unit": unit(row.case.unit) if knows else None,
        }  # fmt: skip
        return about | penalty(own_penalty(row) if is_own else PenaltyLine(row, ""), knows=knows)


class Ledger(View):
    """GET lists the entries of the record, the newest first; by `number` those of one matter. As in the administration,
    they are for marketing and the auditors, and hold no free text.
    """

    @extend_schema(parameters=OF_THE_LEDGER, responses={200: a("Ledger")})
    def get(self, request: Any) -> Response:
        asked = self.asked
        if not keeps_the_books(asked.actor):
            raise PermissionDenied
        refuse_unknown(asked, OF_THE_LEDGER)
        found = LedgerEntry.objects.select_related("matter", "actor")
        if "number" in asked.GET:
            found = found.filter(matter__number=asked.GET["number"])
        page = page_asked(found, ["-pk"], asked)
        return listed(asked, page, map(self._row, page.rows))

    @staticmethod
    def _row(entry: LedgerEntry) -> Json:
        return {
            "id": entry.pk,
            "matter": str(entry.matter.number),
            "kind": entry.matter.kind,
            "seq": entry.seq,
            "verb": {"name": entry.verb, "label": str(verb_label(entry.verb, entry.matter.kind))},
            "by": person(entry.actor),
            "at": instant(entry.at),
            "recorded_at": instant(entry.recorded_at),
            "round": entry.part or None,
            "facts": entry.facts,
            "hmac": entry.hmac,
        }
