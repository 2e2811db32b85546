"""How a share is told against that of the period before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from assessment.charts.series import per_cent


@dataclass(frozen=True)
class Change:
    """A share against that of the period before, with sign and words: of every share that is told the higher is the
    better one.
    """

    now: Fraction | None
    before: Fraction | None

    @classmethod
    def between(cls, now: Fraction | None, before: Fraction | None) -> Change | None:
        """None where neither period has a share."""
        return None if now is None and before is None else cls(now, before)

    @property
    def tone(self) -> str:
        if self.now is None or self.before is None or self.now == self.before:
            return "neutral"
        return "ok" if self.now > self.before else "danger"

    @property
    def words(self) -> str:
        if self.before is None:
            return _("上期没有可比数据")
        if self.now is None:
            return _("上期 %s") % per_cent(self.before)
        if self.now == self.before:
            return _("与上期持平")
        better = self.now > self.before
        points = f"{'+' if better else '−'}{self.points}"
        return (_("%s 个百分点，好于上期") if better else _("%s 个百分点，差于上期")) % points

    @property
    def points(self) -> str:
        """By how many points it changed, without the sign; empty where only one period has a share."""
        return "" if self.now is None or self.before is None else per_cent(abs(self.now - self.before)).rstrip("%")
