"""The design system itself: small, without anything inline or from elsewhere, and whole."""

import re
from pathlib import Path

import pytest

from accountability.declarations.looks import LOOKS

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "complaints" / "static" / "shouwen"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def weight(pattern: str) -> int:
    return sum(path.stat().st_size for path in STATIC.glob(pattern))


SOME_PAGES = (
    "calendar.css", "charts.css", "combo.css", "complaint.css", "desk.css", "docket.css", "home.css", "lines.css",
    "matter.css", "paper.css", "queue.css", "tour.css",
)  # fmt: skip
"""Sheets of a few pages only, each light enough beside what every page loads."""


def test_the_pages_stay_light():
    assert weight("*.css") - sum(weight(name) for name in SOME_PAGES) < 40_000
    assert [weight(name) < 6_000 for name in SOME_PAGES] == [True] * len(SOME_PAGES)
    # What every page loads; drafts that survive a lost line took the last of it.
    assert weight("app.js") + weight("theme.js") < 11_000
    assert weight("search.js") < 1_200
    assert (weight("picks.js") < 2_000, weight("find.js") < 2_000) == (True, True)
    assert weight("tour.js") < 2_500
    assert weight("queue.js") < 10_000
    assert weight("pulse.js") + weight("token.js") < 8_500
    assert [weight(name) < 8_500 for name in ("combo.js", "intake.js", "presets.js")] == [True, True, True]


@pytest.mark.parametrize("template", TEMPLATES, ids=relative)
def test_a_template_has_nothing_inline_and_nothing_foreign(template):
    text = template.read_text()
    inline = re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text)
    foreign = re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text)
    assert (inline, foreign) == ([], [])


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text()))
    texts = [path.read_text() for path in [*TEMPLATES, ROOT / "accountability/templatetags/shouwen.py"]]
    named = {name for text in texts for name in re.findall(r"{% icon \"([a-z-]+)\"", text)}
    named |= {name for text in texts for name in re.findall(r"icon\|default:\"([a-z-]+)\"", text)}
    named |= {name for text in texts for name in re.findall(r'ClockFace\("\w+", "\w+", "([a-z-]+)"', text)}
    named |= {shape for looks in LOOKS.values() for _tone, shape in looks.values()}
    assert named - drawn == set()


def test_every_tone_that_is_named_has_its_colours():
    tones = set(re.findall(r"\.tone-([a-z]+) \{", (STATIC / "tokens.css").read_text()))
    named = {tone for looks in LOOKS.values() for tone, _shape in looks.values()} - {"solid"}
    assert named - tones == set()


def test_values_of_one_kind_are_told_apart_by_shape_alone():
    shapes = {kind: [shape for _tone, shape in looks.values()] for kind, looks in LOOKS.items()}
    doubled = {kind: {shape for shape in found if found.count(shape) > 1} for kind, found in shapes.items()}
    assert doubled == {kind: set() for kind in LOOKS}


def test_both_dark_sets_are_the_same():
    css = (STATIC / "tokens.css").read_text()
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', css, re.DOTALL)
    by_choice = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', css, re.DOTALL)
    assert by_system is not None
    assert by_choice is not None
    assert by_system[1].split() == by_choice[1].split()
