"""`manage.py demo`: adds, leaves alone, needs no calendar, and never leaves half of it behind."""

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accountability.deadlines.limits import SHANGHAI
from accountability.models import Alarm, Deadline, Unit
from assessment.models import Case
from complaints.models import Complaint
from config.demo import player
from config.demo.cases import CASES, COMPLAINTS
from config.demo.desks import STAGES
from config.demo.player import BrokenScript, play
from config.demo.plots import histories

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=SHANGHAI)


@pytest.mark.django_db
def test_the_command_adds_and_if_empty_leaves_alone():
    said = StringIO()
    call_command("demo", complaints=2, verbosity=0, stdout=said)
    call_command("demo", complaints=3, verbosity=0, stdout=said)
    call_command("demo", if_empty=True, verbosity=0, stdout=said)
    assert Complaint.objects.count() == 5
    assert said.getvalue().splitlines()[-1] == "已有 5 件投诉，不再生成演示数据。"


@pytest.mark.django_db
def test_production_has_no_demo_accounts(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="Not in production"):
        call_command("demo", complaints=1, verbosity=0)
    assert Unit.objects.count() == 0


@pytest.mark.django_db
def test_january_without_a_calendar_raises_an_alarm_and_guesses_nothing():
    play(20, seed=1, now=datetime(2027, 1, 10, 9, 0, tzinfo=SHANGHAI), quiet=True)
    assert Complaint.objects.count() == 20
    assert set(Deadline.objects.filter(due_at=None).values_list("kind", flat=True)) >= {"return", "network_solution"}
    assert list(Alarm.objects.filter(kind="calendar").values_list("key", flat=True)) == ["calendar:2027"]


@pytest.mark.django_db
def test_without_a_published_calendar_nobody_is_deemed():
    play(len(STAGES) + COMPLAINTS, seed=1, now=datetime(2027, 2, 12, 9, 0, tzinfo=SHANGHAI), quiet=True)
    assert Case.objects.count() == len(CASES)
    assert Case.objects.filter(state="deemed_violation").count() == 0
    assert Deadline.objects.filter(kind="report", due_at=None, met_at=None).exists()


@pytest.mark.django_db
def test_a_small_demo_has_no_cases():
    play(COMPLAINTS, seed=1, now=NOW, quiet=True)
    assert (Case.objects.count(), Complaint.objects.count()) == (0, COMPLAINTS)


@pytest.mark.django_db
def test_a_refused_act_ends_the_run_and_nothing_stays(monkeypatch):
    def with_a_mistake(company, number, now):
        (script,) = histories(company, 1, now)
        script.steps = [script.steps[0] | {"at": now, "by": "wh.zhang", "do": "register"}]
        yield script

    monkeypatch.setattr(player, "stages", lambda company, now: [])
    monkeypatch.setattr(player, "histories", with_a_mistake)
    with pytest.raises(BrokenScript, match=r"wh\.zhang, register"):
        play(1, seed=1, now=NOW, quiet=True)
    assert (Complaint.objects.count(), Unit.objects.count()) == (0, 0)
