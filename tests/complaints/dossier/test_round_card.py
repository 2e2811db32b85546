"""A round's card opens the texts that it shows, each once; those of what it doesn't show stay sealed."""

from __future__ import annotations

import pytest

from accountability.models import PersonalData, actor_for
from complaints.dossier import dossier
from complaints.dossier.round_card import paper_of
from complaints.models import Complaint
from tests.factories import USUAL, Play


def test_what_it_does_not_show_stays_sealed(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    known = play.upto("accepted")
    for _time in range(3):
        play("contact_customer", "wh.zhang", known, **USUAL["contact_customer"])
    play("answer", "wh.zhang", known, **{**USUAL["answer"], "result": "已退费"})
    actor = actor_for(play.cast["kf.agent"].pk, play.now.at)
    assert actor is not None
    story = dossier.story_of(Complaint.objects.for_page().get(pk=known.pk), actor)
    opened: list[int] = []
    unsealed = dossier.texts_of

    def noted(row: PersonalData | None) -> dict[str, str]:
        opened.append(row.pk if row else 0)
        return unsealed(row)

    monkeypatch.setattr(dossier, "texts_of", noted)
    paper = paper_of(story, story.rounds[0])
    assert [said.texts["result"] for said in paper.answers] == ["已退费"]
    assert paper.answer is not None
    assert paper.answer.texts is story.texts(paper.entries["answer"][0])
    assert opened == [paper.entries["answer"][0].texts_id]
    assert len(paper.said("contact_customer")) == 3
    assert len(opened) == len(set(opened)) == 4
