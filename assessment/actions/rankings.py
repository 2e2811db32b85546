"""The yearly ranking: drafted automatically or by marketing, confirmed by one leader, withdrawn by another (R53)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.documents.issuing import issue
from accountability.gate.act import Act, Batch, refuse_unless
from accountability.gate.changes import flush
from accountability.gate.fields import Offered, Text, Whole
from accountability.gate.verbs import verb
from accountability.models import Employee, Unit
from accountability.monitoring import reminders
from accountability.organisation.succession import ON_AWAY, OPEN_WORK, OpenWork, hand_on
from assessment import permissions
from assessment.actions.notify import tell_everybody
from assessment.documents.numbering import number_by
from assessment.figures.periods import SETTLED_AFTER
from assessment.models import Ranking, RankingState
from assessment.models.standings import PLACES_BARRED, Standings
from assessment.rankings.counting import bounds
from assessment.rankings.frozen_inputs import freeze
from complaints.models import Round

FIRST_YEAR = 2011
"""The year of the notice."""

REASON = Text(name="reason", label=_("理由"), rows=3)


def year_is_over(year: int, at: datetime) -> bool:
    return at >= bounds(year)[1] + SETTLED_AFTER


# Drafting


@verb(
    Ranking, _("起草年度排名"),
    Whole(name="year", label=_("年度"), least=FIRST_YEAR, most=2100, help=_("已经结束的年度。")),
    creates=True, rule="R53",
    permission=permissions.draft_ranking,
)  # fmt: skip
def draft_ranking(act: Act, *, year: int) -> None:
    """Rank a past year and freeze the inputs; after a withdrawal the year may be drafted again."""
    refuse_unless(year_is_over(year, act.at), _("%(year)s 年尚未结束，可先预览。") % {"year": year}, "year")
    _take_place(act, year)
    known = Ranking.objects.standing().filter(year=year).exists()
    refuse_unless(not known, _("%(year)s 年已有排名。") % {"year": year}, "year")
    act.subject.draft_ranking()
    _freeze(act)


def _take_place(act: Act, year: int) -> None:
    """Lock the series' row, so that a second draft of the same year waits for the first and finds it."""
    act.subject.year, act.subject.attempt = year, act.draw(f"ranking {year}")


@verb(
    Ranking, _("重新起草"), REASON, rule="R53",
    permission=permissions.redraft_ranking, states=[RankingState.DRAFTED],
)  # fmt: skip
def redraft_ranking(act: Act, *, reason: str) -> None:
    """Freeze the inputs again, as recorded now; the earlier edition stays readable in the database."""
    _freeze(act)


def _freeze(act: Act) -> None:
    ranking: Ranking = act.subject
    ranking.edition += 1
    ranking.is_split = act.batch.limits.rank_separately
    ranking.drafted_by = act.actor.employee if act.actor else act.batch.system
    ranking.frozen_at = act.at
    for line in freeze(ranking):
        act.changes.new(line)
    assert act.entry is not None
    act.note(edition=ranking.edition, rounds=ranking.rounds, inputs=ranking.inputs_digest)
    for person_id in act.batch.marketing_ids:
        act.tell(person_id, "ranking_drafted", year=ranking.year)


# Deciding


def _to_choose(ranking: Ranking) -> Iterable[tuple[str, Any]]:
    return [(line.unit.code, line.name) for line in ranking.choices]


def _inputs(ranking: Ranking) -> list[str]:
    """What the table was counted from."""
    return [ranking.inputs_digest[:16]]


def _must_be_reasoned(ranking: Ranking) -> bool:
    return ranking.needs_decision


@verb(
    Ranking, _("确认并公布排名"),
    Offered(name="barred", label=_("不能参加年度优秀单位评比的单位"), required=False, offers=_to_choose,
            help=_("只在并列跨越倒数第三名、或排名单位不足四个时由人选择；并列的默认全部计入。")),
    Text(name="reason", label=_("决定理由"), rows=3, required=_must_be_reasoned,
         help=_("并列跨越倒数第三名、或排名单位不足四个时必填，随排名公布。")),
    rule="R53",
    permission=permissions.confirm_barred,
    seen=_inputs,
)  # fmt: skip
def confirm_barred(act: Act, *, barred: list[str] | None = None, reason: str = "") -> None:
    """A leader of marketing confirms which units can't be outstanding units of the year; this publishes the ranking.

    If a tie crosses the third-lowest place or fewer than four units are ranked, they decide and give a reason. Without
    a choice of theirs all tied units are barred, and none if too few are ranked.
    """
    ranking: Ranking = act.subject
    assert act.actor is not None
    assert act.entry is not None
    decided = _decided(ranking, barred)
    ranking.confirm_barred()
    ranking.decided_by, ranking.decided_at = act.actor.employee, act.at
    ranking.decision = act.entry.texts
    for line in ranking.lines:
        line.is_barred = line.unit.code in decided
    act.note(barred=sorted(decided), proposed=sorted(line.unit.code for line in ranking.lines if line.is_lowest))
    ranking.document_number = number_by(act, "ranking_prefix")
    issue(act, "ranking", part=ranking.edition, number=ranking.document_number, reason=reason)
    tell_everybody(act, "ranking_published", year=ranking.year, ranking=str(ranking.matter))


def _decided(ranking: Ranking, chosen: list[str] | None) -> set[str]:
    """The barred units, by code. Refuses units that may not be chosen."""
    strangers = set(chosen or ()) - {line.unit.code for line in ranking.choices}
    strangers -= {code for found in ranking.standings.values() for code in found.barred}
    refuse_unless(not strangers, _("不能选择：%(codes)s。") % {"codes": "、".join(sorted(strangers))}, "barred")
    decided: set[str] = set()
    for found in ranking.standings.values():
        decided |= _decided_of(found, chosen)
    return decided


def _decided_of(found: Standings, chosen: list[str] | None) -> set[str]:
    """The barred units of one list. Of the tied, at least enough to make three; units below the tie always."""
    picked = set(chosen or ()) & set(found.rates)
    if found.has_too_few:
        return picked
    if not found.tied or not picked & set(found.tied):
        return set(found.barred)
    decided = set(found.barred) - set(found.tied) | picked
    enough = len(decided) >= PLACES_BARRED
    refuse_unless(enough, _("不能参评的单位不少于三个（后三名）。"), "barred")
    return decided


@verb(
    Ranking, _("撤回排名"), REASON, rule="R53",
    permission=permissions.withdraw_ranking,
    grave=True,
    seen=_inputs,
)  # fmt: skip
def withdraw_ranking(act: Act, *, reason: str) -> None:
    """Its inputs were wrong: another leader withdraws it, all units are notified, and the year may be drafted again."""
    ranking: Ranking = act.subject
    assert act.actor is not None
    assert act.entry is not None
    ranking.withdraw_ranking()
    ranking.withdrawn_by, ranking.withdrawn_at = act.actor.employee, act.at
    ranking.withdrawal = act.entry.texts
    number = number_by(act, "ranking_prefix")
    issue(act, "ranking", part=0, number=number, withdraws=True, reason=reason)
    tell_everybody(act, "ranking_withdrawn", year=ranking.year, ranking=str(ranking.matter))


# Automatic


def draft_yearly(at: datetime) -> int:
    """Draft every past year that has no ranking, and return how many: usually one, more after a long outage.

    A year before the first delivered round is left out; a withdrawn one waits for a person.
    """
    last = day_of(at - SETTLED_AFTER).year - 1
    latest = Ranking.objects.order_by("-year").values_list("year", flat=True).first()
    years = range(last if latest is None else latest + 1, last + 1)
    first = Round.objects.order_by("pk").values_list("delivered_at", flat=True).first() if years else None
    return sum(_draft_by_itself(year, at) for year in years if first is not None and first < bounds(year)[1])


def _draft_by_itself(year: int, at: datetime) -> bool:
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Ranking()])
        _take_place(act, year)
        if Ranking.objects.filter(year=year).exists():
            transaction.set_rollback(True)  # another run, or a person, was first
            return False
        act.entry = act.record("draft_ranking", batch.system, facts={"year": year})
        act.subject.draft_ranking()
        _freeze(act)
        flush(batch)
    return True


reminders.WATCHES.append(draft_yearly)


# Leavers


def open_work(person_ids: Collection[int]) -> Iterator[tuple[int, OpenWork]]:
    """The drafts that wait for these people's decision."""
    waiting = Ranking.objects.filter(state=RankingState.DRAFTED, matter__holder__in=person_ids).select_related("matter")
    for ranking in waiting.order_by("pk"):
        number = str(ranking.matter)
        place = reverse("ranking_numbered", args=[number])
        yield ranking.matter.holder_id or 0, OpenWork(number, place, _("排名确认人"))


OPEN_WORK.append(open_work)


def pass_on(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """In the sweep: pass a draft whose holder can no longer confirm it to a leader who can."""
    if gone is not None:
        return 0
    leaders = batch.marketing_leader_ids if (drafts := _drafts()) else []
    heads = [unit.head_id for unit in batch.units_of_kind(Unit.Kind.MARKETING)] if drafts else []
    return hand_on(batch, Ranking, [pk for pk, holder, by in drafts if holder not in _could(leaders, by, heads)])


def _drafts() -> list[tuple[int, int | None, int]]:
    rows = Ranking.objects.filter(state=RankingState.DRAFTED).order_by("pk")
    return list(rows.values_list("pk", "matter__holder_id", "drafted_by_id"))


def _could(leaders: list[int], drafted_by: int, heads: list[int | None]) -> list[int | None]:
    able: list[int | None] = [pk for pk in leaders if pk != drafted_by]
    return able or heads


ON_AWAY.append(pass_on)
