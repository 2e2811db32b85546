"""The event log: valid by its standards, without anything personal, streamed, and true to the record."""

from __future__ import annotations

import gzip
import json
import stat
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree

from accountability.models import LedgerEntry
from complaints.models import Complaint
from config.event_log import ocel, xes
from config.event_log.reading import Entry, Log
from config.event_log.writing import write
from tests.casework import opened
from tests.config.docs.nets import read_net
from tests.factories import INTAKE, USUAL, Now, Play

pytestmark = pytest.mark.django_db

XES = {"x": "http://www.xes-standard.org/"}
TYPES = {"string", "date", "int", "float", "boolean", "id", "list", "container"}
"""The types of attributes in IEEE 1849-2016."""


@pytest.fixture
def worked(play: Play, now: Now) -> list[Complaint]:
    """Satisfied, returned, late, coordinated, recalled, forwarded; a case."""
    found = [play.upto(state, phone=f"1380000000{n}") for n, state in enumerate(("archived", "returned", "finished"))]
    found.append(play("recall", "kf.agent", play.upto("delivered", phone="13800000007")))
    late = play.upto("delivered", phone="13800000008")
    now.forward(minutes=31)
    found.append(play("hand_off", "wh.contact", late))
    found.append(play("add_note", "kf.agent", play("register", "kf.agent", play("forward", "yc.chen"))))
    opened(play, found[-2])
    return found


def as_xes(tmp_path: Path, *args: str) -> etree._Element:
    file = tmp_path / "log.xes"
    call_command("export_events", "--format", "xes", "--output", str(file), *args)
    return etree.fromstring(file.read_bytes())


def as_ocel(tmp_path: Path, *args: str) -> dict[str, Any]:
    file = tmp_path / "log.json"
    call_command("export_events", "--format", "ocel", "--output", str(file), *args)
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def values(event: etree._Element) -> dict[str, str]:
    return {attribute.get("key"): attribute.get("value") for attribute in event}


# XES


def test_xes_is_as_the_standard_has_it(worked: list[Complaint], tmp_path: Path) -> None:
    """Extensions, globals, classifiers, attributes, traces in this order; attributes of its types, each key once."""
    log = as_xes(tmp_path)
    order = list(dict.fromkeys(etree.QName(child).localname for child in log))
    assert order == ["extension", "global", "classifier", "string", "trace"]
    assert {e.get("prefix") for e in log.iterfind("x:extension", XES)} == {"concept", "time", "org", "lifecycle"}
    for holder in log.iter("{*}trace", "{*}event"):
        keys = [child.get("key") for child in holder if etree.QName(child).localname != "event"]
        assert len(set(keys)) == len(keys)
    kinds = {etree.QName(a).localname for event in log.iter("{*}event") for a in event}
    assert kinds <= TYPES
    for a in log.iter("{*}date"):
        assert datetime.fromisoformat(a.get("value")).utcoffset() is not None
    assert {a.get("value") for a in log.iter("{*}boolean")} <= {"true", "false"}
    assert all(a.get("value").lstrip("-").isdigit() for a in log.iter("{*}int"))


def test_every_global_attribute_is_in_every_event(worked: list[Complaint], tmp_path: Path) -> None:
    log = as_xes(tmp_path)
    promised = {a.get("key") for a in log.iterfind("x:global[@scope='event']/*", XES)}
    assert all(promised <= set(values(event)) for event in log.iter("{*}event"))
    named = {key for each in log.iterfind("x:classifier", XES) for key in each.get("keys").split()}
    assert named <= promised


def test_xes_holds_every_entry_in_its_order(worked: list[Complaint], tmp_path: Path) -> None:
    log = as_xes(tmp_path)
    for complaint in worked:
        (trace,) = log.xpath(f"//x:trace[x:string[@value='{complaint.matter.number}']]", namespaces=XES)
        told = [(v["verb"], int(v["round"])) for v in map(values, trace.iterfind("x:event", XES))]
        assert told == list(
            LedgerEntry.objects.filter(matter_id=complaint.pk).order_by("seq").values_list("verb", "part")
        )


def test_states_follow_each_other_and_end_where_it_stands(worked: list[Complaint], tmp_path: Path) -> None:
    log = as_xes(tmp_path)
    for trace in log.iterfind("x:trace", XES):
        told = [values(event) for event in trace.iterfind("x:event", XES)]
        assert told[0]["state_before"] == "new"
        assert [v["state_before"] for v in told[1:]] == [v["state_after"] for v in told[:-1]]
    ends = {t.find("x:string", XES).get("value"): values(t[-1])["state_after"] for t in log.iterfind("x:trace", XES)}
    assert [ends[c.matter.number] for c in worked] == [
        "archived", "registered", "accepted", "registered", "handed_off", "registered"
    ]  # fmt: skip


@pytest.mark.rule("R7")
def test_the_log_replays_on_the_net_and_names_what_is_beside_it(worked: list[Complaint], tmp_path: Path) -> None:
    """By tokens, on the file, without our model of the flow: the recall alone is no step of the notice's chart."""
    net = read_net()
    strays: dict[str, list[str]] = {}
    for trace in as_xes(tmp_path).iterfind("x:trace", XES):
        told = [v for v in map(values, trace.iterfind("x:event", XES)) if v["flow"] == "true"]
        tokens, left_out = net.replay(v["concept:name"] for v in told)
        strays |= {trace.find("x:string", XES).get("value"): left_out} if left_out else {}
        assert left_out == [v["concept:name"] for v in told if v["follows"] == "false"]
        assert left_out or tokens == Counter([told[-1]["state_after"]])
    assert strays == {worked[3].matter.number: ["recall"]}


# OCEL


def test_ocel_is_as_the_standard_has_it(worked: list[Complaint], tmp_path: Path) -> None:
    """Its four parts; every attribute declared with its type; ids once; every relation to an object that is there."""
    log = as_ocel(tmp_path)
    assert list(log) == ["objectTypes", "eventTypes", "objects", "events"]
    for kinds, things in (("objectTypes", log["objects"]), ("eventTypes", log["events"])):
        declared = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in log[kinds]}
        assert {thing["type"] for thing in things} <= set(declared)
        for thing in things:
            for attribute in thing["attributes"]:
                assert is_of_type(attribute["value"], declared[thing["type"]][attribute["name"]]), (thing, attribute)
        assert len({thing["id"] for thing in things}) == len(things)
    there = {one["id"] for one in log["objects"]}
    related = [r for thing in (*log["objects"], *log["events"]) for r in thing["relationships"]]
    assert {r["objectId"] for r in related} <= there
    assert all(r["qualifier"] for r in related)
    assert all(set(one) == {"id", "type", "time", "attributes", "relationships"} for one in log["events"])
    assert all("time" in attribute for one in log["objects"] for attribute in one["attributes"])


def is_of_type(value: Any, kind: str) -> bool:
    if kind == "time":
        return datetime.fromisoformat(value).utcoffset() is not None
    wanted: dict[str, type] = {"string": str, "boolean": bool, "integer": int}
    return type(value) is wanted[kind]


def test_ocel_relates_what_belongs_together(worked: list[Complaint], tmp_path: Path) -> None:
    log = as_ocel(tmp_path)
    late = worked[4].matter.number
    objects = {one["id"]: one for one in log["objects"]}
    assert Counter(one["type"] for one in log["objects"])["complaint"] == len(worked)

    def relations(thing: dict[str, Any]) -> set[tuple[str, str]]:
        return {(r["qualifier"], r["objectId"]) for r in thing["relationships"]}

    assert relations(objects[f"{late}#1"]) == {("round of", late), ("at", "unit:WH")}
    assert relations(objects[f"{late} handoff#1"]) == {
        ("limit of", late), ("limit of the round", f"{late}#1"), ("owed by", "unit:WH")
    }  # fmt: skip
    (case,) = (one for one in log["objects"] if one["type"] == "case")
    assert relations(case) == {("about", late), ("against", "unit:WH")}
    (missed,) = (one for one in log["events"] if one["type"] == "miss" and one["id"].startswith(late))
    assert ("missed", f"{late} handoff#1") in relations(missed)
    assert {("of", late), ("in", f"{late}#1")} <= relations(missed)
    assert sum(one["id"].startswith(case["id"]) for one in log["events"]) >= 1


# What neither may tell


@pytest.mark.compliance(14)
@pytest.mark.lesson(14)
@pytest.mark.parametrize("form", ["xes", "ocel"])
def test_nothing_personal_is_in_it(worked: list[Complaint], play: Play, tmp_path: Path, form: str) -> None:
    """No text of an act, no customer, no name or account of an employee, no key of a person's row."""
    file = tmp_path / "log"
    call_command("export_events", "--format", form, "--output", str(file))
    told = file.read_text(encoding="utf-8")
    texts = {v for verb in USUAL.values() for v in verb.values() if isinstance(v, str) and not v.isascii()}
    people = {word for person in play.cast for word in (person.name, person.username) if word not in ("", "system")}
    numbers = {f"1380000000{n}" for n in (0, 1, 2, 7, 8)} | {INTAKE["phone"]}
    assert sorted(word for word in texts | people | numbers if word in told) == []
    assert set(INTAKE["content"]).isdisjoint(told) or INTAKE["content"] not in told
    assert not any(0x4E00 <= ord(sign) <= 0x9FFF for sign in told)


def test_who_did_it_is_a_reference_with_unit_and_role(worked: list[Complaint], play: Play, tmp_path: Path) -> None:
    """The same person has one pseudonym; the system is called so."""
    told = {(v["org:resource"], v["org:role"], v["org:group"]) for v in map(values, as_xes(tmp_path).iter("{*}event"))}
    assert {("agent", "KF"), ("contact", "WH"), ("employee", "WH"), ("employee", "YC")} <= {one[1:] for one in told}
    assert ("system", "system") in {one[:2] for one in told}
    assert len({one[0] for one in told}) == len(told)
    assert all(len(one[0]) == 16 for one in told if one[0] != "system")


def test_a_pseudonym_depends_on_the_key(play: Play, settings: Any) -> None:
    play.upto("registered")
    before = Log().people.pseudonym(play.cast.kf_agent.pk)
    settings.BLIND_INDEX_KEY = "another key, as long as one must be"
    assert Log().people.pseudonym(play.cast.kf_agent.pk) != before


# How it is written


def test_a_period_takes_whole_complaints(play: Play, now: Now, tmp_path: Path) -> None:
    """Those taken in on its days, with what was done to them later; cases and relations go along."""
    first = play.upto("delivered")
    now.set("2026-11-25 09:00")
    play("hand_off", "wh.contact", first)
    second = play.upto("registered", phone="13800000001")
    opened(play, first)
    log = as_ocel(tmp_path, "--to", "2026-11-24")
    told = {one["id"] for one in log["objects"] if one["type"] in ("complaint", "case")}
    assert told == {first.matter.number}
    assert [one["type"] for one in log["events"]][-1] == "hand_off"
    (tmp_path / "log.json").unlink()
    log = as_ocel(tmp_path, "--from", "2026-11-25")
    kinds = {one["id"]: one["type"] for one in log["objects"]}
    assert [key for key, kind in kinds.items() if kind == "complaint"] == [second.matter.number]
    (case,) = (one for one in log["objects"] if one["type"] == "case")
    assert {r["objectId"] for r in case["relationships"]} <= set(kinds)


def test_the_file_is_its_owners_alone_and_never_another_one(play: Play, tmp_path: Path) -> None:
    play.upto("registered")
    as_xes(tmp_path)
    assert stat.S_IMODE((tmp_path / "log.xes").stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="there already"):
        as_xes(tmp_path)


def test_a_compressed_file_holds_the_same(play: Play, tmp_path: Path) -> None:
    play.upto("registered")
    as_xes(tmp_path)
    call_command("export_events", "--format", "xes", "--output", str(tmp_path / "log.xes.gz"))
    assert gzip.decompress((tmp_path / "log.xes.gz").read_bytes()) == (tmp_path / "log.xes").read_bytes()


def test_a_file_that_could_not_be_finished_is_taken_away(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.upto("registered")
    monkeypatch.setattr("config.event_log.xes.written", lambda at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(Log(), "xes", tmp_path / "log.xes")
    assert list(tmp_path.iterdir()) == []


def test_a_period_that_ends_before_it_begins_is_refused(db: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="before"):
        as_xes(tmp_path, "--from", "2026-11-25", "--to", "2026-11-24")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_record_is_a_valid_log(db: Any, tmp_path: Path) -> None:
    assert len(as_xes(tmp_path).findall("x:trace", XES)) == 0
    assert as_ocel(tmp_path)["events"] == []


@pytest.mark.parametrize("parts", [xes.lines, ocel.parts], ids=["xes", "ocel"])
def test_more_complaints_cost_no_more_statements(play: Play, parts: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert sum(map(len, parts(Log()))) > 0
        return len(statements)

    opened(play, play.upto("archived"))
    few = asked()
    for number in range(4):
        opened(play, play.upto("archived", phone=f"1380000000{number}"))
    assert asked() == few


@pytest.mark.parametrize("pieces", [xes.lines, ocel._events], ids=["xes", "ocel"])
def test_memory_does_not_grow_with_the_record(db: Any, monkeypatch: pytest.MonkeyPatch, pieces: Any) -> None:
    """Twenty times as many entries, the same peak, but for what Python itself keeps."""

    def entries(count: int) -> Iterator[Entry]:
        at = datetime(2026, 11, 24, tzinfo=UTC)
        for number in range(count):
            matter, seq = divmod(number, 10)
            verb = "register" if seq == 0 else "add_note"
            yield Entry(matter, f"TS{matter}", seq + 1, 1, verb, at + timedelta(seconds=number), at, 0, {})

    def peak(count: int) -> int:
        monkeypatch.setattr(Log, "entries", lambda self, kind: entries(count if kind == "complaint" else 0))
        tracemalloc.start()
        try:
            for _piece in pieces(Log()):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    assert peak(10_000) < peak(500) + 100_000
