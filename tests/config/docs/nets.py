"""A Petri net as docs/flow.pnml holds it, and the replay of tokens on it, written without our model of the flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"p": "http://www.pnml.org/version-2009/grammar"}


@dataclass
class Net:
    """Transitions by label, each with the places that it takes a token from and puts one into."""

    first: Counter[str]
    last: Counter[str]
    transitions: dict[str, list[tuple[Counter[str], Counter[str]]]] = field(default_factory=dict)

    def replay(self, activities: Iterable[str]) -> tuple[Counter[str], list[str]]:
        """The tokens at the end, and what couldn't fire: it is left out, and the replay goes on."""
        tokens, strays = Counter(self.first), []
        for activity in activities:
            ways = [way for way in self.transitions.get(activity, ()) if way[0] <= tokens]
            if ways:
                tokens = tokens - ways[0][0] + ways[0][1]
            else:
                strays.append(activity)
        return tokens, strays


def read_net(path: Path = ROOT / "docs" / "flow.pnml") -> Net:
    tree = etree.fromstring(path.read_bytes())
    marked = tree.xpath("//p:place[p:initialMarking]/@id", namespaces=NAMES)
    net = Net(Counter(marked), Counter(tree.xpath("//p:finalmarkings//p:place/@idref", namespaces=NAMES)))
    arcs = [(arc.get("source"), arc.get("target")) for arc in tree.iterfind(".//p:arc", NAMES)]
    for transition in tree.iterfind(".//p:transition", NAMES):
        key, label = transition.get("id"), transition.findtext("p:name/p:text", namespaces=NAMES)
        taken, put = Counter(s for s, t in arcs if t == key), Counter(t for s, t in arcs if s == key)
        net.transitions.setdefault(label, []).append((taken, put))
    return net
