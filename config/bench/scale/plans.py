"""Which index serves what, and how the commonest statements are carried out: `make bench-scale OPTIONS="--plans"`.

The table of indexes is kept here by hand as far as it tells reasons; sizes, scans and plans are measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from accountability.models import Category, Employee, Matter, PersonalData, SearchText, Unit
from accountability.search.index import SEARCHED
from config.bench.scale.walk import Heard, walk

COMMONEST = 10
OURS = ("accountability", "complaints", "assessment")
REPORT = Path(__file__).parents[3] / "docs" / "scale-plans.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"

SERVES = {
    "access_counted": "how often somebody was refused, or looked at numbers, within the hour (alarms of access)",
    "access_by_action": "the audit administrator's page of one action, newest first",
    "access_by_day": "the access log of a day; what is older than LOG_KEEP_MONTHS",
    "alarm_open": "the line of standing alarms, on each page",
    "notification_inbox": "the inbox, newest first",
    "notification_unread": "the number at the bell, on each page",
    "notification_unsent": "what the task of notices sends next",
    "deadline_excused": "a text that is deleted with its draft is looked for in every column that may hold it",
    "paper_by_number": "a paper by the beginning of its number",
    "paper_file_to_make": "files that the task of papers makes next",
    "handover_due": "papers that are handed to the OA next",
    "handover_open": "papers that the OA hasn't got, for its alarm and page",
    "matter_by_unit": "a unit's desk: what waits for a verb, most urgent first",
    "matter_by_holder": "a person's own work, most urgent first",
    "matter_by_urgency": "the queue of everything, most urgent first",
    "matter_open": "the queue of open work, most urgent first; how much of it a person may see",
    "matter_by_verb": "a desk's list of one verb, most urgent first",
    "matter_by_clock": "a desk's counts of late and nearly late work",
    "matter_by_due": "lists by due instant",
    "matter_warned": "what is nearly late, of all work",
    "matter_by_digits": "a complaint by the last digits of its number",
    "matter_alarm": "matters whose alarm rings next (reminders)",
    "matter_to_clear": "closed matters whose texts are to be masked (task `retain`)",
    "personal_by_phone": "a customer by the digest of their number: intake, search, requests of data rights",
    "personal_by_last4": "a customer by the last four digits",
    "personal_by_name_": "a customer by the digest of their name",
    "duty_by_unit": "who is on duty for a unit now",
    "duty_by_employee": "a person's own turns of duty",
    "absence_by_employee": "whether somebody is away now",
    "delivery_due": "messages off-screen that are sent next, the thirty minutes first",
    "delivery_recent": "how many messages somebody got lately (digest)",
    "deadline_running": "limits that fell due (sweep), the number of running ones (metrics)",
    "deadline_to_warn": "limits whose next warning is due (sweep)",
    "deadline_to_chase": "limits that are chased next (sweep)",
    "deadline_waiting": "limits that wait for a published calendar",
    "deadline_excuse_asked": "excuses that wait for a second person",
    "deadline_missed_by_unit": "leads: what a unit missed",
    "deadline_missed": "figures: limits missed in a period",
    "deadline_kept": "figures: limits kept in a period",
    "attachment_draft": "files that no act took, which go after a day",
    "guarded_change_to_expire": "guarded changes that nobody decided in time",
    "webhook_event_to_spread": "events that aren't planned for their addresses yet",
    "webhook_due": "events that are sent to an address next",
    "webhook_waiting": "how long the oldest event waits",
    "webhook_log": "the page of what an address was sent, newest first",
    "attempt_of_person": "failed sign-ins of an account within the window",
    "attempt_of_place": "failed sign-ins from a network within the window",
    "attempt_by_age": "attempts that are old enough to go",
    "presence_seen": "who looked last at a page, to go after minutes",
    "customer_message_due": "text messages to customers that are sent next",
    "complaint_by_state": "lists by state, newest first",
    "complaint_by_registration": "complaints of a place and kind within hours (mass events)",
    "complaint_coordinated": "open complaints that somebody coordinates",
    "complaint_to_call_back": "calls back that somebody promised",
    "complaint_to_answer_outside": "bodies outside that an agent has to answer",
    "complaint_of_forwarder": "what somebody forwarded, newest first",
    "complaint_forwarded_open": "what somebody forwarded and isn't over",
    "round_by_unit": "a unit's rounds by state",
    "round_of_unit": "what a unit may see, newest first; whether it may see a complaint",
    "round_of_handler": "what a handler may see, newest first; a person's rounds",
    "round_of_leader": "what a leader may see, newest first; a person's rounds",
    "round_run_by_leader": "the running rounds that a leader answers for",
    "round_of_reported_to": "what a leader may see to whom it was reported, newest first; a person's rounds",
    "round_of_acting_handler": "what a substitute may see, newest first; a person's rounds",
    "round_of_acting_leader": "what a leader's substitute may see, newest first; a person's rounds",
    "round_by_delivery": "figures: rounds dispatched in a period",
    "round_by_satisfaction": "figures and ranking: answers recorded in a period",
    "round_asks_for_time": "rounds that ask for more time",
    "round_told": "hand-overs by telephone that wait for their recipient's word",
    "round_under_review": "answers that wait for a review",
    "round_owes_material": "rounds that owe material",
    "round_cancelled": "whether a limit's round was cancelled (figures)",
    "cooperation_of_unit": "what a unit was invited to, newest first; whether it was invited to a complaint",
    "cooperation_unfinished": "what a cooperating unit still owes",
    "export_to_expire": "files of exports that are destroyed next",
    "export_by_requester": "one's own exports, newest first",
    "export_by_state": "exports that wait to be decided or made",
    "seat_to_speak": "seats of a panel that haven't spoken",
    "plan_by_due": "rectification plans by due day",
    "plan_by_unit": "a unit's plans",
    "case_by_state": "cases by state, newest first",
    "case_by_unit": "a unit's cases",
}
"""What each index that a model names is for."""

OF_TARGET: dict[type[Model], str] = {
    PersonalData: "a text that is deleted with its draft is looked for in every column that may hold it",
    Matter: "the rows of a matter; a matter whose first act failed goes, and with it what belongs to it",
    Employee: "a person's rows: their lists, and what is passed on when they leave",
    Unit: "a unit's rows: its lists, and what is passed on when it ends",
    Category: "lists and figures by category",
}
OF_OTHERS = "the rows that belong to one"
OF_COLUMNS = {
    "accountability_apitoken.former_digest": "a token by its digest while it is being changed",
    "accountability_sentrequest.at": "requests whose keys are forgotten",
    "accountability_webhookevent.made_at": "events that are old enough to go",
}


@dataclass(frozen=True)
class Index:
    """`name` is the index's own, or table.column of a foreign key whose index Django names."""

    table: str
    name: str
    serves: str
    column: str = ""


BY_PAIRS = "texts of one kind of matter by pairs of signs (made by the migration, on PostgreSQL alone)"


def declared() -> Iterator[Index]:
    """Every index that a model asks for, apart from those that uniqueness needs."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in OURS:
            continue
        table = model._meta.db_table
        for index in model._meta.indexes:
            yield Index(table, index.name, SERVES.get(index.name, ""))
        fields: Any = model._meta.local_fields
        for field in fields:
            if field.db_index and not field.unique:
                name = f"{table}.{field.column}"
                yield Index(table, name, _reason(model, field, name), str(field.column))
    for kind in SEARCHED:
        yield Index(SearchText._meta.db_table, f"search_in_{kind}", BY_PAIRS)


def _reason(model: type[Model], field: Any, name: str) -> str:
    if hasattr(model, "instance_type"):
        return "the history of a row"
    return OF_COLUMNS.get(name) or OF_TARGET.get(field.related_model, OF_OTHERS)


# Measured


def report(at: datetime, size: int) -> str:
    """The two tables, of the database that is connected."""
    _ask("SELECT pg_stat_reset()")
    heard = walk(at)
    answers = ", ".join(f"{count} of {status}" for status, count in sorted(heard.answers.items()))
    told = [f"{size:,} complaints; answers: {answers}; {sum(heard.calls.values()):,} statements.", ""]
    return "\n".join([*told, "## The commonest statements", *_statements(heard), "", "## Indexes", *_indexes()])


def _ask(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _indexes() -> Iterator[str]:
    asked = (
        "SELECT s.relname, s.indexrelname, s.idx_scan, pg_relation_size(s.indexrelid),"
        " CASE WHEN i.indnatts = 1 AND i.indpred IS NULL THEN a.attname ELSE '' END"
        " FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid"
        " LEFT JOIN pg_attribute a ON a.attrelid = s.relid AND a.attnum = i.indkey[0]"
    )
    rows = _ask(asked)
    by_name = {name: (scans, size) for _table, name, scans, size, _column in rows}
    by_column = {(table, column): (scans, size) for table, name, scans, size, column in rows if "_like" not in name}
    yield "| index | scans | size | serves |"
    yield "|---|---|---|---|"
    for index in sorted(declared(), key=lambda each: (each.table, bool(each.column), each.name)):
        found = by_column.get((index.table, index.column)) if index.column else by_name.get(index.name)
        scans, size = found or (0, 0)
        yield f"| `{index.name}` | {scans:,} | {size // 1024:,} kB | {index.serves} |"


def _statements(heard: Heard) -> Iterator[str]:
    yield "| statement | sent | plan | rows read | rows shown | pages | ms |"
    yield "|---|---|---|---|---|---|---|"
    for name, count in heard.calls.most_common(COMMONEST):
        plan = explained(*heard.example[name])
        top = plan["Plan"]
        nodes = list(_nodes(top))
        told = " ← ".join(dict.fromkeys(map(_node, nodes)))
        read = sum(map(_read, nodes))
        pages = top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0)
        shown = top["Actual Rows"] or sum(each["Actual Rows"] for each in nodes if each["Node Type"] == "ModifyTable")
        cells = (
            short(name),
            f"{count:,}",
            told,
            f"{read:,}",
            f"{shown:,}",
            f"{pages:,}",
            f"{plan['Execution Time']:.2f}",
        )
        yield f"| {' | '.join(cells)} |"


def explained(sql: str, params: Any) -> dict[str, Any]:
    """How the statement was carried out just now; what it wrote is undone."""
    with transaction.atomic():
        ((plans,),) = _ask(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        transaction.set_rollback(True)
    found: dict[str, Any] = (json.loads(plans) if isinstance(plans, str) else plans)[0]
    return found


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _node(node: dict[str, Any]) -> str:
    named = node.get("Index Name") or node.get("Relation Name") or ""
    return f"{node['Node Type']} `{named}`" if named else str(node["Node Type"])


LOOKED_AT = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")


def _read(node: dict[str, Any]) -> int:
    """Rows that a scan looked at, all its loops together."""
    if "Scan" not in node["Node Type"] or node["Node Type"] == "Bitmap Index Scan":
        return 0
    looked = sum(
        node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    )
    return int(looked * node["Actual Loops"])


def short(sql: str) -> str:
    """The statement without its columns, in one line of a table."""
    plain = re.sub(r"\s+", " ", sql.replace('"', "").replace("|", "¦"))
    plain = re.sub(r"^SELECT .*? FROM (?!\()", "SELECT … FROM ", plain)
    plain = re.sub(r"\b(accountability|complaints|assessment)_\w+\.(\w+)", r"\2", plain)
    return f"`{plain[:150]}{'…' if len(plain) > 150 else ''}`"


def write(text: str) -> None:
    before, _mark, rest = REPORT.read_text().partition(BEGIN)
    REPORT.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")
