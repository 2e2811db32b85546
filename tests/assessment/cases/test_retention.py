"""Retention: after its time nothing is left of a matter that tells of a person, and everything that counts is."""

# mypy: disable-error-code="union-attr,arg-type"

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant
from accountability.documents import keeping
from accountability.files.attachments import take
from accountability.gate.act import Refused
from accountability.models import Attachment, LedgerEntry, Matter, Paper, PaperFile, PersonalData, SearchText
from accountability.privacy import retention
from accountability.security.encryption import digest
from accountability.tasks import retain
from assessment.figures import periods
from assessment.figures.counting import BY, figures, total
from assessment.figures.measures import MEASURES
from assessment.models import Case
from assessment.rankings.counting import ranking_of
from complaints.models import Complaint
from tests.assessment.office import Stage
from tests.assessment.plans.made_plans import Plans
from tests.factories import WAY, Now, Play
from tests.looking import contents, writes

NAME, PHONE, WORDS = "欧阳丝雀", "13987654321", "金丝雀甲"
OF_THE_CUSTOMER = {"customer": NAME, "phone": PHONE, "content": f"{WORDS}，多扣了费用，机主{NAME}。"}
THREE_YEARS = "2029-11-25 09:00"
ALMOST = "2029-11-24 08:59"

pytestmark = [pytest.mark.compliance(19), pytest.mark.asvs("14.2.4", "14.2.7")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.ATTACHMENTS_DIR = tmp_path
    return tmp_path


def archived(play: Play, **more: Any) -> Complaint:
    return play.upto("archived", **(OF_THE_CUSTOMER | more))


def to_the_end(play: Play, complaint: Complaint) -> Complaint:
    """One that was handed off."""
    for verb, by in WAY["archived"][len(WAY["handed_off"]) :]:
        complaint = play(verb, by, complaint)
    return complaint


def with_a_file(play: Play) -> Complaint:
    file = take(
        f"{NAME}的账单.txt", f"{NAME} {PHONE}".encode(), by=play.cast["kf.agent"], at=play.now.at, kind="intake"
    )
    return archived(play, files=[file.token])


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def known_words() -> str:
    """Every column of every table, and what the sealed ones say to whoever has the keys."""
    said = json.dumps(contents(without=()), ensure_ascii=False, default=str)
    rows = PersonalData.objects.filter(sealed__isnull=False)
    opened = [row.opened for row in rows]
    names = [file.name for file in Attachment.objects.all()]
    return "\n".join([said, json.dumps(opened, ensure_ascii=False), *filter(None, names)])


def numbers(at: datetime) -> tuple[Any, ...]:
    """Every figure of the months played, by every way they are broken down, and the year's ranking."""
    spans = [periods.month(2026, 11), periods.month(2026, 12), periods.year(2026)]
    ranking = ranking_of(2026)
    return (
        [dict(total(span).counts) for span in spans],
        [[(line.key, dict(line.counts)) for line in figures(span, by=by)] for span in spans for by in BY],
        (ranking.rates, ranking.order, ranking.barred, ranking.unranked),
    )


# What is cleared


def test_after_its_time_nothing_tells_of_the_customer(play: Play, now: Now, folder: Path) -> None:
    complaint = with_a_file(play)
    now.forward(minutes=1)
    keeping.ask(Paper.objects.filter(matter=complaint.matter).first(), "html", by=play.cast["kf.agent"], at=now.at)
    assert keeping.make_pending(now.at) == 1
    before = known_words()
    assert [needle in before for needle in (NAME, PHONE, WORDS, digest("phone", PHONE))] == [True] * 4
    assert (SearchText.objects.count() > 0, len(files_in(folder))) == (True, 2)
    now.set(THREE_YEARS)
    assert retain() == {"plan": 0, "case": 0, "mass": 0, "complaint": 1, "rights": 0}
    after = known_words()
    needles = (NAME, PHONE, WORDS, digest("phone", PHONE), digest("name", NAME), digest("last4", PHONE[-4:]))
    assert [needle in after for needle in needles] == [False] * 6
    assert (SearchText.objects.count(), PersonalData.objects.filter(sealed__isnull=False).count()) == (0, 0)
    assert (Attachment.objects.get().name, Attachment.objects.get().erased_at) == (None, now.at)


def test_the_files_go_with_the_rows(
    play: Play, now: Now, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    complaint = with_a_file(play)
    keeping.ask(Paper.objects.filter(matter=complaint.matter).first(), "html", by=play.cast["kf.agent"], at=now.at)
    keeping.make_pending(now.at)
    assert len(files_in(folder)) == 2
    now.set(THREE_YEARS)
    with django_capture_on_commit_callbacks(execute=True):
        assert retain()["complaint"] == 1
    assert files_in(folder) == []
    assert (PaperFile.objects.get().made_at is not None, Paper.objects.first().is_erased) == (True, True)


def test_what_counts_is_left(play: Play, now: Now) -> None:
    """Rows, instants and figures are those of before, and every chain still holds."""
    complaint = archived(play)
    with_unsatisfied = archived(play, region="宜昌", phone="13900001111")
    kept = Complaint.objects.values(*[field.attname for field in Complaint._meta.concrete_fields]).order_by("pk")
    rows, figured = list(kept), numbers(now.at)
    assert figured[0][0][next(iter(MEASURES))] == 2
    now.set(THREE_YEARS)
    assert retain()["complaint"] == 2
    assert (list(kept), numbers(now.at)) == (rows, figured)
    assert [broken(found.matter) for found in (play.again(complaint), play.again(with_unsatisfied))] == [None, None]


def test_the_ledger_says_so_and_how_much(play: Play, now: Now) -> None:
    complaint = with_a_file(play)
    texts = PersonalData.objects.filter(matter=complaint.matter).exclude(kind="paper").count()
    papers = Paper.objects.filter(matter=complaint.matter).count()
    now.set(THREE_YEARS)
    retain()
    entry = LedgerEntry.objects.filter(matter=complaint.matter).latest("seq")
    assert (entry.verb, entry.actor.username, entry.at) == ("deidentify", "system", now.at)
    assert entry.facts == {"texts": texts, "papers": papers, "files": 1}
    assert play.again(complaint).matter.deidentified_at == now.at


def test_twice_does_nothing_twice(play: Play, now: Now) -> None:
    archived(play)
    now.set(THREE_YEARS)
    retain()
    after = writes()
    now.forward(days=1)
    assert (retain(), writes()) == ({"plan": 0, "case": 0, "mass": 0, "complaint": 0, "rights": 0}, after)


def test_a_run_that_dies_is_finished_by_the_next(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies between two batches: the first stays done, the second is as before, and the next run does it."""
    monkeypatch.setattr(retention, "BATCH", 1)
    several = [archived(play), archived(play)]
    now.set(THREE_YEARS)
    clear, calls = retention.index.forget, []

    def dies(ids: Any) -> None:
        calls.append(ids)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        clear(ids)

    monkeypatch.setattr(retention.index, "forget", dies)
    with pytest.raises(RuntimeError):
        retain()
    done = Matter.objects.filter(deidentified_at__isnull=False)
    assert (done.count(), PersonalData.objects.filter(sealed=None).values("matter").distinct().count()) == (1, 1)
    monkeypatch.setattr(retention.index, "forget", clear)
    assert (retain()["complaint"], done.count()) == (1, 2)
    assert [broken(play.again(each).matter) for each in several] == [None, None]


def test_a_file_that_a_crash_left_behind_is_cleared_away(play: Play, now: Now, folder: Path) -> None:
    """The row is written and the file still there: nothing names it any more, and the sweep takes it."""
    from accountability.files.attachments import _clear_idle

    with_a_file(play)  # inside this test's transaction no file is discarded
    now.set(THREE_YEARS)
    retain()
    (left,) = files_in(folder)
    _clear_idle(int(left.name[:2], 16), now.at)
    assert files_in(folder) == []


def test_the_number_of_statements_does_not_grow(play: Play, now: Now) -> None:
    def counted(number: int) -> int:
        now.set("2026-11-24 09:00")
        for _place in range(number):
            archived(play)
        now.set(THREE_YEARS)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert retain()["complaint"] == number
        return len(caught)

    assert counted(2) == counted(9)


# When


@pytest.mark.parametrize(("instant", "cleared"), [(ALMOST, 0), (THREE_YEARS, 1)])
def test_it_waits_three_years_from_the_archive(play: Play, now: Now, instant: str, cleared: int) -> None:
    archived(play)
    now.set(instant)
    assert retain()["complaint"] == cleared


def test_what_is_not_archived_is_kept_for_ever(play: Play, now: Now) -> None:
    complaint = play.upto("replied", **OF_THE_CUSTOMER)
    now.set("2040-01-01 00:00")
    assert (retain()["complaint"], play.again(complaint).intake.sealed is None) == (0, False)


def test_history_is_as_old_as_it_was_where_it_came_from(play: Play, now: Now) -> None:
    """Taken over today, closed three years ago."""
    old = {"received": "2023-10-01 10:00", "closed_at": "2023-10-08 10:00"}
    complaint = play("import_complaint", "kf.agent", **(OF_THE_CUSTOMER | old))
    assert (complaint.matter.closed_at, retain()["complaint"]) == (complaint.archived_at, 1)


def test_the_leap_day_counts_as_the_day_before(play: Play, now: Now) -> None:
    """At four o'clock it is still the day before in UTC."""
    for hour in ("04:00", "12:00"):
        at = now.set(f"2028-02-29 {hour}")
        assert retention.kept_since(at) == read_instant(f"2025-02-28 {hour}")


# What holds one back


def test_a_complaint_under_a_case_is_kept(stage: Stage, now: Now) -> None:
    case = stage.notified(**OF_THE_CUSTOMER)
    complaint = Complaint.objects.get()
    complaint = to_the_end(stage.play, complaint)
    now.set(THREE_YEARS)
    assert (retain()["complaint"], retention.counts(now.at)["complaint"]) == (0, {"due": 0, "held": 1})
    assert (Case.objects.get(pk=case.pk).matter.closed_at, complaint.intake.sealed is None) == (None, False)


def test_a_case_goes_with_its_plans_and_before_its_complaints(stage: Stage, plans: Plans, now: Now) -> None:
    """A plan that outlives the case holds it, the case its complaint: their texts may still name the customer."""
    case = stage.closed()
    complaint = Complaint.objects.get()
    complaint = to_the_end(stage.play, complaint)
    plan = plans.open(case=str(case.matter))
    now.set(THREE_YEARS)
    assert retain() == {"plan": 0, "case": 0, "mass": 0, "complaint": 0, "rights": 0}
    plan = plans("accept_plan", "sc.officer", plans("report_plan_done", "wh.zhang", plan))
    assert retain() == {"plan": 0, "case": 0, "mass": 0, "complaint": 0, "rights": 0}
    now.set("2032-11-26 09:00")
    assert retain() == {"plan": 1, "case": 1, "mass": 0, "complaint": 1, "rights": 0}
    assert PersonalData.objects.filter(matter__in=[plan.pk, case.pk, complaint.pk], sealed__isnull=False).count() == 0
    assert [broken(Matter.objects.get(pk=pk)) for pk in (plan.pk, case.pk, complaint.pk)] == [None] * 3


# What the pages say afterwards


def test_its_pages_still_open_and_say_so(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = with_a_file(play)
    number = complaint.matter.number
    now.set(THREE_YEARS)
    retain()
    client = client_for("kf.agent")
    places = (f"/complaints/{number}/", f"/complaints/{number}/rounds/1/notice/")
    pages = [client.get(place) for place in places]
    assert [page.status_code for page in pages] == [200, 200]
    text = pages[0].content.decode()
    assert [word in text for word in ("已去标识", "去标识", NAME, PHONE, WORDS)] == [True, True, False, False, False]
    assert pages[0].context["forms"] == []


def test_the_case_s_page_does_too(stage: Stage, now: Now, client_for: Callable[[str], Client]) -> None:
    case = stage.closed()
    now.set(THREE_YEARS)
    assert retain()["case"] == 1
    for name in ("sc.officer", "wh.head", "sj.auditor"):
        page = client_for(name).get(f"/cases/{case.matter.number}/", follow=True)
        assert (page.status_code, "已去标识" in page.content.decode()) == (200, True)


def test_nothing_more_is_done_to_it(play: Play, now: Now) -> None:
    """An excuse with a new reason would be words again, which nothing would ever clear."""
    complaint = play.upto("delivered")
    now.forward(minutes=31)
    complaint = play("hand_off", "wh.contact", complaint)
    complaint = to_the_end(play, complaint)
    now.set(THREE_YEARS)
    retain()
    with pytest.raises(Refused) as refused:
        play("propose_excuse", "kf.supervisor", complaint)
    assert refused.value.code == "state"


def test_the_command_tells_before_it_acts(play: Play, now: Now) -> None:
    archived(play)
    now.set(THREE_YEARS)
    before, out = writes(), StringIO()
    call_command("retain", dry_run=True, stdout=out)
    assert (out.getvalue().splitlines()[-2], writes() == before) == ("complaint: 1 due, 0 held", True)
    call_command("retain", stdout=out)
    assert out.getvalue().splitlines()[-2] == "complaint: 1 cleared"


def test_it_runs_by_itself_every_hour() -> None:
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    ticks = [tick for tick in schedule.values() if tick["task"] == retain.name]
    assert [tick["schedule"].run_every for tick in ticks] == [timedelta(hours=1)]
