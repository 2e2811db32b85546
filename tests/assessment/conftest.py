"""What tests of the second half share: cases and plans brought to a position."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.assessment.bulletins.made_bulletins import Bulletins
from tests.assessment.docket import Docket
from tests.assessment.office import Stage
from tests.assessment.plans.made_plans import Plans
from tests.assessment.rankings.made_rankings import Rankings
from tests.factories import Now, Play


@pytest.fixture
def stage(play: Play) -> Stage:
    """Brings cases to a position: `stage.notified()`."""
    return Stage(play)


@pytest.fixture
def docket(play: Play) -> Docket:
    """Runs the verbs of cases: `docket.upto("notified")`, `docket("penalise", "sc.officer", case, months=2)`."""
    return Docket(play)


@pytest.fixture
def plans(play: Play) -> Plans:
    return Plans(play)


@pytest.fixture
def bulletins(play: Play) -> Bulletins:
    return Bulletins(play)


@pytest.fixture
def rankings(play: Play, now: Now) -> Rankings:
    """Plays a year's rounds and runs the verbs of rankings: `rankings.draft({"WH": (1, 2)})`."""
    return Rankings(play, now)


@pytest.fixture
def officer(client_for: Callable[[str], Client]) -> Client:
    return client_for("sc.officer")


@pytest.fixture
def leader(client_for: Callable[[str], Client]) -> Client:
    return client_for("sc.leader")


@pytest.fixture
def auditor(client_for: Callable[[str], Client]) -> Client:
    return client_for("sj.auditor")
