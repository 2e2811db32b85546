"""Fields that a form doesn't have, posted along with those it has: every column of every model, in every spelling.

What the same post does without them it does with them, row by row and field by field. The verbs are the register's
own (`VERBS`), each run by whoever may run it on one of the things in tests/two_units.py; a new verb joins by itself,
with what tests/factories.py or `TOLD` says that it is usually told. A form that is no verb's stands in `FORMS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from accountability.gate.verbs import VERBS, Verb
from accountability.models import AccessLog, Category
from assessment.models import Bulletin, Case, Export, Plan, Ranking
from complaints.models import MassEvent
from tests.assessment import docket
from tests.assessment.bulletins import made_bulletins
from tests.assessment.exports import made_exports
from tests.assessment.plans import made_plans
from tests.assessment.rankings import made_rankings
from tests.factories import USUAL
from tests.forms_staged import NEW, Filled, for_a_second_person, staged
from tests.looking import Tables, Writes, contents, normal
from tests.probing import _typed, silence
from tests.shared_world import shared
from tests.two_units import World, actor, relations, two_units

pytestmark = [pytest.mark.asvs("15.3.3", "8.2.3"), pytest.mark.compliance(11), pytest.mark.lesson(1)]

ClientFor = Callable[[str], Client]


stage, own_copy, now, cast, play, client_for, world = shared(two_units)


# What is posted along


def value_for(column: Any) -> str:
    """Something that the column would take."""
    if column.choices:
        return str(list(dict(column.flatchoices))[-1])
    match column:
        case models.BooleanField():
            return "true"
        case models.ForeignKey() | models.IntegerField() | models.AutoField():
            return "1"
        case models.DateTimeField():
            return "2026-01-01 00:00"
        case models.DateField():
            return "2026-01-01"
    return "夜莺"


def everything() -> dict[str, str]:
    """Every column of every model: by name, by its key, through its table and through what leads to it."""
    found = {"pk": "1", "is_superuser": "true", "is_staff": "true", "role": "marketing_leader", "roles": "auditor"}
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            value, table = value_for(column), model._meta.model_name
            found |= {column.name: value, column.attname: value, f"{column.name}_id": value}
            if not hasattr(model, "instance_type"):
                found |= {f"{table}__{column.attname}": value, f"form-0-{column.name}": value}
    return found


ALL = everything()
MOST_AT_ONCE = 900
"""Of more fields Django wants to know nothing."""

CONTROLS = {"_key", "_seen", "_insert", "_preset", "then", "all", "pick"}
"""What pages of verbs read beside the facts."""


# Where


@dataclass(frozen=True)
class Form:
    """A place that takes a post from this person, filled in so that it would be taken."""

    place: str
    by: str
    data: tuple[tuple[str, Any], ...]
    own: frozenset[str]


TOLD: dict[str, dict[str, Any]] = {
    **{verb: facts for verb, facts in docket.USUAL.items() if verb not in USUAL},
    **made_plans.WAYS, **made_bulletins.WAYS, **made_rankings.WAYS, **made_exports.WAYS,
    "set_supervisor": {"employee": "wh.wang", "supervisor": "wh.head"},
    "appoint": {"employee": "wh.wang", "role": "deputy_contact", "starts_on": "2026-12-02", "reason": "新任"},
    "end_appointment": {"employee": "wh.deputy", "role": "deputy_contact", "ends_on": "2026-12-31", "reason": "卸任"},
    "set_head": {"unit": "WH", "head": "wh.leader"},
    "set_unit": {"code": "WH", "name": "武汉分公司一", "kind": "branch"},
    "admit": {"username": "wh.new", "name": "新来的", "unit": "WH"},
    "update_employee": {"employee": "wh.wang", "name": "王小川二", "reason": "更名"},
    "dismiss": {"employee": "wh.wang", "reason": "离职"},
    "set_template": {"name": "模板", "use": "reply", "text": "您好。", "reason": "新增"},
    "publish_rules": {"rule": "R1", "supplement": "补充。", "reason": "补充"},
    "set_mass_limits": {"warn_count": "5", "reason": "调整"},
    "set_duty_hours": {"unit": "WH", "clock": "duty", "hours": "09:00-18:00", "reason": "调整"},
    "set_policy": {"warn_first_percent": "40", "reason": "调整"},
    "record_absence": {"employee": "wh.head", "starts_at": "2026-12-05 08:00", "reason": "出差"},
    "roster": {"unit": "WH", "employee": "wh.li", "starts_at": "2026-12-05 08:00", "ends_at": "2026-12-05 20:00"},
    "dismiss_mass": {"reason": "误报。"}, "confirm_mass": {"level": "0", "reason": "属实。"},
    "file_slip": {"person": "wh.zhang", "voucher": "人〔2026〕88", "executed_on": "2026-11-30"},
    "notify_unit": {"check": "请核查。", "document_number": "市通〔2026〕99号"},
    "decide_criticism": {"criticised": "true", "reason": "超时未办。"},
}  # fmt: skip


def facts_of(entry: Verb) -> tuple[tuple[str, Any], ...]:
    told = TOLD.get(entry.name) or USUAL.get(entry.name, {})
    return tuple((name, _typed(value)) for name, value in told.items() if not isinstance(value, dict))


def of_verbs(world: World) -> Iterator[tuple[str, Form]]:
    """Every verb that somebody may run on something as it stands, with where it is run."""
    people = [actor(world, username) for username in dict.fromkeys(relations("WH").values())]
    for (kind, name), entry in VERBS.items():
        for subject, place in subjects(world, kind, entry):
            by = next((p for p in people if not entry.barred(subject, p)), None)
            if by is not None and place is not None:
                own = frozenset(fact.name for fact in entry.facts) | CONTROLS
                yield f"{kind} {name}", Form(place, by.employee.username, facts_of(entry), own)
                break


BEGUN = {"register": "register", "forward": "forward", "issue_sheet": "issue_sheet", "open_fault": "open_fault",
         "open_plan": "begin_plan", "request_export": "begin_export", "draft_ranking": "begin_ranking"}  # fmt: skip
IN_THE_ADMINISTRATION = {"open_case": "begin", "set_limits": "begin", "publish_calendar": "begin"}


def subjects(world: World, kind: str, entry: Verb) -> Iterator[tuple[Any, str | None]]:
    side, name = world.sides["WH"], entry.name
    if entry.creates:
        place = reverse(BEGUN[name]) if name in BEGUN else None
        yield entry.model(), place or (reverse("admin:assessment_case_begin", args=[name]) if kind == "case" else None)
    elif kind == "organisation":
        yield entry.model.standing(), reverse("organisation_act", args=[name])  # type: ignore[attr-defined]
    elif kind == "case":
        for case in (side.case, side.hidden):
            yield Case.of_matter(case.pk), reverse("admin:assessment_case_do", args=[case.pk, name])
            yield Case.of_matter(case.pk), reverse("case_act", args=[case.matter.number, name])
    elif kind not in UNSTAGED:
        address, found = standing(world, kind)
        for subject in found:
            yield subject, reverse(address, args=[str(subject.matter), name])


UNSTAGED = {"rights"}
"""Kinds of matters of which two_units has none; their own tests post to their forms."""


def standing(world: World, kind: str) -> tuple[str, list[Any]]:
    side = world.sides["WH"]
    staged: dict[str, tuple[str, list[Any]]] = {
        "complaint": ("act", [world.play.again(side.complaint), world.play.again(side.open)]),
        "plan": ("plan_act", [Plan.of_matter(side.plan.pk)]),
        "mass": ("mass_act", list(MassEvent.objects.select_related("matter"))),
        "bulletin": ("bulletin_act", list(Bulletin.objects.select_related("matter"))),
        "ranking": ("ranking_act", list(Ranking.objects.select_related("matter"))),
        "export": ("export_act", list(Export.objects.select_related("matter"))),
    }
    return staged[kind]


def forms(world: World) -> dict[str, Form]:
    """What is no verb's."""
    leaf, view = Category.objects.exclude(parent=None).earliest("pk"), world.sides["WH"].things["view"]
    told: dict[str, tuple[str, str, dict[str, Any]]] = {
        "saved view": (reverse("saved_views"), "wh.contact", {"name": "急件", "list": "hand_off"}),
        "renamed view": (reverse("rename_view", args=[view]), "wh.contact", {"name": "缓件"}),
        "chosen view": (reverse("choose_view", args=[view]), "wh.contact", {}),
        "preferences": (reverse("preferences"), "wh.contact", {"email": "a@b.example", "language": "en"}),
        "read notices": (reverse("mark_read"), "wh.contact", {}),
        "tour": (reverse("answer_tour"), "wh.contact", {}),
        "category": (
            reverse("admin:accountability_category_change", args=[leaf.pk]), "sc.officer",
            {"name": "改名", "answered_by": "branch", "is_active": "on", "reason": "更名"},
        ),
    }  # fmt: skip
    more = {
        "saved view": {"is_default", "list", "state", "priority", "flag", "unit", "holder", "clock", "mine", "order",
                       "number", "overdue", "person", "category", "region", "channel", "received_from", "received_to",
                       "coordinated"},
        "preferences": {"mobile", "shortcuts", "counts_in_title", "plays_sound", "clock", "work", "limits", "waiting",
                        "news"},
        "chosen view": {"no"}, "read notices": {"notice", "next"}, "category": {"parent", "name_en", "words"},
    }  # fmt: skip
    return {
        name: Form(place, by, tuple(data.items()), frozenset(data) | more.get(name, set()) | CONTROLS)
        for name, (place, by, data) in told.items()
    }


def every_form(world: World) -> dict[str, Form]:
    """Those that need something special last: what stands for them is of no use to the others."""
    return {**dict(of_verbs(world)), **forms(world), **filled_in(staged(world))}


def filled_in(staged: Filled) -> dict[str, Form]:
    found = {}
    for name, (place, by, data) in staged.items():
        of_verb = VERBS.get(tuple(name.split()))  # type: ignore[arg-type]
        own = {fact.name for fact in of_verb.facts} if of_verb else set()
        found[name] = Form(place, by, tuple(data.items()), frozenset({*own, *data}) | CONTROLS)
    return found


# The comparison

NUMBERS = re.compile(r"[A-Z]{2}\d{4}-[0-9A-Z]{8}")
DRAWN = ("action_time", "key", "digest", "sha256", "terms", "place", "inputs_digest")
"""Made from what is drawn by lot: a number, a token."""


def world_after(client: Client, place: str, data: dict[str, Any], before: Tables) -> tuple[int, Tables, set[str]]:
    """The status, all tables (those that weren't written to as they were before), and which were written to."""
    cookies, writes = deepcopy(client.cookies), Writes()
    with transaction.atomic(), silence():
        client.cookies.pop("messages", None)
        with connection.execute_wrapper(writes):
            status = client.post(place, data).status_code
        tables = before | contents(without=NOT_COMPARED, of=writes.tables())
        transaction.set_rollback(True)
    client.cookies = cookies
    written = writes.tables()
    return status, tables, set(tables) if written is None else written


NOT_COMPARED = (AccessLog, Session)


def told(tables: Tables, of: set[str]) -> dict[str, list[str]]:
    return {table: [_told(row) for row in rows] for table, rows in normal(tables, of=of).items()}


def _told(row: dict[str, Any]) -> str:
    password = str(row.get("password", ""))
    if password.startswith("!"):
        row = row | {"password": "none that opens anything"}
    elif password and check_password(NEW, password):
        row = row | {"password": NEW}  # its salt is drawn by lot
    return NUMBERS.sub("NUMBER", str({name: value for name, value in row.items() if name not in DRAWN}))


def compared(form: Form, client: Client, before: Tables) -> tuple[int, dict[str, Any]]:
    """The status without what was posted along, and what was different with it."""
    data = dict(form.data)
    extra = {name: value for name, value in ALL.items() if name not in form.own and name not in data}
    status, plain, wrote = world_after(client, form.place, data, before)
    found: dict[str, Any] = {}
    names = list(extra)
    for start in range(0, len(names), MOST_AT_ONCE):
        some = {name: extra[name] for name in names[start : start + MOST_AT_ONCE]}
        other, along, wrote_too = world_after(client, f"{form.place}?{urlencode(some)}", data | some, before)
        found |= {} if other == status else {"status": (status, other)}
        one, two = (told(tables, wrote | wrote_too) for tables in (plain, along))
        found |= {name: [*set(rows) ^ set(two[name])] for name, rows in one.items() if two[name] != rows}
    return status, found


@pytest.mark.lesson(3)
def test_a_form_takes_nothing_but_its_own_fields(world: World, client_for: ClientFor) -> None:
    few = {"saved view", "preferences", "complaint contact_customer", "complaint forward", "plan send_back_plan"}
    found = {name: form for name, form in {**dict(of_verbs(world)), **forms(world)}.items() if name in few}
    before = contents(without=NOT_COMPARED)
    answers = {name: compared(form, client_for(form.by), before) for name, form in found.items()}
    assert {name: status for name, (status, _differing) in answers.items()} == dict.fromkeys(few, 302)
    assert {name: str(differing)[:900] for name, (_status, differing) in answers.items() if differing} == {}


@pytest.mark.slow
@pytest.mark.lesson(3)
def test_no_form_takes_anything_but_its_own_fields(world: World, client_for: ClientFor) -> None:
    """Of every verb that may be run on anything here, and of every other form, each filled in so that it is taken."""
    found, before = every_form(world), contents(without=NOT_COMPARED)
    answers = {name: compared(form, client_for(form.by), before) for name, form in found.items()}
    second, before = filled_in(for_a_second_person(world.play)), contents(without=NOT_COMPARED)
    answers |= {name: compared(form, client_for(form.by), before) for name, form in second.items()}
    assert {name: str(differing)[:900] for name, (_status, differing) in answers.items() if differing} == {}
    taken = {name for name, (status, _differing) in answers.items() if status in (200, 204, 302)}
    assert (len(found) > 80, sorted(found.keys() - taken)) == (True, [])
