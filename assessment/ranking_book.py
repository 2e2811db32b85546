"""A ranking as a workbook: every text is a text, whatever it begins with."""

from __future__ import annotations

import io
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accountability.cells import put_text
from accountability.deadlines import show_instant
from assessment.models import Ranking, RankingLine
from assessment.ranking_paper import CAPTIONS, percent

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def book_of(ranking: Ranking) -> bytes:
    """A sheet a list; numbers as numbers, the exact fraction as text."""
    book = Workbook(write_only=True)
    for group in ranking.standings:
        sheet = book.create_sheet(CAPTIONS[group])
        heads = [
            _("名次"), _("单位"), _("满意且按时"), _("计入"), _("精确值"), _("百分比"), _("年度优秀单位评比"),
        ]  # fmt: skip
        sheet.append([_cell(sheet, head) for head in heads])
        for line in ranking.lines:
            if line.group == group:
                sheet.append([_cell(sheet, value) for value in _row(line, ranking)])
        note = _("%(number)s，%(state)s，数据封存于 %(at)s") % {
            "number": ranking.matter, "state": ranking.describe_state(), "at": show_instant(ranking.frozen_at),
        }  # fmt: skip
        sheet.append([_cell(sheet, note)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _row(line: RankingLine, ranking: Ranking) -> list[Any]:
    if line.rate is None:
        return [_("不排名"), line.name, line.resolved, line.asked, "—", "—", "—"]
    barred = line.is_lowest if ranking.is_draft else line.is_barred
    word = (_("拟不能参加") if ranking.is_draft else _("不能参加")) if barred else "—"
    return [line.place, line.name, line.resolved, line.asked, str(line.rate), percent(line.rate), word]


def _cell(sheet: Any, value: Any) -> Any:
    return put_text(WriteOnlyCell(sheet), value) if isinstance(value, str) else WriteOnlyCell(sheet, value=value)
