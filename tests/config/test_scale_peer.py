"""The bench beside django-helpdesk: what both are asked, the tickets that it gets, and how the table tells it."""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import LedgerEntry
from config.bench.scale import corpus
from config.bench.scale.beside import beside, its_rows, the_ticket
from config.bench.scale.command import _operations, _options
from config.bench.scale.measuring import Measured
from config.bench.scale.operations import Asked, Browser, Operation
from config.bench.scale.table import table, verdict
from tests.factories import Play

SCALE = Path(corpus.__file__).parent


def test_the_peer_stands_beside_the_rows_that_both_have():
    theirs = Measured("queue", 90, 20.0, 18.0, 70, 1)
    found = [Measured("queue", 16, 7.5, 5.0, 120, 0, theirs), Measured("inbox", 11, 4.0, 4.0, 120, 0)]
    head, line, queue, inbox = table([1_000_000], [found], 100_000)
    assert head.endswith("| peer (100,000): statements | processor | wall |")
    assert head.count("|") == line.count("|") == queue.count("|") == inbox.count("|")
    assert queue == "| queue (1 of the peer failed) | 16 | 7.5 | 5.0 | – | 120 MB | 90 | 20.0 | 18.0 |"
    assert inbox.endswith("| – | – | – |")


def test_where_the_peer_is_ahead_is_said():
    rows = [
        Measured("queue", 16, 7.5, 5.0, 120, 0, Measured("queue", 90, 20.0, 18.0, 70, 0)),
        Measured("register", 44, 4.0, 4.0, 120, 0, Measured("register", 12, 2.0, 2.0, 70, 0)),
    ]
    assert verdict(rows[:1], 1_000_000, 100_000) == (
        "Ours at 1,000,000 is ahead of the peer at 100,000 in 1 of 1 rows."
    )
    assert verdict(rows, 10, 10).endswith("in 1 of 2 rows; not in: register (2.0 ×).")


def test_the_peer_is_left_out_unless_it_is_asked_for():
    assert _options([]).peer == 0
    assert _options(["--peer"]).peer == 100_000
    assert _options(["--peer", "10000"]).peer == 10_000


def test_the_peer_is_asked_for_what_ours_is_asked_for_by_the_same_names(play: Play) -> None:
    play.upto("archived")
    play.upto("accepted", phone="13900000001")
    ours = {one.name: one for one in _operations(_options([]), play.now)}
    theirs = {one.name: one for one in beside(Random(1))}
    assert theirs.keys() <= ours.keys()
    assert {"queue, agent", "complaint", "word, frequent", "number", "register", "dispatch"} <= theirs.keys()
    for name, one in theirs.items():
        with CaptureQueriesContext(connection) as none:  # meanwhile the database of another size is asked
            method, _address, form = one.ask()
        assert len(none) == 0
        assert (method == "POST") == (form is not None) == ours[name].is_act, name
        assert (one.ends, one.floor) == (ours[name].ends, ours[name].floor) or not one.is_act


def test_the_peers_lists_are_their_page_and_the_rows_that_it_fetches() -> None:
    asked: Asked = ("GET", "/tickets/?search_type=header&q=17", None)
    page = 'ajax: {\n "url": "/datatables_ticket_list/eyJ4IjogMX0=",\n "type": "GET"'
    assert its_rows(asked, page)[1].startswith("/datatables_ticket_list/eyJ4IjogMX0=?draw=1&start=0&length=25")
    assert its_rows(asked, "")[1] == "/the-page-names-no-rows/"
    assert the_ticket(asked, "") == ("GET", "/tickets/17/", None)


def test_what_the_page_asks_for_next_belongs_to_the_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def send(self: Browser, asked: Asked, *, by_script: bool = False) -> tuple[int, bytes]:
        sent.append(asked[1])
        return (404 if asked[1] == "/rows/" else 200), b"page"

    monkeypatch.setattr(Browser, "send", send)
    whole = Operation("queue", "", lambda: ("GET", "/", None), then=lambda asked, page: ("GET", "/rows/", None))
    assert not whole.is_answered(Browser(1), whole.ask())
    assert sent == ["/", "/rows/"]


def test_the_peer_gets_a_ticket_for_each_complaint_and_a_followup_for_each_entry(play: Play, tmp_path: Path) -> None:
    closed, running = play.upto("archived"), play.upto("accepted", phone="13900000001")
    corpus.write(tmp_path)
    rows = {name: read(tmp_path / f"{name}.txt") for name in columns_of_the_peer()}
    assert {name: len(lines[0]) for name, lines in rows.items()} == columns_of_the_peer()
    tickets = {int(row[0]): row for row in rows["tickets"]}
    assert tickets.keys() == {closed.pk, running.pk}
    assert tickets[closed.pk][1].startswith(f"{closed} 五月账单")
    assert "13900000001" in tickets[running.pk][9]
    assert (tickets[closed.pk][5], tickets[running.pk][5]) == (str(corpus.CLOSED), str(corpus.OPEN))
    assert (tickets[closed.pk][7], tickets[running.pk][7] > "") == ("\\N", True)
    assert len(rows["followups"]) == LedgerEntry.objects.filter(matter__in=[closed.pk, running.pk]).count()
    assert "已退费。" in "".join(row[3] for row in rows["followups"] if row[0] == str(closed.pk))


def read(file: Path) -> list[list[str]]:
    return [line.split("\t") for line in file.read_text().splitlines()]


def test_a_line_is_one_that_copy_reads() -> None:
    assert corpus.line((1, None, "", "甲\t乙\n丙\\")) == "1\t\\N\t\t甲\\t乙\\n丙\\\\\n"


def columns_of_the_peer() -> dict[str, int]:
    """How many columns each file has, as the peer's program names them; it can't be imported beside our settings."""
    tree = ast.parse((SCALE / "peer.py").read_text())
    found = next(
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TABLES"
    )
    return {name: len(columns.split(",")) for name, (_table, columns) in ast.literal_eval(found).items()}


def test_an_empty_text_stands_in_columns_of_texts_alone(play: Play) -> None:
    """In one of numbers or instants COPY takes it for a number, and refuses the whole file."""
    play.upto("accepted")
    texts = {"queues": set(), "users": {"first_name", "last_name", "email"}, "tickets": {"title", "description"}}
    for name, rows in (("queues", corpus.queues()), ("users", corpus.users()), ("tickets", corpus.tickets())):
        columns = [column.strip() for column in _columns_of_the_peer(name).split(",")]
        empty = {column for row in rows for column, cell in zip(columns, row, strict=True) if cell == ""}
        assert empty <= texts[name], name


def _columns_of_the_peer(name: str) -> str:
    """As its program names them, which only the peer's own environment can import."""
    (tables,) = (
        ast.literal_eval(node.value)
        for node in ast.parse((SCALE / "peer.py").read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TABLES"
    )
    found: str = tables[name][1]
    return found
