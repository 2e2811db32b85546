"""A paper of each kind in other people's readers: MuPDF and PDFium find each character and draw it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pymupdf
import pypdfium2
import pytest
from PIL import Image

from accountability.documents import pdf
from accountability.documents.content import Content
from accountability.documents.kinds import KINDS
from accountability.models import Paper
from tests.accountability.papers import FORM, LETTER
from tests.assessment.bulletins.made_bulletins import Bulletins
from tests.assessment.docket import Docket
from tests.assessment.documents.test_words import fault
from tests.assessment.rankings.made_rankings import FOUR, Rankings
from tests.factories import Play
from tests.shared_world import shared
from tests.two_units import two_units

stage, own_copy, now, cast, play, client_for, world = shared()


def _answered_outside(play: Play) -> None:
    asked = play("record_outside_case", "kf.agent", play.upto("delivered"))
    play("answer_outside_case", "kf.agent", asked)


WORLDS: dict[str, tuple[set[str], Callable[[Play], Any]]] = {
    "two units": (
        {"dispatch_notice", "minutes", "urging", "sheet", "notice", "report", "panel_record", "order", "circular"},
        two_units,
    ),
    "asked from outside": ({"outside_answer"}, _answered_outside),
    "a contact's fault": ({"fault_opinion"}, lambda play: fault(Docket(play))),
    "a month": ({"bulletin"}, lambda play: Bulletins(play).sent()),
    "a year": ({"ranking"}, lambda play: Rankings(play, play.now).published(FOUR)),
}
"""Who issues papers of which kinds."""

HAN = re.compile("[\u4e00-\u9fff]")
SCALE = 2
INK = 128
SAME = 0.02
"""Share of characters that may look like another: 日 and 曰 at 9 points."""

Drawn = tuple[str, Image.Image]


def by_mupdf(made: bytes) -> Iterator[Drawn]:
    with pymupdf.open(stream=made) as document:
        for page in document:
            drawn = page.get_pixmap(matrix=pymupdf.Matrix(SCALE, SCALE), colorspace=pymupdf.csGRAY)
            picture = Image.frombytes("L", (drawn.width, drawn.height), drawn.samples)
            for block in page.get_text("rawdict")["blocks"]:
                for span in (span for line in block.get("lines", ()) for span in line["spans"]):
                    yield from ((char["c"], cut(picture, char["bbox"])) for char in span["chars"])


def by_pdfium(made: bytes) -> Iterator[Drawn]:
    document = pypdfium2.PdfDocument(made)
    for page in document:
        picture, text, top = page.render(scale=SCALE).to_pil().convert("L"), page.get_textpage(), page.get_height()
        for at, char in enumerate(text.get_text_range()):
            if HAN.match(char):
                left, low, right, high = text.get_charbox(at, loose=True)
                yield char, cut(picture, (left, top - high, right, top - low))
    document.close()


def cut(picture: Image.Image, box: Any) -> Image.Image:
    return picture.crop(tuple(round(side * SCALE) for side in box))


READERS: dict[str, Callable[[bytes], Iterator[Drawn]]] = {"mupdf": by_mupdf, "pdfium": by_pdfium}


def blank_or_alike(drawn: list[Drawn]) -> tuple[str, float]:
    """The characters without ink, and the share of those that look like another of their size: the box of a font
    that lacks them looks always the same.
    """
    blank = "".join(sorted({char for char, picture in drawn if min(picture.tobytes(), default=255) > INK}))
    by_look: dict[tuple[tuple[int, int], bytes], str] = {}
    several = {(char, picture.size): picture for char, picture in drawn}
    for (char, size), picture in several.items():
        by_look.setdefault((size, picture.tobytes()), char)
    return blank, 1 - len(by_look) / len(several)


def check(content: Content) -> None:
    made = pdf.render(content)
    for reader, read in READERS.items():
        drawn = [found for found in read(made) if HAN.match(found[0])]
        left = set(HAN.findall("".join(content.as_lines()))) - {char for char, _picture in drawn}
        blank, alike = blank_or_alike(drawn)
        assert (content.kind, reader, left, blank, alike < SAME) == (content.kind, reader, set(), "", True)


def test_every_kind_is_looked_at() -> None:
    assert set().union(*(kinds for kinds, _build in WORLDS.values())) == KINDS.keys()


@pytest.mark.parametrize("name", WORLDS)
def test_each_kind_of_paper(name: str, play: Play) -> None:
    kinds, build = WORLDS[name]
    build(play)
    papers = Paper.objects.filter(kind__in=kinds, issued_at__isnull=False).select_related("content").order_by("-pk")
    found = {paper.kind: Content.from_text(text) for paper in papers if (text := paper.text) is not None}
    assert found.keys() == kinds
    for content in found.values():
        check(content)


@pytest.mark.parametrize("content", [LETTER, FORM], ids=["letter", "form"])
def test_all_parts_of_a_letter_and_a_form(content: Content) -> None:
    check(content)
