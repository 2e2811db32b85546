"""What marketing edits in papers: prefixes, departments, standing texts; each revision a version with its reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.documents.phrases import PHRASES, Phrase, declare, wording_at
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import LedgerEntry, PaperWording
from tests.factories import Cast, Now
from tests.looking import refusal_of

OFFICER = "sc.officer"
PLACE = "admin:accountability_paperwording"
KNOWN = (
    Phrase("office", "市场部名称", "省公司市场部"),
    Phrase("letter_prefix", "发文代字", "鄂{unit}", ("unit",)),
    Phrase("opening", "首段", "依据{basis}，\n通知如下。", ("basis",), rows=3),
)


@pytest.fixture(autouse=True)
def _phrases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(PHRASES):
        monkeypatch.delitem(PHRASES, name)
    for phrase in KNOWN:
        monkeypatch.setitem(PHRASES, phrase.name, phrase)


@pytest.fixture
def revise(cast: Cast, now: Now) -> Callable[..., Any]:
    def run(by: str = OFFICER, reason: str = "部门更名", **phrases: Any) -> Any:
        now.forward(minutes=1)
        return perform(
            Organisation.standing(), "set_papers", by=cast[by], at=now.at, phrases=phrases,
            **({"reason": reason} if reason else {}),
        )  # fmt: skip

    return run


@pytest.mark.rule("R15")
def test_a_revision_holds_from_then_on(revise: Callable[..., Any], now: Now) -> None:
    before = now.at
    revise(office="省公司市场经营部")
    assert (wording_at(before)["office"], wording_at(now.at)["office"]) == ("省公司市场部", "省公司市场经营部")
    assert wording_at(now.at).text("letter_prefix", unit="市通") == "鄂市通"


@pytest.mark.rule("R15")
def test_each_revision_is_a_version_and_a_name_left_out_keeps_its_text(revise: Callable[..., Any]) -> None:
    revise(office="省公司市场经营部")
    revise(letter_prefix="鄂移{unit}", reason="改代字")
    said = PaperWording.objects.order_by("version").values_list("version", "author__username", "reason", "phrases")
    assert list(said) == [
        (1, OFFICER, "部门更名", {"office": "省公司市场经营部"}),
        (2, OFFICER, "改代字", {"office": "省公司市场经营部", "letter_prefix": "鄂移{unit}"}),
    ]
    entry = LedgerEntry.objects.filter(verb="set_papers").order_by("seq").last()
    assert entry is not None
    assert (entry.facts["version"], entry.facts["phrases"]) == (2, ["letter_prefix"])


def test_a_name_is_declared_once() -> None:
    declare(KNOWN[0])
    with pytest.raises(ValueError, match="the phrase office is declared twice"):
        declare(Phrase("office", "另一市场部", "市场经营部"))
    assert PHRASES["office"] is KNOWN[0]


def test_left_empty_it_is_the_default_again(revise: Callable[..., Any], now: Now) -> None:
    revise(office="省公司市场经营部", letter_prefix="鄂移{unit}")
    revise(office="", letter_prefix="鄂{unit}")
    last = PaperWording.objects.first()
    assert last is not None
    assert last.phrases == {}
    assert wording_at(now.at)["office"] == "省公司市场部"


@pytest.mark.rule("R15")
@pytest.mark.parametrize("who", ["kf.supervisor", "kf.head", "wh.head", "sj.auditor"])
def test_only_marketing_revises(revise: Callable[..., Any], who: str) -> None:
    assert refusal_of(lambda: revise(by=who, office="别的部")).code == "forbidden"


@pytest.mark.parametrize(
    ("phrases", "sentence"),
    [
        ({"opening": "依据{basics}，通知如下。"}, "“首段”不能用占位符 {basics}，可用：{依据}。"),
        ({"office": "{unit}市场部"}, "“市场部名称”不能用占位符 {单位}，可用：无。"),
        ({"opening": "依据{basis，通知如下。"}, "“首段”的花括号不成对。"),
        ({"opening": "依据{{basis}}。"}, "“首段”的花括号不成对。"),
        ({"office": "部" * 61}, "“市场部名称”最多 60 个字，现有 61 个。"),
        ({"office": "市场部\n经营部"}, "“市场部名称”只能写一行。"),
        ({"letter_prefix": "鄂市通〔2026〕"}, "“发文代字”只写发文代字，不含年份、序号、括号和空格。"),
        ({"letter_prefix": "鄂" * 21}, "“发文代字”最多 20 个字，现有 21 个。"),
        ({"office": 5}, "“市场部名称”应为文字。"),
        ({"nothing": "x"}, "没有“nothing”这一用语。"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_field(
    revise: Callable[..., Any], phrases: dict[str, Any], sentence: str
) -> None:
    refusal = refusal_of(lambda: revise(**phrases))
    assert (refusal.code, refusal.fields) == ("facts", {"phrases": sentence})


def test_a_reason_is_needed_and_a_change(revise: Callable[..., Any]) -> None:
    assert refusal_of(lambda: revise(office="市场经营部", reason="")).fields.keys() == {"reason"}
    assert refusal_of(lambda: revise(office="省公司市场部")).fields == {"phrases": "没有变更。"}


# Its page


def form_of(client: Client) -> dict[str, str]:
    page = client.get(reverse(f"{PLACE}_begin", args=["set_papers"]))
    form = page.context["form"]
    return {"_seen": form["_seen"].value(), "_key": form["_key"].value()}


def typed(**phrases: str) -> dict[str, str]:
    return {f"phrases_{name}": text for name, text in ({phrase.name: "" for phrase in KNOWN} | phrases).items()}


def test_marketing_revises_on_the_page_and_sees_versions_and_defaults(client_for: Callable[[str], Client]) -> None:
    officer = client_for(OFFICER)
    place = reverse(f"{PLACE}_begin", args=["set_papers"])
    answer = officer.post(place, form_of(officer) | typed(office="市场经营部") | {"reason": "部门更名"})
    assert (answer.status_code, answer["Location"]) == (302, reverse(f"{PLACE}_changelist"))
    shown = officer.get(answer["Location"]).content.decode()
    assert "市场部名称：省公司市场部 → 市场经营部" in shown
    again = officer.get(place).content.decode()
    assert 'value="市场经营部"' in again
    assert "默认：省公司市场部" in " ".join(again.split())
    assert "<code>{单位}</code>" in again


def test_a_refusal_keeps_what_was_typed(client_for: Callable[[str], Client]) -> None:
    officer = client_for(OFFICER)
    place = reverse(f"{PLACE}_begin", args=["set_papers"])
    facts = typed(opening="依据{x}。", office="新名") | {"reason": "试"}
    answer = officer.post(place, form_of(officer) | facts)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“首段”不能用占位符 {x}，可用：{依据}。" in text
    assert 'value="新名"' in text


def test_who_revises_from_an_older_version_is_told(client_for: Callable[[str], Client], revise: Any) -> None:
    officer = client_for(OFFICER)
    old = form_of(officer)
    revise(office="市场经营部")
    answer = officer.post(
        reverse(f"{PLACE}_begin", args=["set_papers"]), old | typed(office="市场部") | {"reason": "更名"}
    )
    assert answer.status_code == 409
    assert PaperWording.objects.count() == 1


def test_auditors_read_the_versions_and_revise_nothing(client_for: Callable[[str], Client], revise: Any) -> None:
    revise(office="市场经营部")
    auditor = client_for("sj.auditor")
    assert "市场经营部" in auditor.get(reverse(f"{PLACE}_changelist")).content.decode()
    assert auditor.get(reverse(f"{PLACE}_begin", args=["set_papers"])).status_code == 403
