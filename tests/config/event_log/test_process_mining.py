"""pm4py, which knows nothing of this program, reads the demo's log and the models in docs/: what followed the chart
fits wholly, and what didn't is named.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from lxml import etree

from accountability.models import LedgerEntry
from complaints.conformance.replay import replay
from complaints.models import Complaint
from tests.demo import NUMBER, Demo

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SCRIPT = Path(__file__).with_name("with_pm4py.py")
DOCS = Path(settings.BASE_DIR, "docs")


@pytest.fixture(scope="module")
def mining() -> str:
    """The interpreter that has pm4py. It is built where it isn't there; where that fails, the test does."""
    script = settings.BASE_DIR / ".ci" / "mining"
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False, timeout=590)
    assert done.returncode == 0, done.stderr
    return str(settings.BASE_DIR / "var" / "mining" / "bin" / "python")


@pytest.fixture(scope="module")
def logs(django_db_setup: None, django_db_blocker: Any, demo: Demo, tmp_path_factory: Any) -> Iterator[Path]:
    """The demo's two logs in a folder; the demo is there meanwhile."""
    folder = tmp_path_factory.mktemp("logs")
    with django_db_blocker.unblock(), demo.for_a_module():
        for form, name in (("xes", "log.xes"), ("ocel", "log.json")):
            call_command("export_events", "--format", form, "--output", str(folder / name))
        yield folder


@pytest.fixture(scope="module")
def told(mining: str, logs: Path) -> dict[str, Any]:
    """What pm4py says of the demo."""
    return told_by(mining, logs / "log.xes", logs / "log.json")


def told_by(mining: str, xes: Path, ocel: Path) -> dict[str, Any]:
    models = [str(DOCS / name) for name in ("flow.pnml", "flow.bpmn")]
    done = subprocess.run(
        [mining, "-I", str(SCRIPT), str(xes), str(ocel), *models], capture_output=True, text=True, check=False,
        timeout=300, cwd=xes.parent, env={"HOME": str(xes.parent), "PATH": "/usr/bin:/bin", "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def strays_of(complaint: Complaint) -> list[str]:
    """By our own replay: the activities that the chart hasn't."""
    entries = LedgerEntry.objects.filter(matter_id=complaint.pk).order_by("seq")
    return [move.activity for move in replay(entries) if not move.follows]


@pytest.mark.rule("R7")
def test_pm4py_agrees_with_our_replay_on_the_whole_demo(told: dict[str, Any]) -> None:
    """Fitness 1.0 for each that followed the chart, below it for each that didn't, and the same step named."""
    left = {str(c): strays for c in Complaint.objects.select_related("matter") if (strays := strays_of(c))}
    assert len(told["by_tokens"]) == NUMBER
    assert {case for case, fitness in told["by_tokens"].items() if fitness < 1.0} == set(left)
    assert left
    assert told["aligned"].keys() == left.keys()
    assert all(set(strays) <= set(told["aligned"][case]) for case, strays in left.items())


def test_pm4py_reads_the_bpmn_as_the_same_flow(told: dict[str, Any]) -> None:
    """Each complaint that was archived by the chart fits it wholly."""
    archived = set(map(str, Complaint.objects.filter(state="archived").select_related("matter")))
    assert told["by_bpmn"] == dict.fromkeys(archived, 1.0)


def test_pm4py_reads_both_logs_whole(told: dict[str, Any]) -> None:
    of_complaints = LedgerEntry.objects.filter(matter__kind="complaint").count()
    assert told["events"] == of_complaints
    assert told["types"] == ["datetime64[us, UTC]", "int64", "bool"]
    assert told["ocel"]["events"] == of_complaints + LedgerEntry.objects.filter(matter__kind="case").count()
    assert told["ocel"]["objects"]["complaint"] == NUMBER
    assert set(told["ocel"]["objects"]) == {"complaint", "round", "deadline", "case", "unit"}


def test_pm4py_names_a_forged_step(mining: str, logs: Path, tmp_path: Path) -> None:
    """One archived complaint whose reply is taken out of the log, and one with a reply after the archive."""
    tree = etree.parse(str(logs / "log.xes"))
    without, with_more, *_others = (t for t in tree.iter("{*}trace") if activities(t)[-2:] == ["reply", SATISFIED])
    taken_out = list(without.iter("{*}event"))[-2]
    without.remove(taken_out)
    added = etree.fromstring(etree.tostring(list(with_more.iter("{*}event"))[-2]))
    added.find("{*}string[@key='state_after']").set("value", "archived")
    with_more.append(added)
    forged = tmp_path / "forged.xes"
    tree.write(str(forged), encoding="utf-8", xml_declaration=True)
    told = told_by(mining, forged, logs / "log.json")
    assert (told["aligned"][case_of(without)], told["aligned"][case_of(with_more)]) == (["-reply"], ["reply"])
    assert max(told["by_tokens"][case_of(without)], told["by_tokens"][case_of(with_more)]) < 1.0


SATISFIED = "record_satisfaction (satisfied)"


def named(event: Any) -> str:
    return str(event.find("{*}string[@key='concept:name']").get("value"))


def activities(trace: Any) -> list[str]:
    return [named(event) for event in trace.iter("{*}event")]


def case_of(trace: Any) -> str:
    return str(trace.find("{*}string[@key='concept:name']").get("value"))
