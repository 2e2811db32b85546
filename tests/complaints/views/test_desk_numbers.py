"""The desk's numbers: what is late, near and in time of each kind of work, and the lists which they open."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.gate.verbs import find
from accountability.models import Employee, actor_for
from accountability.permissions import Actor
from accountability.tasks import sweep
from accountability.web.desk import Cell, Clock
from accountability.web.verb_forms import VerbForm
from complaints.lists import worklists
from complaints.lists.clocks import in_clock
from complaints.lists.desk import lines_by_id, sections
from complaints.lists.worklists import for_lines, lines
from complaints.models import Complaint
from complaints.templatetags.numbers import pills
from complaints.views.desk import FormsInPlace
from tests.shared_world import shared

TONES = {Clock.LATE: "danger", Clock.WARN: "warn", Clock.OK: ""}
STATES = ("forwarded", "registered", "delivered", "reported", "handed_off", "accepted", "return_requested", "answered",
          "returned", "completed", "replied", "archived")  # fmt: skip
PEOPLE = (
    "kf.agent", "kf.supervisor", "kf.head", "wh.contact", "wh.zhang", "wh.leader", "wh.head", "yc.contact", "yc.chen",
    "sc.officer", "sc.leader", "sj.auditor", "sj.plain",
)  # fmt: skip


def actor_of(person: Employee, now) -> Actor:
    actor = actor_for(person.pk, now.at)
    assert actor is not None
    return actor


def stock(play):
    """One in every state from each of three instants, so that every clock is met."""
    now = play.now
    for hour, at in enumerate(("2026-11-22 07:00", "2026-11-23 16:00", "2026-11-24 08:40")):
        now.set(at)
        for place, state in enumerate(STATES):
            tier = "vip" if state in ("forwarded", "completed") else "none"
            play.upto(state, phone=f"139{hour:04d}{place:04d}", at=at, tier=tier)
    asked = play.upto("accepted", phone="13911110000")
    play("convene", "wh.zhang", asked, units=["YC"], problem="需宜昌配合核查。")
    refused = play.upto("return_requested", phone="13911110001")
    play("rule_on_return", "kf.supervisor", refused, accepted=False, reason="属于本单位职责。")
    now.set("2026-11-24 09:00")
    sweep()


stage, own_copy, now, cast, _play, client_for, _stock = shared(stock)


def shown(client, address: str) -> list[str]:
    """The tone of each line of a list, through all its pages."""
    found = []
    more = address
    while more:
        page = client.get(more)
        assert page.status_code == 200
        found += [line.tone for line in page.context["lines"]]
        after = page.context["page"].after
        more = f"{address}&after={after}" if after else ""
    return found


def test_each_form_at_a_line_offers_whom_its_verb_offers(cast, now):
    """People are asked for once for all lines of a desk: by who is asked for, unit and leader."""
    met = set()
    for username in PEOPLE:
        actor = actor_of(cast[username], now)
        forms = FormsInPlace(actor)
        for section in sections(actor, now.at):
            for line in lines_by_id(actor, now.at, set(section.first)).values():
                for offered in forms.of(section, line):
                    alone = VerbForm(find(Complaint, offered.verb.name), line.complaint, actor)
                    for name in (name for name, field in alone.fields.items() if hasattr(field.widget, "choices")):
                        there, here = offered.alike.form.fields[name].widget, alone.fields[name].widget
                        assert names_in(there) == names_in(here), (username, name)
                        met.add(offered.verb.name)
    assert met == {"hand_off", "report_to_leader", "record_told", "name_handler"}


def names_in(widget):
    return [value for value, _label in widget.choices if value]


def test_what_names_a_number_is_text():
    """The label of a list is a unit's or a category's name as well, and an address may hold what was typed."""
    hostile = '<b onclick="x">&amp;'
    drawn = pills([Cell(Clock.LATE, 3, f"/complaints/?unit={hostile}&clock=late")], hostile)
    assert "<b o" not in drawn
    assert drawn.count("&lt;b onclick=&quot;x&quot;&gt;&amp;amp;") == 2


@pytest.mark.rule("R12")
def test_every_number_is_that_of_the_lines_it_opens(client_for):
    met = set()
    for username in PEOPLE:
        client = client_for(username)
        desk = client.get("/").context
        for kind in [*desk["duties"], *desk["watched"], *desk["idle"]]:
            if not kind.is_timed:
                continue
            for cell in kind.cells:
                assert shown(client, cell.url) == [TONES[cell.clock]] * cell.count, (username, cell.url)
                met |= {(kind.name, cell.clock)} if cell.count else set()
            assert len(shown(client, kind.url)) == kind.total
    assert {clock for _name, clock in met} == set(Clock)
    assert {name for name, _clock in met} >= {
        "register", "dispatch", "redispatch", "rule_on_return", "judge_complete", "reply", "record_satisfaction",
        "hand_off", "returned", "accept", "answer_today", "answer", "name_handler", "record_tasks", "unit",
        "joint", "overdue",
    }  # fmt: skip


def test_the_spots_that_burn_open_what_they_counted(client_for):
    titles = {}
    for username in PEOPLE:
        client = client_for(username)
        burning = client.get("/").context["burning"]
        titles[username] = bool(burning and burning.spots)
        for cell in [cell for spot in (burning.spots if burning else ()) for cell in spot.cells]:
            assert shown(client, cell.url) == [TONES[cell.clock]] * cell.count, (username, cell.url)
    assert [username for username, burns in titles.items() if burns] == [
        "kf.supervisor", "kf.head", "wh.leader", "wh.head", "sc.officer", "sc.leader", "sj.auditor",
    ]  # fmt: skip


def test_the_hottest_comes_first(client_for):
    desk = client_for("kf.supervisor").get("/").context
    heats = [kind.heat for kind in desk["duties"]]
    assert heats == sorted(heats)
    assert heats[0] < heats[-1]
    spots = [(-spot.waiting.late, -spot.waiting.warned) for spot in desk["burning"].spots]
    assert spots == sorted(spots)


def test_what_the_matter_keeps_is_what_its_lines_tell(cast, now):
    """Who reads every complaint is counted for by the matter's own columns, everybody's lines by the limits."""
    actor = actor_of(cast.kf_supervisor, now)
    told = {line.complaint.pk: line.tone for line in lines(list(for_lines(Complaint.objects.all())), actor, now.at)}
    standing = {clock: Complaint.objects.filter(in_clock(clock, actor, now.at)) for clock in Clock}
    kept = {pk: TONES[clock] for clock, found in standing.items() for pk in found.values_list("pk", flat=True)}
    assert kept == told


@pytest.mark.usefixtures("sent_as_written")
def test_the_desk_asks_a_constant_few_statements(client_for):
    """Three numbers of each of a dozen lists are one statement, their first lines another."""
    asked = {}
    for username in ("kf.agent", "kf.supervisor", "sc.officer", "sj.auditor"):
        client = client_for(username)
        client.get("/", headers={"HX-Request": "true"})
        with CaptureQueriesContext(connection) as queries:
            client.get("/", headers={"HX-Request": "true"})
        asked[username] = sum(
            "AS bounded" in query["sql"] and "complaints_complaint" in query["sql"] for query in queries
        )
    assert set(asked.values()) == {1}


def test_the_desk_reads_the_lines_that_it_shows_and_a_poll_none(client_for, monkeypatch):
    """Of each list six complaints are known, and there is room for two or three on two screens."""
    read = []

    def kept(actor, at, ids):
        read.append(set(ids))
        return for_the_lines(actor, at, ids)

    for_the_lines = worklists.shown
    monkeypatch.setattr("complaints.lists.desk.shown", kept)
    for username in ("kf.agent", "wh.contact", "sc.officer"):
        page = client_for(username).get("/")
        assert read.pop() == {line.complaint.pk for laid in page.context["desk"] for line in laid.rows}, username
        client_for(username).get("/", headers={"HX-Request": "true"})
        assert read == []
    first = {key for section in page.context["sections"] for key in section.first}
    assert len(first) > sum(len(laid.rows) for laid in page.context["desk"])


@pytest.mark.usefixtures("sent_as_written")
def test_no_number_is_counted_beyond_a_hundred(cast, now):
    actor = actor_of(cast.kf_agent, now)
    with CaptureQueriesContext(connection) as queries:
        sections(actor, now.at)
    (statement,) = [query["sql"] for query in queries if "AS bounded" in query["sql"]]
    assert statement.count("LIMIT 100)") == statement.count("AS bounded") == 84


@pytest.mark.parametrize("username", ["kf.supervisor", "sc.leader", "sj.auditor"])
@pytest.mark.usefixtures("sent_as_written")
def test_every_number_of_the_whole_is_read_by_an_index(cast, now, username):
    """However many complaints are open or archived: no statement of the desk walks through a table of theirs."""
    actor = actor_of(cast[username], now)
    with CaptureQueriesContext(connection) as queries:
        lines_by_id(actor, now.at, {key for section in sections(actor, now.at) for key in section.first})
    big = ("complaints_complaint", "complaints_round", "accountability_matter", "accountability_deadline")
    walked = []
    for query in queries:
        if "AS bounded" in query["sql"]:
            walked += [step for step in plan_of(query["sql"]) if re.search(r"\b(?:SCAN|Seq Scan on) (\w+)", step)]
    assert [step for step in walked if any(table in step for table in big) and "INDEX" not in step.upper()] == []


def plan_of(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return [row[-1] for row in cursor.fetchall()]
