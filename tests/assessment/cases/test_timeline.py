"""What is no verb of a case stands in its timeline in words too, for those whose limit it is about."""

from __future__ import annotations

from typing import Any

import pytest

from accountability.gate.act import Batch, lock
from accountability.gate.changes import flush
from accountability.models import Deadline
from assessment.cases.dossier import dossier_of, whole
from assessment.cases.timeline import timeline
from assessment.models import Case
from tests.assessment.docket import Docket
from tests.looking import deadline

TITLE = "公布工作日历"
OF_WUHAN = ("wh.contact", "wh.head")


def shown(docket: Docket, case: Case, username: str) -> list[tuple[str, str, str]]:
    """Title, actor and text of what this person reads of calendars, newest first."""
    entries = timeline(dossier_of(whole(case), docket.actor(username)))
    wanted = (TITLE, "publish_calendar")
    return [(str(one["title"]), str(one["actor"]), one["text"]) for one in entries if str(one["title"]) in wanted]


def by_the_system(docket: Docket, case: Case, verb: str, **facts: Any) -> None:
    """An entry of the sweep on the case."""
    batch = Batch(docket.now.at)
    (act,) = batch.acts_of(Case, lock([case.pk]))
    act.record(verb, batch.system, facts=facts)
    flush(batch)


@pytest.mark.rule("R43")
def test_whose_limit_gets_its_instant_by_a_calendar_reads_that_it_was_published(docket: Docket) -> None:
    case = docket("issue_sheet", "kf.agent", at=docket.now.set("2026-12-30 08:40"))
    case = docket("notify_unit", "sc.officer", case, at=docket.now.set("2026-12-30 09:00"))
    docket.now.set("2027-01-04 09:00")
    docket.play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-01"])
    assert deadline(case, "report").due_at is not None
    told = [(TITLE, docket.cast["sc.officer"].name, "年份：2027")]
    assert {name: shown(docket, case, name) for name in (*OF_WUHAN, "sc.officer2", "sj.auditor")} == dict.fromkeys(
        (*OF_WUHAN, "sc.officer2", "sj.auditor"), told
    )


@pytest.mark.rule("R42")
def test_a_calendar_is_read_by_those_alone_who_know_one_of_its_limits(docket: Docket) -> None:
    """The centre waits for the notice and knows nothing of the report; the unit the other way round."""
    case = docket("notify_unit", "sc.officer", docket("issue_sheet", "kf.agent"))
    everybody = (*OF_WUHAN, "kf.agent", "sc.officer")
    known: dict[str, set[str]] = {}
    for kinds in (("notice",), ("report",), ("panel",), ("notice", "report"), ()):
        limits = [Deadline(kind=kind).facts for kind in kinds]
        before = {name: len(shown(docket, case, name)) for name in everybody}
        by_the_system(docket, case, "publish_calendar", year=2027, version=1, limits=limits)
        known[",".join(kinds)] = {name for name in everybody if len(shown(docket, case, name)) > before[name]}
    assert known == {
        "notice": {"kf.agent", "sc.officer"}, "report": {*OF_WUHAN, "sc.officer"}, "panel": {"sc.officer"},
        "notice,report": set(everybody), "": {"sc.officer"},
    }  # fmt: skip


@pytest.mark.rule("R43")
def test_what_the_system_did_is_told_as_its_own(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket("issue_sheet", "kf.agent"))
    limits = [Deadline(kind="report").facts]
    by_the_system(docket, case, "publish_calendar", year=2027, version=1, limits=limits)
    by_the_system(docket, case, "settle")
    assert shown(docket, case, "wh.contact") == [(TITLE, "系统", "年份：2027")]
    newest = timeline(dossier_of(whole(case), docket.actor("sc.officer")))[0]
    assert (str(newest["title"]), str(newest["actor"])) == ("系统核定", "系统")
