"""Every address × role × method, read off the URL resolver and held against a table written by hand.

An address that is not in the table fails, so a new page can't come without somebody having said who may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accountability.files.attachments import take
from accountability.models import Attachment, Deadline, Employee
from complaints.models import Complaint
from tests.accountability.signin.access import SIGNING_IN
from tests.admin_rows import a_row_of
from tests.administrators import ADMINISTRATORS, OPEN_TO_ADMINISTRATORS
from tests.config.api.access import api
from tests.factories import Play
from tests.looking import OPENING_READS, PROBE, undone
from tests.shared_world import shared
from tests.walking import Address, addresses, body_of, steady

ROLES = {
    "agent": "kf.agent",
    "csc_supervisor": "kf.supervisor",
    "centre_head": "kf.head",
    "contact_own": "wh.contact",
    "deputy_own": "wh.deputy",
    "contact_other": "yc.contact",
    "handler_own": "wh.zhang",
    "handler_other": "wh.li",
    "leader": "wh.leader",
    "head": "wh.head",
    "head_other": "zd.head",
    "marketing": "sc.officer",
    "marketing_leader": "sc.leader",
    "auditor": "sj.auditor",
    "forwarder": "yc.chen",
    "plain": "sj.plain",
    "system_admin": "sj.system",
    "security_admin": "sj.security",
    "audit_admin": "sj.auditadmin",
}
"""The complaint asked about was forwarded by yc.chen and is with wh.zhang of WH, led by wh.leader."""

CENTRE = {"agent", "csc_supervisor"}
MARKETING = {"marketing", "marketing_leader"}
ASKS_WHY = MARKETING | {"csc_supervisor", "centre_head"}
ALL_COMPLAINTS = CENTRE | MARKETING | {"centre_head", "auditor"}
OF_THE_ROUND = ALL_COMPLAINTS | {"contact_own", "deputy_own", "handler_own", "leader", "head"}
OF_THE_COMPLAINT = OF_THE_ROUND | {"forwarder"}
HEADS = {"head", "head_other", "centre_head"}
BOOKS = MARKETING | {"auditor"}
READS_LEADS = CENTRE | BOOKS
READS_FIGURES = ALL_COMPLAINTS | {"contact_own", "deputy_own", "contact_other", "leader", "head", "head_other"}
EXPORTS = BOOKS | {"csc_supervisor", "centre_head"}
SEES_WEBHOOKS = {"system_admin", "security_admin", "audit_admin", "auditor"}
SEES_READINGS = BOOKS | {"head", "head_other", "centre_head"}

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Answer = Callable[[str], int]


def everybody(status: int) -> Answer:
    return lambda role: status


def only(roles: set[str], status: int, *, others: int = 403) -> Answer:
    return lambda role: status if role in roles else others


def known(answer: Answer, roles: set[str] = OF_THE_COMPLAINT) -> Answer:
    """For whoever may know of the complaint; for everybody else it isn't there."""
    return lambda role: answer(role) if role in roles else 404


def written(status: int) -> Answer:
    """Sheets are written by the centre, read by marketing and auditors too; for everybody else there are none."""
    return lambda role: status if role in CENTRE else 403 if role in BOOKS else 404


TABLE: dict[str, dict[str, Answer]] = {
    "livez": {"GET": everybody(200)},
    "readyz": {"GET": everybody(200)},
    "metrics": {"GET": everybody(404)},
    "set_language": {"POST": everybody(302)},
    "sign_in": {method: everybody(302) for method in METHODS},
    "sign_out": {"POST": everybody(302)},
    "password": {"GET": everybody(200), "POST": everybody(422)},
    **SIGNING_IN,
    "inbox": {"GET": everybody(200)},
    "mark_read": {"POST": everybody(302)},
    "preferences": {"GET": everybody(200), "POST": everybody(422)},
    "answer_templates": {"GET": only(ALL_COMPLAINTS, 200)},
    "edit_template": {"GET": only({"csc_supervisor"}, 200), "POST": only({"csc_supervisor"}, 422)},
    "pulse": {"GET": everybody(200)},
    "stay": {"POST": everybody(200)},
    "alarms": {"GET": only(MARKETING | HEADS | {"auditor", "csc_supervisor"}, 200)},
    "holds": {"GET": only(BOOKS, 200)},
    "record": {"GET": only({"auditor", "marketing_leader", "audit_admin"}, 200)},
    "search": {"GET": everybody(200), "POST": everybody(422)},
    "tour": {"GET": everybody(200)},
    "answer_tour": {"POST": everybody(302)},
    "units": {"GET": everybody(200)},
    "unit": {"GET": everybody(200)},
    "unit_roster": {"GET": everybody(200)},
    "operations": {"GET": only({"system_admin"}, 200)},
    "accounts": {"GET": only({"security_admin"}, 200)},
    "account": {"GET": only({"security_admin"}, 200)},
    "webhooks": {"GET": only(SEES_WEBHOOKS, 200)},
    "webhook": {"GET": only(SEES_WEBHOOKS, 404)},
    "resend_event": {"POST": only({"system_admin", "security_admin"}, 404)},
    "changes": {"GET": only(MARKETING | {"security_admin", "audit_admin", "auditor"}, 200)},
    "access_log": {"GET": only({"audit_admin", "auditor"}, 200)},
    "import_organisation": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)},
    "confirm_import": {"POST": only(MARKETING, 422)},
    "organisation_act": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)},
    **{name: {"GET": everybody(200)} for name in ("calendar", "calendar_year", "limits", "rules")},
    **{name: {"GET": everybody(200)} for name in ("privacy_policy", "own_penalties")},
    "confirm_reading": {"POST": everybody(409)},
    "rule_readings": {"GET": only(SEES_READINGS, 200)},
    "attachment": {"GET": only({"agent"}, 200, others=404)},
    "paper": {"GET": everybody(404)},
    "paper_file": {"GET": everybody(404), "POST": everybody(404)},
    "paper_draft": {"POST": everybody(404)},
    "home": {"GET": everybody(200)},
    "dashboard": {"GET": only(READS_FIGURES, 200)},
    "dashboard_table": {"GET": only(READS_FIGURES, 200)},
    "list_file": {"GET": everybody(200)},
    "complaints": {"GET": everybody(200)},
    "register": {"GET": only(CENTRE, 200), "POST": only(CENTRE, 422)},
    "look_up": {"POST": only(CENTRE, 200)},
    "incoming": {"GET": only(CENTRE, 302)},
    "suggest_unit": {"POST": only(CENTRE, 200)},
    "forward": {"GET": everybody(200), "POST": everybody(422)},
    "bulk": {"GET": only(CENTRE, 302), "POST": only(CENTRE, 302)},
    "notices": {"GET": everybody(302), "POST": everybody(302)},
    "saved_views": {"GET": everybody(200), "POST": everybody(422)},
    "rename_view": {"POST": everybody(404)},
    "delete_view": {"POST": everybody(404)},
    "choose_view": {"POST": everybody(404)},
    "complaint": {"GET": known(everybody(200))},
    "register_forwarded": {"GET": only(CENTRE, 302), "POST": only(CENTRE, 409)},
    "reveal": {"POST": known(lambda role: 200 if role == "handler_own" else 422 if role in ASKS_WHY else 403)},
    "recording": {"GET": everybody(404)},
    "deadline": {"GET": known(everybody(200), OF_THE_ROUND)},
    "conformance": {"GET": known(everybody(200), OF_THE_ROUND)},
    "minutes": {"GET": everybody(404)},
    "presence": {"POST": known(everybody(200))},
    **{key: {"GET": everybody(404)} for key in ("attachment_text", "urging", "calendar_feed")},
    "notice": {"GET": known(everybody(200), OF_THE_ROUND)},
    "act": {"GET": known(only({"handler_own"}, 200)), "POST": known(only({"handler_own"}, 422))},
    "customer_progress": {"GET": everybody(200), "POST": everybody(422)},
    "customer_word": {"GET": everybody(404), "POST": everybody(404)},
    "cases": {"GET": everybody(200)},
    "open_fault": {"GET": only(CENTRE | MARKETING, 200), "POST": only(CENTRE | MARKETING, 422)},
    "case": {"GET": everybody(404)},
    "case_act": {"GET": everybody(404), "POST": everybody(404)},
    "case_deadline": {"GET": everybody(404)},
    "circulars": {"GET": everybody(200)},
    "circular": {"GET": everybody(404)},
    "exports": {"GET": only(EXPORTS, 200)},
    "begin_export": {"GET": only(EXPORTS, 200), "POST": only(EXPORTS, 422)},
    "count_export": {"GET": only(EXPORTS, 200)},
    "fetch_export": {"POST": everybody(404)},
    "figures_behind": {"GET": only(READS_FIGURES, 200)},
    "mass_events": {"GET": only(ALL_COMPLAINTS, 200)},
    **{key: {"GET": everybody(404)} for key in ("mass", "rights_request", "bulletin", "plan", "export")},
    **{
        key: {"GET": everybody(404), "POST": everybody(404)}
        for key in ("mass_act", "rights_act", "bulletin_act", "plan_act", "export_act")
    },
    "rights": {"GET": only({"csc_supervisor", "marketing_leader", "auditor"}, 200)},
    "begin_rights": {"GET": only({"csc_supervisor"}, 200), "POST": only({"csc_supervisor"}, 422)},
    "leads": {"GET": only(READS_LEADS, 200)},
    "sheets": {"GET": only(READS_LEADS, 200, others=404)},
    "issue_sheet": {"GET": written(200), "POST": written(422)},
    "sheet": {"GET": everybody(404)},
    "bulletins": {"GET": everybody(200)},
    "plans": {"GET": everybody(200)},
    "begin_plan": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)},
    "rankings": {"GET": everybody(200)},
    "ranking": {"GET": only(BOOKS | {"csc_supervisor"}, 200, others=404)},
    "begin_ranking": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)},
    "ranking_numbered": {"GET": everybody(404)},
    "ranking_table": {"GET": everybody(404)},
    "ranking_check": {"GET": everybody(404)},
    "ranking_act": {"GET": everybody(404), "POST": everybody(404)},
    **api(everybody, only, known, CENTRE, MARKETING, BOOKS, READS_FIGURES),
}
"""What each role is answered. A method that is not named is 405 for everybody.

There is no mass event, no case, no ranking and no circular at this number, and of the year that runs only a preview;
who sees one that is there, the tests in tests/complaints/views/test_mass.py and tests/assessment/views declare. The
file is a draft of the agent's; whom the kind of a matter lets read a claimed one, its own tests declare. There is no
paper with this token and none of this kind; who reads one that is there, the tests of its kind declare.
"""

OPEN_TO_STRANGERS = {
    "livez": {"GET": 200}, "readyz": {"GET": 200}, "metrics": {"GET": 404}, "set_language": {"POST": 302},
    "sign_in": {"GET": 200, "POST": 422}, "activate": {"GET": 200, "POST": 422},
    **dict.fromkeys(("company_sign_in", "company_return", "company_sign_out"), dict.fromkeys(METHODS, 404)),
    "calendar_feed": {"GET": 404},
    "customer_progress": {"GET": 200, "POST": 422}, "customer_word": {"GET": 404, "POST": 404},
    **{name: dict.fromkeys(METHODS, 401) for name in TABLE if name.startswith("api_") and name != "api_docs"},
}  # fmt: skip
"""And what a program without a token is told, which no page can send to sign in."""

ADMIN: dict[str, dict[str, Answer]] = {
    "index": {"GET": only(BOOKS, 200)},
    "login": {method: everybody(302) for method in METHODS},
    "logout": {"GET": only(BOOKS, 302)},
    "password_change": {"GET": only(BOOKS, 302)},
    "password_change_done": {"GET": only(BOOKS, 302)},
    "autocomplete": {"GET": only(BOOKS, 404)},
    "jsi18n": {"GET": only(BOOKS, 200)},
    "view_on_site": {"GET": only(BOOKS, 404)},
    "app_list": {"GET": only(BOOKS, 200)},
    "None": {"GET": only(BOOKS, 404)},
}

READ_ONLY: dict[str, dict[str, Answer]] = {
    "changelist": {"GET": only(BOOKS, 200)},
    "add": {"GET": everybody(403)},
    "change": {"GET": only(BOOKS, 200)},
    "delete": {"GET": everybody(403)},
    "history": {"GET": only(BOOKS, 200)},
    "simple_history": {"GET": only(BOOKS, 404)},
}
"""A model in the administration: looked up by marketing and auditors, changed by nobody."""

EDITED: dict[str, dict[str, Answer]] = {
    "changelist": READ_ONLY["changelist"] | {"POST": only(BOOKS, 200)},
    "add": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 200)},
    "change": READ_ONLY["change"] | {"POST": only(MARKETING, 200)},
    "delete": READ_ONLY["delete"] | {"POST": everybody(403)},
    "history": READ_ONLY["history"] | {"POST": only(BOOKS, 200)},
    "simple_history": READ_ONLY["simple_history"] | {"POST": only(BOOKS, 403)},
}
"""The catalogue's leaves: marketing's to change; what is posted empty is shown again with its errors."""

SEEN_BY_AUDITORS = {
    action: {method: only({"auditor"}, answer("auditor")) for method, answer in methods.items()}
    for action, methods in READ_ONLY.items()
}

REVISED = READ_ONLY | {"begin": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)}}
"""Versions: read like the rest, and begun by marketing's verbs; what is posted empty is refused at its fields."""

CASES = REVISED | {"do": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)}}
"""Cases: begun and decided by marketing's verbs, read by marketing and auditors."""

MODELS = {
    "assessment_case": CASES,
    "accountability_category": EDITED,
    "accountability_accesslog": SEEN_BY_AUDITORS,
    "accountability_timelimits": REVISED,
    "accountability_calendaryear": REVISED,
    "accountability_paperwording": REVISED,
}

BEGUN = {
    "accountability_timelimits": "set_limits", "accountability_calendaryear": "publish_calendar",
    "accountability_paperwording": "set_papers", "assessment_case": "open_case",
}  # fmt: skip

DONE = {"assessment_case": "decline_case"}


def at_work(play: Play) -> Complaint:
    forwarded = play("forward", "yc.chen", tier="vip")
    registered = play("register", "kf.agent", forwarded)
    handed = play("hand_off", "wh.contact", play("dispatch", "kf.agent", registered))
    return play("accept", "wh.zhang", handed)


stage, own_copy, now, cast, play, client_for, complaint = shared(at_work)


def place_of(address: Address, complaint: Complaint) -> str:
    """The address of the thing that the table speaks of."""
    if address.name.startswith("admin:"):
        return admin_place_of(address, complaint)
    handling = Deadline.objects.get(matter=complaint.matter, kind="handling")
    values: dict[str, Any] = {
        "number": complaint.matter.number,
        "round_number": 1,
        "place": 1,
        "pk": handling.pk,
        "code": "WH",
        "kind": "csv" if address.name in ("dashboard_table", "list_file") else "nothing",
        "name": "rankings",
        "form": "pdf",
        "part": 1,
        "link": "1-AAAAAAAAAAAAAAAAAAAAAA",
        "year": 2026,
        "table": "units",
        "measure": "received",
        "username": "wh.li",
        "token": a_draft(complaint).token if "token" in address.takes else "",
        "verb": {
            "organisation_act": "set_supervisor",
            "bulk": "dispatch",
            "edit_template": "set_template",
            "sign_in_act": "unlock_sign_in",
            "api_organisation_act": "set_supervisor",
            "api_case_act": "decline_case",
            "api_ranking_act": "confirm_barred",
        }.get(address.name, "propose_solution"),
    }
    return reverse(address.name, kwargs={name: values[name] for name in address.takes})


def a_draft(complaint: Complaint) -> Attachment:
    agent = Employee.objects.get(username="kf.agent")
    return take("说明.txt", "退费依据".encode(), by=agent, at=complaint.matter.opened_at, kind="evidence")


def admin_place_of(address: Address, complaint: Complaint) -> str:
    if address.name == "admin:None":
        return f"/admin/nowhere-{'-'.join(address.takes)}/"
    values = {"content_type_id": 1, "object_id": 1, "app_label": "complaints"}
    model = model_named(address.name)
    if model is not None:
        values["object_id"] = a_row_of(model, complaint)
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        values["verb"] = (DONE if address.name.endswith("_do") else BEGUN).get(label, "")
    if address.positional:
        return reverse(address.name, args=[values["object_id"], 999_999])
    return reverse(address.name, kwargs={name: values[name] for name in address.takes})


def model_named(name: str) -> Any:
    inner = name.removeprefix("admin:")
    labels = {f"{m._meta.app_label}_{m._meta.model_name}": m for m in admin.site._registry}
    return next((model for label, model in labels.items() if inner.startswith(f"{label}_")), None)


def declared(address: Address) -> dict[str, Answer]:
    """What the table says of an address; KeyError where it says nothing."""
    if not address.name.startswith("admin:"):
        return TABLE[address.name]
    inner = address.name.removeprefix("admin:")
    model = model_named(address.name)
    if model is None:
        return ADMIN[inner]
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    return MODELS.get(label, READ_ONLY)[inner.removeprefix(f"{label}_")]


ADDRESSES = addresses()
IDS = [address.name + "".join(f"-{name}" for name in address.takes) for address in ADDRESSES]

EVERY_METHOD = {"agent", "marketing", "handler_own", "plain", "security_admin"}
"""Methods that no page offers are tried by these five; everybody tries to read and to post."""

AT_THE_BOOKS = ("agent", "head", "marketing", "marketing_leader", "auditor", "plain", *sorted(ADMINISTRATORS))
"""The administration asks for nothing but roles, so these stand for all."""

ASK_FOR_HEADS = {"agent", "handler_own", "marketing", "plain"}
"""Who asks for the head of a page too; in the administration marketing."""

IN_FULL = {"agent", "marketing"}
"""The fast tier reads and posts as everybody, and tries the other methods as these; the slow tier does the rest."""

LEFT_TO_THE_SLOW_TIER = {"head", "security_admin", "audit_admin"}
"""In the administration others stand for these in the fast tier: who has no part in it, and an administrator."""


def ask(client: Client, method: str, place: str) -> HttpResponse:
    """What it does is undone, so that each question finds the same world."""
    with undone():
        return client.generic(method, place)  # type: ignore[return-value]


def roles_for(address: Address) -> Iterable[str]:
    return AT_THE_BOOKS if address.name.startswith("admin:") else ROLES


def methods_for(address: Address, role: str) -> Iterable[str]:
    yield from METHODS if role in EVERY_METHOD else ("GET", "POST")
    if role in ({"marketing"} if address.name.startswith("admin:") else ASK_FOR_HEADS):
        yield "HEAD"


def is_fast(address: Address, role: str, method: str) -> bool:
    if address.name.startswith("admin:") and role in LEFT_TO_THE_SLOW_TIER:
        return False
    return method in ("GET", "POST") or role in IN_FULL


Asked = dict[tuple[str, str], tuple[int, list[str]]]


@pytest.fixture(autouse=True)
def pages_that_are_off_until_wanted(settings: Any) -> None:
    settings.CUSTOMER_LINKS = settings.EVENTS_OUT = True


@pytest.fixture(scope="module")
def known_answers() -> dict[tuple[Address, bool], Asked]:
    """Everybody asks once at every address; each of the tests looks at something else of the answers."""
    return {}


@pytest.fixture
def asked(
    address: Address, fast: bool, complaint: Complaint, client_for: Callable[[str], Client], known_answers: Any
) -> Asked:
    """By role and method: the status, and what was written."""
    if (address, fast) not in known_answers:
        place, found = place_of(address, complaint), {}
        for role in roles_for(address):
            for method in methods_for(address, role):
                if is_fast(address, role, method) is fast:
                    with undone() as wrote:
                        response: Any = client_for(ROLES[role]).generic(method, place)
                    found[role, method] = response.status_code, wrote
        known_answers[address, fast] = found
    return known_answers[address, fast]


EVERYWHERE = [
    *(pytest.param(address, True, id=name) for address, name in zip(ADDRESSES, IDS, strict=True)),
    *(pytest.param(address, False, id=f"{name}-slow", marks=pytest.mark.slow)
      for address, name in zip(ADDRESSES, IDS, strict=True)),
]  # fmt: skip


@pytest.mark.parametrize(("address", "fast"), EVERYWHERE)
def test_every_role_is_answered_as_declared(address: Address, fast: bool, asked: Asked) -> None:
    table = declared(address)
    found = {key: status for key, (status, _wrote) in asked.items() if key[1] in METHODS}
    assert found == {(role, method): expected_of(table, address, role, method) for role, method in found}


@pytest.mark.parametrize(("address", "fast"), EVERYWHERE)
def test_reading_changes_nothing(address: Address, fast: bool, asked: Asked) -> None:
    """Who opens a matter has read the notices of it; nothing else is written, nor by whom asks for the head alone."""
    opens = OPENING_READS.fullmatch if "number" in address.takes else lambda sql: None
    probes = PROBE.fullmatch if address.name == "readyz" else lambda sql: None
    found = {
        (role, method): [sql for sql in wrote if not ((method == "GET" and opens(sql)) or probes(sql))]
        for (role, method), (_status, wrote) in asked.items() if method in ("GET", "HEAD")
    }  # fmt: skip
    assert {key: wrote for key, wrote in found.items() if wrote} == {}


def expected_of(table: dict[str, Answer], address: Address, role: str, method: str) -> int:
    """What is declared for the role: an administrator's closed doors first, then the table, then the method."""
    if role in ADMINISTRATORS and role not in OPEN_TO_ADMINISTRATORS.get(address.name, set()):
        return 302 if address.name == "home" and method == "GET" else 403
    return table[method](role) if method in table else expected_otherwise(address, role)


def expected_otherwise(address: Address, role: str) -> int:
    """A method that isn't offered; in the administration whoever may not enter is told that first."""
    return 403 if address.name.startswith("admin:") and role not in BOOKS else 405


@pytest.mark.parametrize("address", ADDRESSES, ids=IDS)
def test_a_stranger_is_sent_to_sign_in(address: Address, complaint: Complaint) -> None:
    place, opened = place_of(address, complaint), OPEN_TO_STRANGERS.get(address.name)
    doors = {reverse("sign_in"), reverse("admin:login")}  # the second leads to the first
    for method in METHODS:
        response = ask(Client(), method, place)
        if opened is None:
            assert response.status_code == 302
            assert response.headers["location"].split("?")[0] in doors - {place}
        else:
            assert response.status_code == opened.get(method, 405)


OF_A_COMPLAINT = [address for address in ADDRESSES if "number" in address.takes]


@pytest.mark.parametrize("address", OF_A_COMPLAINT, ids=[address.name for address in OF_A_COMPLAINT])
@pytest.mark.parametrize("username", ["yc.contact", "zd.head", "wh.li", "sj.plain"])
def test_anothers_complaint_answers_like_one_that_is_not_there(
    address: Address, username: str, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    place, number = place_of(address, complaint), str(complaint.matter.number)
    nowhere = place.replace(number, "TS20200101000001")
    for method in METHODS:
        real, unreal = (ask(client_for(username), method, each) for each in (place, nowhere))
        assert (real.status_code, plain(real, number)) == (unreal.status_code, plain(unreal, "TS20200101000001"))


def plain(response: HttpResponse, number: str) -> str:
    return steady(body_of(response)).replace(number, "NUMBER")


def test_the_table_declares_nothing_that_is_not_there() -> None:
    assert sorted(TABLE) == sorted(address.name for address in ADDRESSES if not address.name.startswith("admin:"))
