"""Whatever anybody types is sealed, or it is a code or a number of the house that can't name a person."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from accountability.audit.ledger_export import export
from accountability.gate.act import Batch
from accountability.gate.fields import BadFact, Code, Reference, Text
from accountability.gate.verbs import VERBS
from accountability.models import DutyRoster, LedgerEntry
from tests.factories import Now, Play
from tests.looking import contents
from tests.planted import NAME, PHONE, RAW, raw_in
from tests.signing_in import signed_in

TYPED = f"{NAME}{PHONE}"


def in_the_ledger() -> Iterator[tuple[str, Text]]:
    """Every typed fact of every verb that stands unsealed."""
    for verb in VERBS.values():
        yield from ((verb.name, fact) for fact in verb.facts if isinstance(fact, Text) and not fact.is_text)


def takes(fact: Text, typed: str, batch: Batch) -> bool:
    try:
        fact.clean(typed, batch)
    except BadFact:
        return False
    return True


@pytest.mark.compliance(13)
def test_no_verb_takes_a_person_into_the_ledger(play: Play, now: Now) -> None:
    batch, asked = Batch(now.at), list(in_the_ledger())
    assert len(asked) >= 5
    for verb, fact in asked:
        typed = (TYPED, *RAW, "一三九八七六五四三二一", *([NAME] if isinstance(fact, Reference) else []))
        assert [(verb, fact.name, each) for each in typed if takes(fact, each, batch)] == []


GIVEN = ("鄂市通〔2026〕12号", "市场部第 9 号函", "鄂市通[2026] 第０１号", "人〔2026〕88", "RL-77", "TS20261124-00012")


@pytest.mark.parametrize("typed", GIVEN)
def test_numbers_of_letters_vouchers_and_tickets_pass(typed: str, play: Play, now: Now) -> None:
    assert Reference(name="x").clean(typed, Batch(now.at)) == typed


@pytest.mark.parametrize(
    ("typed", "parted"),
    [("鄂转〔2027〕01021836-123", "鄂转〔2027〕0102/1836/123"), ("420000202601020001", "420000/20260102/0001")],
)
def test_one_that_reads_like_somebodys_number_is_told_a_way_to_write_it(
    typed: str, parted: str, play: Play, now: Now
) -> None:
    """A telephone of Beijing, an identity card: who has a letter with such a number isn't stuck with it."""
    with pytest.raises(BadFact, match="如确是编号，请用“/”把数字隔开。"):
        Reference(name="x").clean(typed, Batch(now.at))
    assert Reference(name="x").clean(parted, Batch(now.at)) == parted
    assert Reference(name="x").clean(parted.replace("/", "／"), Batch(now.at)) == parted


@pytest.mark.compliance(13)
def test_what_is_short_is_sealed_and_masked_as_what_is_long(play: Play, now: Now, tmp_path: Path) -> None:
    """The source of an escalation, a shift, a unit's name: raw in no table, ledger, export or page."""
    complaint = play("escalate", "kf.agent", play.upto("registered", customer=NAME, phone=PHONE), source=TYPED)
    turn = {"unit": "WH", "employee": "wh.li", "starts_at": "2026-11-24 17:30", "ends_at": "2026-11-25 08:30"}
    play("roster", "wh.head", **turn, note=f"夜班 {PHONE}")
    play("set_unit", "sc.officer", code="XY", name="金丝雀分公司", kind="branch")
    assert raw_in(repr(contents(without=()))) == []
    export(tmp_path / "ledger.jsonl.gz")
    exported = gzip.decompress((tmp_path / "ledger.jsonl.gz").read_bytes()).decode()
    assert [raw for raw in (*RAW, NAME, "金丝雀") if raw in exported] == []
    assert LedgerEntry.objects.filter(verb__in=("escalate", "roster", "set_unit"), texts=None).count() == 0
    agent = signed_in(play.cast["kf.agent"])
    page = agent.get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert (raw_in(page), "139****4321" in page) == ([], True)
    page = agent.get("/units/WH/roster/").content.decode()
    assert (raw_in(page), "夜班 139****4321" in page) == ([], True)
    assert (DutyRoster.objects.get().named, DutyRoster.objects.get().shift) == (f"夜班 {PHONE}", "夜班 139****4321")


def test_codes_have_a_pattern() -> None:
    assert [(verb, fact.name) for verb, fact in in_the_ledger() if not isinstance(fact, Code)] == []
