"""A member's opinion is nobody else's to read before all are in, wherever it could be read; then it is (R48)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from accountability.models import LedgerEntry
from tests.assessment.cases import made_cases
from tests.factories import Play

ClientFor = Callable[[str], Client]

SAID = "夜莺说明在此"
OWN_FORM = re.compile(r"<form[^>]*/do/give_opinion/.*?</form>", re.DOTALL)
"""A member's page offers them both findings, whatever another said."""

pytestmark = pytest.mark.rule("R48")


def places(case_id: int, number: str) -> Iterator[str]:
    """Where a reader of the whole case could come upon an opinion."""
    of_case = "admin:assessment_case"
    yield reverse(f"{of_case}_change", args=[case_id])
    yield reverse(f"{of_case}_history", args=[case_id])
    yield from (
        f"{reverse(f'{of_case}_change', args=[case_id])}do/{verb}/" for verb in ("replace_member", "record_panel")
    )
    yield reverse("admin:assessment_panel_changelist")
    yield reverse("admin:accountability_ledgerentry_changelist")
    yield f"{reverse('search')}?q={SAID[:4]}"
    yield f"{reverse('search')}?q={number}"
    yield "/cases/"
    for entry in LedgerEntry.objects.filter(matter_id=case_id, verb="give_opinion"):
        yield reverse("admin:accountability_ledgerentry_change", args=[entry.pk])


@pytest.mark.parametrize("reader", ["sc.officer", "sc.officer2", "sc.leader", "sj.auditor"])
def test_nobody_reads_an_opinion_before_all_are_in(play: Play, client_for: ClientFor, reader: str) -> None:
    case = made_cases.appointed(play, made_cases.disputed(play), ["kf.head", "sc.leader"])
    play("give_opinion", "kf.head", case, opinion="not_violated", grounds=SAID)
    client, number = client_for(reader), str(case.matter)
    for place in places(case.pk, number):
        text = OWN_FORM.sub("", client.get(place, follow=True).content.decode())
        assert [
            word for word in (SAID, "not_violated", "不违反") if word in text and not is_choice(word, place)
        ] == [], place


def is_choice(word: str, place: str) -> bool:
    """The record's form and the list of panels offer both findings, whatever was said."""
    return word != SAID and place.endswith(("do/record_panel/", "panel/"))


@pytest.mark.parametrize("reader", ["sc.officer", "sj.auditor", "kf.head", "sc.leader"])
def test_once_all_are_in_they_are_read(play: Play, client_for: ClientFor, reader: str) -> None:
    case = made_cases.appointed(play, made_cases.disputed(play), ["kf.head", "sc.leader"])
    play("give_opinion", "kf.head", case, opinion="not_violated", grounds=SAID)
    play("give_opinion", "sc.leader", case, opinion="violated")
    place = reverse("case", args=[str(case.matter)])
    assert SAID in client_for(reader).get(place, follow=True).content.decode()


def test_search_finds_the_words_once_all_are_in(play: Play, client_for: ClientFor) -> None:
    case = made_cases.appointed(play, made_cases.disputed(play), ["kf.head", "sc.leader"])
    client, place = client_for("sc.officer"), f"{reverse('search')}?q={SAID[:4]}"
    found = []
    for member, said in (("kf.head", SAID), ("sc.leader", "另有说明")):
        play("give_opinion", member, case, opinion="violated", grounds=said)
        found.append(len(client.get(place).context["groups"]))
    assert found == [0, 1]


def test_a_member_who_is_awaited_stands_with_their_own_unit(play: Play, client_for: ClientFor) -> None:
    case = made_cases.appointed(play, made_cases.disputed(play), ["kf.head", "sc.leader"])
    page = client_for("sc.officer").get(reverse("admin:assessment_case_change", args=[case.pk])).content.decode()
    head = page.split('class="holder__who"')[1].split("</div>")[0]
    waiting = case.matter.holder
    assert waiting is not None
    assert (waiting.name in head, f"<small>{waiting.unit}</small>" in head) == (True, True)
