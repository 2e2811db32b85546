"""The views of the schema `reporting`: each column with what it says, once for the database and for docs/reporting.md.

No column holds what somebody typed: only numbers that the program gives, codes with a list of choices, names of the
catalogues, instants, counts. People are pseudonyms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from accountability.declarations.limits import limit_kinds
from accountability.models import Category, Deadline, Matter, Region, Unit
from assessment.models import Case, CaseState, Ground, Penalty, Ranking, RankingLine, RankingState
from assessment.models.cases import Source
from assessment.models.standings import Group
from complaints.models import Channel, Complaint, Priority, Round, RoundState, State
from complaints.models.complaints import Ending, Tier
from complaints.models.rounds import Dissatisfaction, HandoffMethod

SCHEMA = "reporting"
KEY = "pseudonym_key"
"""The table with the key of the pseudonyms, which nobody but the owner reads."""


@dataclass(frozen=True)
class Column:
    """`sql` is an expression over the view's tables. `choices`: the codes that it may be, each with its label."""

    name: str
    sql: str
    says: str
    choices: Sequence[tuple[Any, Any]] = ()


@dataclass(frozen=True)
class View:
    """`source` are the tables and what narrows them."""

    name: str
    says: str
    source: str
    columns: tuple[Column, ...]


def _table(model: type[models.Model]) -> str:
    return f'public."{model._meta.db_table}"'


def _person(column: str) -> str:
    """The pseudonym of an employee's key. The key's bytes come first and have one length."""
    return (
        f"CASE WHEN {column} IS NOT NULL THEN left(encode(sha256(pseudonyms.key"
        f" || convert_to({column}::text, 'UTF8')), 'hex'), 16) END"
    )


def _as_instants(alias: str, **said: str) -> tuple[Column, ...]:
    return tuple(Column(name, f"{alias}.{name}", text) for name, text in said.items())


PSEUDONYMS = f"CROSS JOIN {SCHEMA}.{KEY} pseudonyms"

UNITS = View(
    "units", "The units.", f"{_table(Unit)} u",
    (
        Column("unit", "u.code", "the unit's code, as in all other views"),
        Column("name", "u.name", "its name"),
        Column("name_en", "u.name_en", "its English name"),
        Column("kind", "u.kind", "what kind of unit it is", Unit.Kind.choices),
    ),
)  # fmt: skip

CATEGORIES = View(
    "categories", "The catalogue of complaints: heads of the notice, and leaves.",
    f"{_table(Category)} c LEFT JOIN {_table(Category)} h ON h.id = c.parent_id",
    (
        Column("category", "c.id", "the category's key, as in `complaints`"),
        Column("name", "c.name", "its name"),
        Column("head", "coalesce(h.name, c.name)", "the head that it belongs to; its own name if it is a head"),
        Column("is_head", "c.parent_id IS NULL", "whether it is a head"),
        Column("is_active", "c.is_active", "whether complaints may be registered under it"),
    ),
)  # fmt: skip

COMPLAINTS = View(
    "complaints", "Each complaint as it stands.",
    f"{_table(Complaint)} c JOIN {_table(Matter)} m ON m.id = c.matter_id"
    f" LEFT JOIN {_table(Region)} r ON r.name = c.region"
    f" LEFT JOIN {_table(Round)} latest ON latest.id = c.latest_round_id"
    f" LEFT JOIN {_table(Unit)} u ON u.id = latest.unit_id {PSEUDONYMS} WHERE c.state <> '{State.NEW.value}'",
    (
        Column("complaint", "m.number", "the complaint's number, as in all other views"),
        Column("opened_at", "m.opened_at", "when it was received"),
        Column("registered_at", "c.registered_at", "when it was registered; empty until then"),
        Column("closed_at", "m.closed_at", "when it came to its end, whichever"),
        Column("state", "c.state", "where it stands", State.choices),
        Column("channel", "c.channel", "by which channel it came", Channel.choices),
        Column("tier", "c.tier", "the customer's tier", Tier.choices),
        Column("category", "c.category_id", "its category in `categories`"),
        Column("priority", "c.priority", "its urgency", Priority.choices),
        Column("region", "r.name", "the region; empty where it isn't one of the catalogue"),
        Column("cross_province", "c.cross_province", "whether other provinces are concerned"),
        Column("other_operator", "c.other_operator", "whether another operator is concerned"),
        Column("third_party", "c.third_party", "whether a third party is concerned"),
        Column("escalated", "c.escalated", "whether it came back escalated"),
        Column("major", "c.major", "whether it is a major complaint"),
        Column("coordinated", "c.coordinated", "whether units were called to the table"),
        Column("round_count", "c.round_count", "how often it was dispatched"),
        Column("unit", "u.code", "the unit of the latest round"),
        Column("replies", "c.replies", "how often the customer was replied to"),
        Column("replied_at", "c.replied_at", "when last"),
        Column("satisfied", "c.satisfied", "whether the customer is satisfied; empty while unknown"),
        Column("resolved", "c.resolved", "whether it was resolved"),
        Column("archived_at", "c.archived_at", "when it was archived"),
        Column("ended_as", "c.ended_as", "how it was archived", Ending.choices),
        Column("agent", _person("c.agent_id"), "the agent in charge, as a pseudonym"),
    ),
)  # fmt: skip

ROUNDS = View(
    "rounds", "Each dispatch of a complaint to a unit.",
    f"{_table(Round)} r JOIN {_table(Matter)} m ON m.id = r.complaint_id JOIN {_table(Unit)} u ON u.id = r.unit_id"
    f" {PSEUDONYMS}",
    (
        Column("complaint", "m.number", "the complaint's number"),
        Column("round", "r.number", "which round of it"),
        Column("unit", "u.code", "the unit dispatched to"),
        Column("state", "r.state", "where the round stands", RoundState.choices),
        Column("priority", "r.priority", "its urgency", Priority.choices),
        Column("is_ruling", "r.is_ruling", "whether the unit was ruled to be the right one"),
        Column("delivered_at", "r.delivered_at", "when the unit had it"),
        Column("handed_off_at", "r.handed_off_at", "when its contact handed it over"),
        Column("method", "r.method", "how it was handed over", HandoffMethod.choices),
        Column("accepted_at", "r.accepted_at", "when the handler accepted it"),
        Column("return_requested_at", "r.return_requested_at", "when the unit wanted to return it"),
        Column("solution_at", "r.solution_at", "when a solution was proposed"),
        Column("answered_at", "r.answered_at", "when the unit answered"),
        Column("ended_at", "r.ended_at", "when the round ended"),
        Column("satisfied", "r.satisfied", "whether the customer was satisfied with it; empty while unknown"),
        Column("satisfied_at", "r.satisfied_at", "when that was recorded"),
        Column("dissatisfied_by", "r.dissatisfied_by", "why the customer was dissatisfied", Dissatisfaction.choices),
        Column("handler", _person("r.handler_id"), "the first-inquiry person, as a pseudonym"),
    ),
)  # fmt: skip

DEADLINES = View(
    "deadlines", "Each limit of a complaint or case; one that was never missed and met is met in time.",
    f"{_table(Deadline)} d JOIN {_table(Matter)} m ON m.id = d.matter_id LEFT JOIN {_table(Unit)} u ON u.id = d.unit_id"
    f" {PSEUDONYMS} WHERE m.kind IN ('{Complaint.matter_kind}', '{Case.matter_kind}')",
    (
        Column("matter", "m.number", "the number of the complaint or case"),
        Column("matter_kind", "m.kind", "which of them it is", (
            (Complaint.matter_kind, Complaint._meta.verbose_name), (Case.matter_kind, Case._meta.verbose_name))),
        Column("round", "d.part", "which round of the complaint; 0: of the whole"),
        Column("kind", "d.kind", "which limit", limit_kinds()),
        Column("unit", "u.code", "the unit that owed it"),
        Column("started_at", "d.started_at", "when it began"),
        Column("due_at", "d.due_at", "when it is due; empty while the year's calendar isn't published"),
        Column("met_at", "d.met_at", "when it was met, in time or late"),
        Column("missed_at", "d.missed_at", "its due instant, if it was missed"),
        Column("voided_at", "d.voided_at", "when it fell away"),
        Column("excused_at", "d.excused_at", "when a miss was excused by two people"),
        Column("is_latest", "d.is_latest", "whether it is the binding one of its kind and round"),
        Column("person", _person("d.person_id"), "the person who owed it, as a pseudonym"),
    ),
)  # fmt: skip

CASES = View(
    "cases", "Each case of a suspected violation.",
    f"{_table(Case)} c JOIN {_table(Matter)} m ON m.id = c.matter_id JOIN {_table(Unit)} u ON u.id = c.unit_id"
    f" WHERE c.state <> '{CaseState.NEW.value}'",
    (
        Column("case", "m.number", "the case's number"),
        Column("unit", "u.code", "the unit that it is against"),
        Column("source", "c.source", "where it came from", Source.choices),
        Column("state", "c.state", "where it stands", CaseState.choices),
        *_as_instants(
            "c", opened_at="when it was opened", notified_at="when the unit was notified",
            determined_at="when it was determined", closed_at="when it was closed", annulled_at="when it was annulled",
        ),
        Column("violated", "c.violated", "whether it is a violation; empty while undetermined"),
    ),
)  # fmt: skip

PENALTIES = View(
    "penalties", "Each penalty. An annulled one stays, with its instant.",
    f"{_table(Penalty)} p JOIN {_table(Matter)} m ON m.id = p.case_id JOIN {_table(Case)} c ON c.matter_id = p.case_id"
    f" JOIN {_table(Unit)} u ON u.id = c.unit_id {PSEUDONYMS}",
    (
        Column("case", "m.number", "the case's number"),
        Column("unit", "u.code", "the unit that the case is against"),
        Column("person", _person("p.person_id"), "the person penalised, as a pseudonym"),
        *(
            Column(
                f"as_{ground.value}", f"p.grounds @> '[\"{ground.value}\"]'::jsonb", f"whether as {ground.label}"
            )
            for ground in Ground
        ),
        Column("months", "p.months", "months of the performance bonus"),
        Column("recorded_at", "p.recorded_at", "when it was recorded"),
        Column("executed_on", "p.executed_on", "on which day it was carried out"),
        Column("annulled_at", "p.annulled_at", "when it was annulled"),
        Column("refunded_on", "p.refunded_on", "on which day it was given back, after it was annulled"),
    ),
)  # fmt: skip

RANKINGS = View(
    "rankings", "The published rankings of the years, a line a unit; withdrawn ones are left out.",
    f"{_table(RankingLine)} l JOIN {_table(Ranking)} k ON k.matter_id = l.ranking_id AND k.edition = l.edition"
    f" JOIN {_table(Matter)} m ON m.id = k.matter_id JOIN {_table(Unit)} u ON u.id = l.unit_id"
    f" WHERE k.state = '{RankingState.CONFIRMED.value}'",
    (
        Column("ranking", "m.number", "the ranking's number"),
        Column("year", "k.year", "the year"),
        Column("published_at", "k.decided_at", "when it was confirmed and published"),
        Column("group", 'l."group"', "the group that was ranked together", [(one.value, one.value) for one in Group]),
        Column("unit", "u.code", "the unit"),
        Column("asked", "l.asked", "rounds that count"),
        Column("resolved", "l.resolved", "those answered in time whose customer was satisfied"),
        Column("place", "l.place", "the place; empty for a unit without rounds that count"),
        Column("is_lowest", "l.is_lowest", "whether it is among the last three"),
        Column("is_barred", "l.is_barred", "whether it is barred from the year's awards"),
    ),
)  # fmt: skip

VIEWS = (UNITS, CATEGORIES, COMPLAINTS, ROUNDS, DEADLINES, CASES, PENALTIES, RANKINGS)

READ = (Unit, Category, Complaint, Matter, Region, Round, Deadline, Case, Penalty, Ranking, RankingLine)
"""The tables that the views read; never that of people."""
