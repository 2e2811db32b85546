"""Reads the log and the models as a stranger would, with pm4py: run by the interpreter of var/mining, which has nothing
of ours. Prints one JSON object.

    var/mining/bin/python with_pm4py.py LOG.xes LOG.json FLOW.pnml FLOW.bpmn
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pm4py
from pm4py.objects.petri_net.obj import Marking

CASE, STANDS = "case:concept:name", "state_after"


def main(xes: str, ocel: str, pnml: str, bpmn: str) -> None:
    log = pm4py.read_xes(xes)
    flow = log[log["flow"]]
    ends = flow.groupby(CASE)[STANDS].last()
    objects = pm4py.read_ocel2_json(ocel)
    found = {
        "events": len(log),
        "types": [str(log[name].dtype) for name in ("time:timestamp", "round", "flow")],
        "by_tokens": by_tokens(flow, ends, *pm4py.read_pnml(pnml)),
        "aligned": aligned(flow, ends, *pm4py.read_pnml(pnml)),
        "by_bpmn": by_bpmn(flow[flow[CASE].isin(ends[ends == "archived"].index)], bpmn),
        "ocel": {"events": len(objects.events), "objects": objects.objects["ocel:type"].value_counts().to_dict()},
    }
    print(json.dumps(found, default=int))


def by_end(flow: Any, ends: Any, net: Any) -> Any:
    """The complaints that stand at the same place, with that place as the final marking: most haven't ended."""
    places = {place.name: place for place in net.places}
    for place, cases in ends.groupby(ends):
        yield flow[flow[CASE].isin(cases.index)], Marking({places[place]: 1})


def by_tokens(flow: Any, ends: Any, net: Any, first: Any, _last: Any) -> dict[str, float]:
    found: dict[str, float] = {}
    for part, last in by_end(flow, ends, net):
        told = pm4py.conformance_diagnostics_token_based_replay(part, net, first, last)
        found |= dict(zip(part[CASE].unique(), (one["trace_fitness"] for one in told), strict=True))
    return found


def aligned(flow: Any, ends: Any, net: Any, first: Any, _last: Any) -> dict[str, list[str]]:
    """By complaint, what it did that the net hasn't, and what it left out; nothing of those that fit."""
    found: dict[str, list[str]] = {}
    for part, last in by_end(flow, ends, net):
        told = pm4py.conformance_diagnostics_alignments(part, net, first, last)
        for case, one in zip(part[CASE].unique(), told, strict=True):
            moves = [done if model == ">>" else f"-{model}" for done, model in one["alignment"] if done != model]
            if moves:
                found[case] = moves
    return found


def by_bpmn(flow: Any, path: str) -> dict[str, float]:
    net, first, last = pm4py.convert_to_petri_net(pm4py.read_bpmn(path))
    told = pm4py.conformance_diagnostics_alignments(flow, net, first, last)
    return dict(zip(flow[CASE].unique(), (one["fitness"] for one in told), strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
