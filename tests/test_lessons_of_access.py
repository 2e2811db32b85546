"""Harm that other ticket systems came to by who may do what to what, each tried here (shared lessons 2 to 15).

The wide walks stand beside it: test_own_and_other, test_parameters, test_mass_assignment, test_canary_channels.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accountability.files.attachments import new_token, take
from accountability.gate.act import Refused
from accountability.gate.perform import perform, perform_many
from accountability.gate.verbs import VERBS
from accountability.models import Attachment, Employee, Paper
from complaints.models import Complaint
from tests.factories import USUAL
from tests.looking import contents, writes
from tests.probing import NOT_BUSINESS, differ, filled, pages, plain, rows_of, send
from tests.shared_world import shared
from tests.signing_in import signed_in
from tests.test_mass_assignment import UNSTAGED, facts_of, standing, subjects
from tests.two_units import World, actor, two_units
from tests.walking import MOST, body_of, nobodys, some_of

ClientFor = Callable[[str], Client]


stage, own_copy, now, cast, play, client_for, world = shared(two_units)


# 2: the reset code stood in the response


@pytest.mark.lesson(2)
@pytest.mark.asvs("14.2.6", "16.2.5")
@pytest.mark.parametrize(
    ("username", "most"),
    [
        ("wh.contact", 4),
        *(pytest.param(username, MOST, marks=pytest.mark.slow) for username in ("wh.contact", "sc.officer")),
    ],
)
def test_no_secret_stands_in_any_response(username: str, most: int, world: World) -> None:
    """No hash of a password, no session's key, no key of the deployment, no token of a file one may not read.

    At each address with at most so many of its verbs.
    """
    for person in Employee.objects.filter(username__startswith="wh."):
        person.set_password("这是一个很长的密码-夜莺")
        person.save()
    client = signed_in(Employee.objects.get(username=username))
    hashes = {text for text in Employee.objects.values_list("password", flat=True) if len(text) > 20}
    secrets = hashes | set(Session.objects.values_list("pk", flat=True)) | {settings.SECRET_KEY}
    secrets |= {
        client.cookies[settings.SESSION_COOKIE_NAME].value,
        "这是一个很长的密码-夜莺",
        world.sides["YC"].things["draft file"],
    }
    by_address: dict[str, list[str]] = {}
    for page in pages(world, world.sides["WH"]):
        by_address.setdefault(page.name, []).append(page.place)
    places = [place for several in by_address.values() for place in some_of(several, most)]
    bodies = {place: body_of(client.get(place)) for place in (*places, reverse("admin:index"))}
    told = [(place, text[:12]) for place, body in bodies.items() for text in secrets if text in body]
    assert (told, client.get(reverse("home")).status_code) == ([], 200)


@pytest.mark.lesson(2)
@pytest.mark.asvs("14.2.6")
def test_a_refused_password_is_not_said_back(client_for: ClientFor) -> None:
    typed = "夜莺-这是打错的密码"
    signing_in = Client().post(reverse("sign_in"), {"username": "wh.contact", "password": typed})
    changing = {"old_password": typed, "new_password1": typed, "new_password2": typed + "2"}
    changed = client_for("wh.contact").post(reverse("password"), changing)
    assert [typed in answer.content.decode() for answer in (signing_in, changed)] == [False, False]


# 4: read-only roles that could write

OF_EVERYBODY = {"complaint forward"}
"""An auditor is an employee: what they are handed they pass on (R1)."""

ASKS_FOR_EXPORTS = {"export request_export"}


@pytest.mark.lesson(4)
@pytest.mark.asvs("8.2.1", "8.3.1")
@pytest.mark.compliance(10)
def test_an_auditor_may_run_no_verb_on_anything(world: World) -> None:
    auditor = actor(world, "sj.auditor")
    may = {
        f"{kind} {name}"
        for (kind, name), entry in VERBS.items()
        for subject, _place in subjects(world, kind, entry)
        if entry.permits(subject, auditor)
    }
    assert may == OF_EVERYBODY | ASKS_FOR_EXPORTS


@pytest.mark.slow
@pytest.mark.lesson(4)
@pytest.mark.asvs("8.3.1")
def test_whatever_an_auditor_posts_changes_nothing(world: World, client_for: ClientFor) -> None:
    """Every page of every verb, filled in as usual: refused, and nothing is written."""
    client, side = client_for("sj.auditor"), world.sides["WH"]
    told = {
        page: send(client, "POST", page.place, filled(page, side))
        for page in pages(world, side)
        if page.verb and page.name != "edit_template"
    }
    assert len(told) > 60
    wrote = {page.place: answer.status for page, answer in told.items() if answer.wrote}
    assert ({answer.status for answer in told.values()} <= {403, 404}, wrote) == (True, {})


# 6: guessable ids of what was uploaded


@pytest.mark.lesson(6)
@pytest.mark.asvs("11.5.1")
def test_tokens_of_files_and_papers_are_drawn_from_192_bits(world: World) -> None:
    tokens = [new_token() for _number in range(500)]
    tokens += [token for model in (Attachment, Paper) for token in model.objects.values_list("token", flat=True)]
    assert (len(set(tokens)), {len(token) for token in tokens}) == (len(tokens), {32})
    # Each place takes all 64 signs: nothing of it counts up or tells the time.
    assert min(len({token[place] for token in tokens}) for place in range(32)) > 50


@pytest.mark.lesson(6, 13)
@pytest.mark.asvs("8.2.2")
def test_anothers_draft_is_no_file_of_ones_own(world: World, client_for: ClientFor) -> None:
    """Named in one's own form it is refused like one that isn't there, and stays the other's draft."""
    play, side = world.play, world.sides["WH"]
    draft = take("他人.txt", b"draft", by=play.cast["yc.chen"], at=play.now.at, kind="answer")
    place = reverse("act", args=[side.things["complaint"], "answer"])
    said = []
    for token in (draft.token, nobodys(draft.token)):
        answer = send(client_for(side.handler), "POST", place, {"result": "a", "cause": "b", "files": token})
        said.append((plain(answer, token), answer.wrote))
    assert (said[0], said[0][0][0]) == (said[1], 422)
    assert Attachment.objects.get(pk=draft.pk).matter is None


# 7: batches that checked the role and not the object


@pytest.mark.lesson(7)
@pytest.mark.asvs("8.2.2")
def test_a_batch_judges_each_object_by_itself(world: World) -> None:
    """Own and other, asked for in one call past every page: the other is refused and stays as it was."""
    own, other = world.sides["WH"], world.sides["YC"]
    theirs = rows_of(other, world, contents(without=NOT_BUSINESS))
    subjects = [world.play.again(side.open) for side in (own, other)]
    outcomes = perform_many(subjects, "reassign", by=world.play.cast["wh.contact"], at=world.play.now.at,
                            to="wh.li", reason="请假。")  # fmt: skip
    assert [outcome.refused and outcome.refused.code for outcome in outcomes] == [None, "forbidden"]
    assert rows_of(other, world, contents(without=NOT_BUSINESS)) == theirs


@pytest.mark.lesson(7)
@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("among", ["all", "pick"])
def test_a_selection_of_own_and_other_takes_the_own(among: str, world: World, client_for: ClientFor) -> None:
    """The other's number is answered like a number that nobody has."""
    own, other = world.sides["WH"], world.sides["YC"]
    theirs = rows_of(other, world, contents(without=NOT_BUSINESS))
    place, said = reverse("bulk", args=["reassign"]), []
    for foreign in (other.things["open complaint"], nobodys(other.things["open complaint"])):
        picked = {"pick": [own.things["open complaint"], foreign], "to": "wh.li", "reason": "请假。"}
        chosen = picked if among == "pick" else picked | {"all": "1", "number": foreign}
        answer = send(client_for("wh.contact"), "POST", place, chosen, compare=True)
        said.append(plain(answer, foreign))
        assert not differ(other, world, answer.changed, theirs)
    assert said[0] == said[1]


# 9: one way in allowed what another forbade


@pytest.mark.lesson(9)
@pytest.mark.asvs("8.3.1", "8.2.2")
def test_the_gate_itself_refuses_whoever_a_page_would_not_let_in(world: World) -> None:
    """Every verb on every thing of WH, called past all pages by YC's contact."""
    stranger, at = world.play.cast["yc.contact"], world.play.now.at
    before, done, codes = writes(without=NOT_BUSINESS), [], set()
    for (kind, name), entry in VERBS.items():
        if entry.creates or kind == "organisation" or kind in UNSTAGED:
            continue
        things = standing(world, kind)[1] if kind != "case" else [each[0] for each in subjects(world, kind, entry)]
        for thing in things:
            try:
                perform(thing, name, by=stranger, at=at, **dict(facts_of(entry)))
                done.append((kind, name))
            except Refused as refusal:
                codes.add(refusal.code)
            except TypeError:
                codes.add("forbidden")  # facts that only a page's form can hold
    assert (done, codes) == ([], {"forbidden"})
    assert writes(without=NOT_BUSINESS) == before


@pytest.mark.lesson(9)
@pytest.mark.asvs("8.3.1")
def test_nothing_but_the_gate_runs_a_verb() -> None:
    """The action behind a verb is called in one place, after the gate has asked who and when."""
    callers = {
        str(path)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run"
        if isinstance(node.func.value, ast.Name) and node.func.value.id in ("entry", "verb")
    }
    assert callers == {"accountability/gate/perform.py"}


# 12: sessions that outlive the account


@pytest.mark.lesson(12)
@pytest.mark.asvs("7.4.2")
@pytest.mark.compliance(25)
def test_whoever_has_left_is_out_at_the_next_request(world: World, client_for: ClientFor) -> None:
    """Whatever they ask for, with the session they had: sent to sign in."""
    client, side = client_for("wh.deputy"), world.sides["WH"]
    assert client.get(reverse("complaint", args=[side.things["complaint"]])).status_code == 200
    world.play("dismiss", "sc.officer", employee="wh.deputy", reason="离职")
    for place in ("/", reverse("complaint", args=[side.things["complaint"]]), reverse("pulse"), reverse("admin:index")):
        answer = client.get(place)
        door = answer.headers["Location"].split("?")[0]
        assert (answer.status_code, door in (reverse("sign_in"), reverse("admin:login"))) == (302, True)


@pytest.mark.lesson(12)
@pytest.mark.asvs("8.3.2")
@pytest.mark.compliance(25)
def test_a_role_that_ended_opens_nothing_at_the_next_request(world: World, client_for: ClientFor) -> None:
    client, place = client_for("wh.deputy"), reverse("case", args=[world.sides["WH"].things["case"]])
    assert client.get(place).status_code == 200
    told = {"employee": "wh.deputy", "role": "deputy_contact", "ends_on": "2026-12-01", "reason": "卸任"}
    world.play("end_appointment", "sc.officer", **told)
    world.play.now.set("2026-12-02 00:00:01")
    assert client.get(place).status_code == 404


# 15: a query too wide, a file id without owner

PAGES = ("search.py", "queue.py", "newest.py", "bulk.py", "dossier.py")
"""What is fetched for pages elsewhere than in `views`."""

LIMITS = {"visible_to", "visible_one_by_one", "visible_in_parts", "visible_keys_in_parts", "known_to", "create", "none"}
NAMES_ITS_READER = {
    ("accountability/views/files.py", "attachment", "Attachment"): "then `may_read`, which asks the kind of its matter",
    ("accountability/views/papers.py", "draft", "Matter"): "then the kind's `drafted_from` and `may_draft`",
    ("accountability/views/papers.py", "_demand", "Paper"): "then `may_read`, which asks the paper's kind",
    ("assessment/views/exports.py", "exports", "Export"): "one's own",
    ("assessment/views/rankings.py", "_previous", "Ranking"): "of a published year: everybody's",
    ("complaints/views/mass.py", "_counts", "MassEvent"): "of a page of events that were narrowed before",
    ("complaints/views/saved.py", "_keep", "SavedView"): "one's own",
    ("assessment/cases/dossier.py", "customers", "Complaint"): "to mask their names with, nothing is shown of them",
    ("assessment/cases/dossier.py", "_with_its_rows", "Case"): "one that the reader may know, with its rows",
    ("assessment/cases/dossier.py", "_asked_beside", "Case"): "by nothing unless the reader reads every case",
    ("assessment/cases/dossier.py", "_asked_beside", "Matter"): "by nothing unless the reader reads every case",
    ("assessment/views/plans.py", "body", "Attachment"): "of the plan that the reader sees",
    ("assessment/views/places.py", "_own_plans", "Plan"): "one's own",
    ("complaints/lists/search.py", "_of_customer", "Matter"): "of which the complaints that the reader sees are kept",
    ("complaints/lists/newest.py", "numbers", "Complaint"): "by keys found in parts of what the reader sees",
    ("complaints/lists/search.py", "_readable", "Cooperation"): "of one's own units",
    ("assessment/views/penalties.py", "own", "Penalty"): "one's own",
    ("assessment/views/rankings.py", "_papers", "Paper"): "of the ranking that the reader sees",
    ("assessment/views/circulars.py", "circular", "Case"): "to set the circular that the reader sees, as its paper is",
}
"""Fetches of what belongs to somebody without `visible_to`, each with what limits it instead."""


def sources() -> Iterator[Path]:
    for app in ("accountability", "complaints", "assessment"):
        yield from (path for path in sorted(Path(app).rglob("*.py")) if "migrations" not in path.parts)


def owned() -> set[str]:
    """Models that say who sees what, and what is asked for by a key that somebody types: files, papers, matters."""
    told = {model.__name__ for model in apps.get_models() if hasattr(model._base_manager.all(), "visible_to")}
    told |= {model.__name__ for model in apps.get_models() if hasattr(model._default_manager.all(), "visible_to")}
    return told | {"Attachment", "Paper", "PaperFile", "Matter"}


def fetches(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """(function, model, what is called on its manager) for each fetch of an owned model in the file, those by
    `accountability.db.sql` and by `of_matters` among them.
    """
    tree, models = ast.parse(path.read_text(encoding="utf-8")), owned()
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (fetched := _by_hand(node)) in models:
            yield _function_around(node, parents), fetched, []
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager"):
            if not isinstance(node.value, ast.Name) or node.value.id not in models:
                continue
            step: ast.AST = node
            chain: list[str] = []
            while isinstance(parents.get(step), (ast.Attribute, ast.Call)) and step in _inner(parents[step]):
                step = parents[step]
                chain += [step.attr] if isinstance(step, ast.Attribute) else []
            yield _function_around(step, parents), node.value.id, chain


def _by_hand(call: ast.Call) -> str:
    """The model of `rows(Model, …)`, `together.rows(Model, …)`, `by_key(Model, …)`, `Model.of_matters(…)` and
    `Model.of_matter(…)`.
    """
    named = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    asked: Any = call.args[0] if named in ("rows", "by_key") and call.args else None
    if named in ("of_matters", "of_matter") and isinstance(call.func, ast.Attribute):
        asked = call.func.value
    return str(getattr(asked, "id", ""))


def _function_around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef):
            return node.name
    return "<module>"


def _inner(node: Any) -> list[Any]:
    return [node.func] if isinstance(node, ast.Call) else [node.value]


@pytest.mark.lesson(15)
@pytest.mark.asvs("8.2.2", "8.2.3")
@pytest.mark.compliance(11)
def test_no_page_fetches_what_belongs_to_somebody_without_asking_who_sees_it() -> None:
    found = {
        (str(path), function, model)
        for path in sources()
        if "views" in path.parts or path.name in PAGES
        for function, model, chain in fetches(path)
        if not LIMITS & set(chain)
    }
    assert found == set(NAMES_ITS_READER)


def test_the_usual_facts_are_those_of_verbs() -> None:
    """Or the walks above would be sent nothing that means anything."""
    assert {name for name in USUAL if not any(verb == name for _kind, verb in VERBS)} == set()
    assert Complaint.matter_kind == "complaint"
