"""docs/flow.pnml and docs/flow.bpmn say what the program's steps say, and are models that other programs can open."""

from __future__ import annotations

from collections import Counter

import pytest
from lxml import etree

from complaints.conformance.flow import STEPS, activity_of, edges, places
from config.docs.flow import bpmn, pnml
from tests.config.docs.nets import ROOT, read_net

BPMN = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "w": "http://www.omg.org/spec/DD/20100524/DI",
}

TO_THE_REPLY = ["register", "dispatch", "hand_off", "accept", "answer", "judge_complete (complete)", "reply"]
DIRECTLY = ["register", "handle_directly", "judge_complete (complete)", "reply"]
SATISFIED, UNSATISFIED = "record_satisfaction (satisfied)", "record_satisfaction (not satisfied)"


def test_the_net_is_a_sound_machine_of_states() -> None:
    """One token, each transition with one place before and one after it: so nothing is ever lost or doubled."""
    net = read_net()
    ways = [way for found in net.transitions.values() for way in found]
    assert all(taken.total() == put.total() == 1 for taken, put in ways)
    assert (net.first, net.last) == (Counter(["new"]), Counter(["archived"]))
    assert (len(ways), set(net.transitions)) == (len(edges()), {step.activity for step in STEPS if not step.beside})


def test_at_a_place_a_label_says_which_way_it_goes() -> None:
    ways = Counter((edge.source.name, edge.step.activity) for edge in edges())
    assert set(ways.values()) == {1}


@pytest.mark.parametrize(
    "way",
    [
        [*TO_THE_REPLY, SATISFIED],
        [*DIRECTLY, SATISFIED],
        ["forward", *DIRECTLY, UNSATISFIED, *TO_THE_REPLY[1:], SATISFIED],
        [*TO_THE_REPLY, UNSATISFIED, "archive_unsatisfied"],
        ["register", "dispatch", "request_return", "miss (ruling)", "report_to_leader", "name_handler", "answer",
         "judge_complete (incomplete)", "propose_solution", "answer", "judge_complete (complete)", "reply", SATISFIED],
        ["register", "dispatch", "hand_off", "request_return", "rule_on_return (accepted)", *TO_THE_REPLY[1:],
         SATISFIED],
    ],
)  # fmt: skip
def test_the_ways_of_the_chart_end_in_the_archive(way: list[str]) -> None:
    net = read_net()
    assert net.replay(way) == (net.last, [])


@pytest.mark.parametrize(
    ("way", "strays"),
    [
        (["register", "dispatch", "answer"], ["answer"]),
        ([*TO_THE_REPLY, "archive_unsatisfied"], ["archive_unsatisfied"]),
        (["register", "dispatch", "recall"], ["recall"]),
        ([*DIRECTLY, "dispatch"], ["dispatch"]),
    ],
)
def test_what_is_not_in_the_chart_has_no_token(way: list[str], strays: list[str]) -> None:
    assert read_net().replay(way)[1] == strays


def test_the_bpmn_has_the_same_ways() -> None:
    """Between the gateways of two places stands a task for each way, and nothing else."""
    tree = etree.fromstring(bpmn().encode())
    flows = [(f.get("sourceRef"), f.get("targetRef")) for f in tree.iterfind(".//b:sequenceFlow", BPMN)]
    into, out_of = {t: s for s, t in flows}, {s: t for s, t in flows if s.startswith("task")}
    told = {(into[key], task.get("name"), out_of[key]) for task in tree.iterfind(".//b:task", BPMN)
            if (key := task.get("id"))}  # fmt: skip
    gate = {place.name: f"at_{place.name.replace('.', '_')}" for place in places()}
    assert told == {(gate[e.source.name], e.step.activity, gate[e.target.name]) for e in edges()}
    assert {("start", gate["new"]), (gate["archived"], "end")} <= set(flows)


def test_the_bpmn_is_drawn_whole() -> None:
    """Each element has its shape or its line, no two shapes lie on each other, and no id stands twice."""
    tree = etree.fromstring(bpmn().encode())
    process = tree.find("b:process", BPMN)
    named = [element.get("id") for element in process]
    drawn = [shape.get("bpmnElement") for shape in tree.iterfind(".//di:BPMNPlane/*", BPMN)]
    assert sorted(named) == sorted(drawn)
    assert len(set(tree.xpath("//@id"))) == len(tree.xpath("//@id"))
    boxes = [tuple(int(b.get(n)) for n in ("x", "y", "width", "height")) for b in tree.iterfind(".//dc:Bounds", BPMN)]
    apart = [
        x + width <= left or left + wide <= x or y + height <= top or top + high <= y
        for place, (x, y, width, height) in enumerate(boxes)
        for left, top, wide, high in boxes[place + 1 :]
    ]
    assert all(apart)


def test_the_files_are_as_generated() -> None:
    """`make check` says so too; a run of the tests alone finds it as well."""
    for name, made in (("flow.pnml", pnml()), ("flow.bpmn", bpmn())):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made


def test_the_log_names_activities_as_the_models_do() -> None:
    told = {activity_of(step.word, step.outcome) for step in STEPS if not step.beside}
    assert told == set(read_net().transitions)
