"""Bulletins for tests: an October with rounds of WH and YC, drafted by the sweep on the first of November."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accountability.gate.perform import perform
from assessment.actions.bulletins import draft_missing
from assessment.models import Bulletin
from complaints.models import Complaint
from tests.factories import Play

FIRST = "2026-11-01 00:10"
"""The sweep's first run in November that finds October settled."""

WAYS: dict[str, dict[str, Any]] = {
    "draft_bulletin": {},
    "send_bulletin": {"remarks": "十月总体平稳。"},
    "withdraw_bulletin": {"reason": "两件超时已免责，数字须更正。"},
}


class Bulletins:
    """`bulletins("send_bulletin", "kf.supervisor", bulletin)`: a verb through the gate at the clock's present."""

    def __init__(self, play: Play) -> None:
        self.play, self.now = play, play.now

    def __call__(self, verb: str, by: str, bulletin: Bulletin, *, seen: str | None = None, **facts: Any) -> Bulletin:
        told = WAYS[verb] | facts
        return perform(bulletin, verb, by=self.play.cast[by], at=self.now.at, seen=seen, **told).subject

    def october(self) -> dict[str, Complaint]:
        """Of WH one resolved, one answered late and satisfied, one handed over late and still open, one returned; of YC
        one not satisfied, one whose return wasn't accepted.
        """
        play, now = self.play, self.now
        now.set("2026-10-12 09:00")
        made = {"resolved": play.upto("archived", phone="13800000001")}
        made["returned"] = play.upto("returned", phone="13800000002")
        made["late"] = play.upto("accepted", phone="13800000003")
        made["open"] = play.upto("delivered", phone="13800000004")
        made["of_yc"] = self._in_yc("13800000005", satisfied=False)
        made["kept"] = self._kept("13800000006")
        now.set("2026-10-15 09:00")
        made["open"] = play("hand_off", "wh.contact", made["open"])
        made["late"] = self._to_the_end(made["late"], "wh.zhang", satisfied=True)
        return made

    def _in_yc(self, phone: str, *, satisfied: bool) -> Complaint:
        found = self.play.upto("registered", phone=phone, region="宜昌")
        found = self.play("dispatch", "kf.agent", found, unit="YC")
        found = self.play("hand_off", "yc.contact", found, to="yc.chen")
        return self._to_the_end(found, "yc.chen", satisfied=satisfied)

    def _kept(self, phone: str) -> Complaint:
        """YC wants to return it and may not."""
        found = self.play("dispatch", "kf.agent", self.play.upto("registered", phone=phone, region="宜昌"), unit="YC")
        found = self.play("hand_off", "yc.contact", found, to="yc.chen")
        found = self.play("request_return", "yc.chen", found)
        return self.play("rule_on_return", "kf.agent", found, accepted=False)

    def _to_the_end(self, found: Complaint, handler: str, *, satisfied: bool) -> Complaint:
        found = self.play("answer", handler, found)
        found = self.play("reply", "kf.agent", self.play("judge_complete", "kf.agent", found))
        return self.play("record_satisfaction", "kf.agent", found, satisfied=satisfied)

    def drafted(self, at: str | datetime = FIRST) -> Bulletin:
        """The October that was, drafted by the sweep."""
        self.october()
        self.now.set(at)
        return self.drafts()

    def drafts(self) -> Bulletin:
        """What the sweep drafts now."""
        draft_missing(self.now.at)
        return Bulletin.objects.get(state="drafted")

    def sent(self, **facts: Any) -> Bulletin:
        bulletin = self.drafted()
        self.now.set("2026-11-03 10:00")
        return self("send_bulletin", "kf.supervisor", bulletin, **facts)

    @staticmethod
    def again(bulletin: Bulletin) -> Bulletin:
        return Bulletin.of_matter(bulletin.matter_id)
