"""Whether a customer's answer is frozen in a ranking or bulletin, so that it can't be corrected (R37, R53, R54)."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from assessment.models import Bulletin, RankingRound, RankingState
from assessment.models.bulletins import STANDING
from complaints.models import Round


def frozen_with(judged: Round) -> Any:
    """The sentence that names the ranking or bulletin that counts the round's answer; empty if there is none."""
    if judged.satisfied_at is None:
        return ""
    ranked = RankingRound.objects.filter(round=judged, edition=F("ranking__edition"))
    ranking = ranked.exclude(ranking__state=RankingState.WITHDRAWN).select_related("ranking").first()
    if ranking is not None:
        return _("该记录已计入 %(year)s 年排名，满意度不能更正。") % {"year": ranking.ranking.year}
    month = day_of(judged.satisfied_at).replace(day=1)
    told = Bulletin.objects.filter(month=month, state__in=STANDING, cut_off_at__gte=judged.satisfied_at)
    return _("该记录已计入 %(month)s 定期通报，满意度不能更正。") % {"month": f"{month:%Y-%m}"} if told.exists() else ""
