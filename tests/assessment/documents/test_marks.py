"""What was withdrawn or annulled says so across page and paper; what was issued stays as it was (R45–R52)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import docx as office
import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.documents import keeping
from accountability.documents.marking import mark_of
from accountability.documents.reading import papers_of
from accountability.models import AccessLog, Paper, PaperFile
from assessment.models import Case
from tests.assessment.actions.test_ranking import FOUR
from tests.assessment.bulletins.made_bulletins import Bulletins
from tests.assessment.docket import Docket
from tests.assessment.paper_trail import issued
from tests.assessment.rankings.made_rankings import Rankings

ClientFor = Callable[[str], Client]

pytestmark = pytest.mark.rule("R52")

WITHDRAWN = "已撤回\n2026年11月24日由鄂移通报〔2026〕2号撤回"
ANNULLED = "已撤销\n2026年11月24日撤销违反认定"


def withdrawn(docket: Docket) -> Case:
    """The determination stands, its circular doesn't."""
    case = docket("withdraw_circular", "sc.officer", docket.upto("closed"))
    return docket("sign_circular", "sc.leader", case)


def marks(case: Case) -> dict[str, list[str]]:
    """By kind, of its papers in the order in which they were issued."""
    found: dict[str, list[str]] = {}
    for paper in Paper.objects.filter(matter=case.pk, issued_at__isnull=False).order_by("pk"):
        found.setdefault(paper.kind, []).append(mark_of(paper))
    return found


def page(client: Client, paper: Paper) -> str:
    return client.get(reverse("paper", args=[paper.token])).content.decode()


def test_nothing_lies_across_what_holds(docket: Docket) -> None:
    assert {mark for several in marks(docket.upto("closed")).values() for mark in several} == {""}


def test_a_withdrawn_circular_bears_the_number_that_withdraws_it(docket: Docket) -> None:
    case = docket("withdraw_circular", "sc.officer", docket.upto("closed"))
    assert marks(case)["circular"] == [""]
    found = marks(docket("sign_circular", "sc.leader", case))
    assert found.pop("circular") == [WITHDRAWN, ""]
    assert {mark for several in found.values() for mark in several} == {""}


def test_every_paper_of_an_annulled_case_bears_it_but_the_withdrawal(docket: Docket) -> None:
    found = marks(docket.upto("annulled"))
    assert set(found) == {"sheet", "notice", "report", "order", "circular"}
    assert {mark for several in found.values() for mark in several} == {ANNULLED}
    found = marks(docket.upto("withdrawn"))
    by = next(mark for mark in found["circular"] if mark)
    number = re.search(r"由(.+)撤回", by)
    assert number is not None
    assert (found.pop("circular")[1], by.startswith("已撤回")) == ("", True)
    assert {mark for several in found.values() for mark in several} == {f"{ANNULLED}，通报由{number[1]}撤回"}


def test_the_record_of_a_panel_bears_it_too(docket: Docket) -> None:
    case = docket("annul_case", "sc.officer", docket.upto("violation"))
    assert marks(docket("approve", "sc.leader", case))["panel_record"] == [ANNULLED]


def test_everybody_who_reads_it_sees_the_mark_on_page_and_list(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("annulled")
    (notice,), (circular,) = issued(case, "notice"), issued(case, "circular")
    for who, paper in (("wh.head", notice), ("wh.contact", notice), ("sj.auditor", notice), ("yc.chen", circular)):
        text = page(client_for(who), paper)
        assert 'data-mark="已撤销"' in text, who
        assert "2026年11月24日撤销违反认定" in text, who
    listed = papers_of([case.pk], docket.actor("wh.head"))
    assert {paper.mark for paper in listed} == {ANNULLED}
    assert "已撤销</span>" in client_for("wh.head").get(reverse("case", args=[case.matter.number])).content.decode()


@pytest.mark.parametrize("who", ["sc.officer", "wh.head", "yc.chen", "sj.auditor"])
def test_the_page_of_a_circular_is_its_paper(docket: Docket, client_for: ClientFor, who: str) -> None:
    """The same words in the same markup, on the circular's own page and on its paper's."""
    case = docket.upto("closed")
    (paper,) = issued(case, "circular")
    client = client_for(who)
    one = article(client.get(reverse("circular", args=[case.circular_rows[0].pk])).content.decode())
    assert "扣除1个月绩效奖金" in one
    assert one == article(page(client, paper))


def article(text: str) -> str:
    found = re.search(r'<article class="paper.*?</article>', text, re.S)
    assert found is not None
    return found[0]


def test_the_page_of_a_withdrawn_circular_says_so_and_names_nobody(docket: Docket, client_for: ClientFor) -> None:
    case = withdrawn(docket)
    pk = min(row.pk for row in case.circular_rows)
    address, name = reverse("circular", args=[pk]), str(docket.cast["wh.zhang"])
    anybody, officer = (article(client_for(who).get(address).content.decode()) for who in ("yc.chen", "sc.officer"))
    assert [WITHDRAWN.split("\n")[1] in text and "已撤回" in text for text in (anybody, officer)] == [True, True]
    assert (name in anybody, "×××" in anybody, name in officer) == (False, True, True)


# Files


def made(paper: Paper, form: str, docket: Docket, by: str = "sc.officer") -> bytes:
    file = keeping.ask(paper, form, by=docket.cast[by], at=docket.now.at)
    tasks.make_papers()
    return keeping.bytes_of(PaperFile.objects.get(pk=file.pk))


def test_the_files_are_made_anew_with_it_and_the_bytes_as_issued_stay(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("closed")
    tasks.make_papers()
    (paper,) = issued(case, "circular")
    before = {row.form: keeping.bytes_of(row) for row in paper.files.filter(made_at__isnull=False)}
    assert set(before) == {"pdf", "docx"}
    digest, case = paper.digest, docket("withdraw_circular", "sc.officer", case)
    docket("sign_circular", "sc.leader", case)

    officer, auditor = client_for("sc.officer"), client_for("sj.auditor")
    address = {form: reverse("paper_file", args=[paper.token, form]) for form in before}
    assert [officer.get(address[form]).status_code for form in before] == [404, 404]
    for form in before:
        assert officer.post(address[form]).status_code == 302
    tasks.make_papers()
    now = {form: officer.get(address[form]).content for form in before}
    assert "已撤回" in re.sub(r"\s", "", pypdf.PdfReader(io.BytesIO(now["pdf"])).pages[0].extract_text())
    header = office.Document(io.BytesIO(now["docx"])).sections[0].header
    assert 'string="已撤回"' in header._element.xml
    assert "2026年11月24日由鄂移通报〔2026〕2号撤回" in header.paragraphs[0].text

    paper.refresh_from_db()
    kept = {row.form: keeping.bytes_of(row) for row in paper.files.filter(mark="")}
    assert (paper.digest, kept) == (digest, before)
    assert {form: auditor.get(f"{address[form]}?issued").content for form in before} == before
    refused = [client_for(who).get(f"{address['pdf']}?issued").status_code for who in ("sc.officer", "yc.chen")]
    assert refused == [404, 404]
    assert AccessLog.objects.filter(action="paper_file", detail__endswith="pdf issued", result="ok").count() == 1


def test_the_page_keeps_both_digests(docket: Docket, client_for: ClientFor) -> None:
    case = docket.upto("closed")
    tasks.make_papers()
    (paper,) = issued(case, "circular")
    docket("sign_circular", "sc.leader", docket("withdraw_circular", "sc.officer", case))
    pdf = made(paper, "pdf", docket)
    both = [row.sha256 for row in paper.files.filter(form="pdf").order_by("pk")]
    text = page(client_for("sc.officer"), paper)
    assert (len(set(both)), [digest in text for digest in both], bool(pdf)) == (2, [True, True], True)
    assert "印发时原件" in text


def test_it_stands_on_every_page_of_the_pdf(docket: Docket) -> None:
    from accountability.documents import pdf
    from tests.accountability.papers import LETTER

    pages = pypdf.PdfReader(io.BytesIO(pdf.render(LETTER, mark=WITHDRAWN))).pages
    said = [re.sub(r"\s", "", each.extract_text()) for each in pages]
    assert len(said) > 2
    assert ["已撤回：2026年11月24日由鄂移通报〔2026〕2号撤回" in text for text in said] == [True] * len(said)


@pytest.mark.rule("R54")
def test_a_withdrawn_bulletin_bears_it(bulletins: Bulletins) -> None:
    sent = bulletins.sent()
    (paper,) = Paper.objects.filter(matter=sent.pk, issued_at__isnull=False)
    assert mark_of(paper) == ""
    bulletins("withdraw_bulletin", "kf.supervisor", sent, reason="口径有误。")
    assert re.fullmatch(r"已撤回\n2026年[0-9]+月[0-9]+日撤回", mark_of(paper))


@pytest.mark.rule("R53")
def test_a_withdrawn_ranking_bears_it_and_what_takes_it_back_doesnt(rankings: Rankings) -> None:
    ranking = rankings.published(FOUR)
    rankings.second_leader()
    rankings("withdraw_ranking", "sc.officer2", ranking)
    first, second = Paper.objects.filter(matter=ranking.pk, issued_at__isnull=False).order_by("pk")
    assert (mark_of(first).startswith("已撤回\n"), mark_of(second)) == (True, "")
