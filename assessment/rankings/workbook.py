"""A ranking as a workbook: every text stays a text, whatever it begins with."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_instant
from accountability.models import Employee
from accountability.spreadsheets.cells import add_row, new_book
from assessment.exports.watermark import mark, watermark
from assessment.models import Ranking, RankingLine
from assessment.rankings.letter import CAPTIONS, percent

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def book_of(ranking: Ranking, who: Employee, at: datetime) -> bytes:
    """One sheet per list; numbers as numbers, the exact fraction as text."""
    book, told = new_book(write_only=True), watermark(who, at)
    for group in ranking.standings:
        sheet = book.create_sheet(CAPTIONS[group])
        heads = [
            _("名次"), _("单位"), _("满意且按时"), _("计入"), _("精确值"), _("百分比"), _("年度优秀单位评比"),
        ]  # fmt: skip
        add_row(sheet, [told])
        add_row(sheet, heads)
        for line in ranking.lines:
            if line.group == group:
                add_row(sheet, _row(line, ranking))
        note = _("%(number)s，%(state)s，数据封存于 %(at)s") % {
            "number": ranking.matter, "state": ranking.describe_state(), "at": show_instant(ranking.frozen_at),
        }  # fmt: skip
        add_row(sheet, [note])
    mark(book, told, who)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _row(line: RankingLine, ranking: Ranking) -> list[Any]:
    if line.rate is None:
        return [_("不排名"), line.name, line.resolved, line.asked, "—", "—", "—"]
    barred = line.is_lowest if ranking.is_draft else line.is_barred
    word = (_("拟不能参加") if ranking.is_draft else _("不能参加")) if barred else "—"
    return [line.place, line.name, line.resolved, line.asked, str(line.rate), percent(line.rate), word]
