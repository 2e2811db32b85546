"""The sheet and its case are there for nobody but those whom R40 and the contract name, whatever pages there are.

Texts, numbers and the hour of the sheet are planted, and every address of the resolver is walked by every role in
every state: a new page joins by itself. Before the notice the walk through a world with the case is the same as
through one without it, counts, lists and order included.
"""

# mypy: disable-error-code="misc,union-attr"

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accountability.gate.verbs import VERBS
from accountability.models import Attachment, Deadline, Notification, Unit, actor_for
from accountability.notices.channels.messages import Reader, compose
from accountability.web.listings import LISTINGS
from assessment.cases.dossier import dossier_of
from assessment.models import Case, Circular, Penalty, Sheet
from complaints.lists.bulk import verbs_in_bulk
from complaints.models import Complaint
from tests import casework
from tests.casework import WORDS, played
from tests.factories import Play
from tests.looking import silence, undone
from tests.shared_world import shared
from tests.walking import MOST, Address, Values, body_of, everywhere, steady, steady_headers

pytestmark = pytest.mark.rule("R40")


def handed_over_late(play: Play) -> Complaint:
    """Forwarded by yc.chen, late at the hand-over in WH, with wh.zhang; the clock stands at the sheet's hour."""
    forwarded = play("forward", "yc.chen")
    found = play("dispatch", "kf.agent", play("register", "kf.agent", forwarded))
    play.now.forward(minutes=31)
    found = play("hand_off", "wh.contact", found)
    play.now.set(casework.ISSUED)
    return found


stage, own_copy, now, cast, play, client_for, complaint = shared(handed_over_late)

ClientFor = Callable[[str], Client]
Walk = dict[str, tuple[int, str]]

HOUR = casework.ISSUED[-5:]
OF_THE_UNIT = {"case"} | casework.ASKED | casework.REPORTED | casework.PENALISED | {casework.EVIDENCE}
PUBLIC = casework.CIRCULATED | {"夜莺撤回"}
"""What stands in circulars that were signed: everybody's to read (R52)."""

OF_THE_CENTRE = {"case", "sheet", HOUR} | casework.SHEET | casework.ASKED
OF_THE_PANEL = {"case", "夜莺核查", casework.EVIDENCE} | casework.REPORTED | casework.JUDGED | casework.SPOKEN

KNOWS: dict[str, set[str]] = {
    "wh.contact": OF_THE_UNIT,
    "wh.deputy": OF_THE_UNIT,
    "wh.head": OF_THE_UNIT,
    "wh.zhang": set(),
    "wh.li": set(),
    "wh.leader": set(),
    "yc.contact": set(),
    "yc.chen": set(),
    "yc.head": OF_THE_PANEL,
    "kf.head": set(),
    "kf.agent": OF_THE_CENTRE,
    "kf.supervisor": OF_THE_CENTRE,
    "sj.plain": set(),
}
"""The most that each may ever read of the case of WH, besides circulars that were signed."""

FAST = {"wh.contact"}
FEW_VALUES = 6
"""Values of an address in the fast tier."""


def people(names: Iterable[str], fast: set[str] = FAST) -> list[Any]:
    return [name if name in fast else pytest.param(name, marks=pytest.mark.slow) for name in names]


# Walking


def of_cases() -> Iterator[Any]:
    """Every table that belongs to cases, and whatever else hangs on a case's matter."""
    yield from apps.get_app_config("assessment").get_models()
    yield from (Deadline, Notification, Attachment)


def numbers(case: Case) -> dict[str, str]:
    found = {"case": str(case.matter)}
    sheet = Sheet.objects.filter(case=case).first()
    return found | ({"sheet": sheet.number} if sheet else {})


def values(complaint: Complaint, case: Case) -> Values:
    """What leads to the case: its numbers, the keys of all its rows, the tokens of its files."""
    keys = {pk for model in of_cases() for pk in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:1]}
    keys |= set(Deadline.objects.filter(matter=case.matter).values_list("pk", flat=True))
    return {
        "number": [*numbers(case).values(), complaint.matter.number],
        "round_number": [1],
        "place": [1],
        "pk": sorted(keys),
        "code": list(Unit.objects.filter(code__in=["WH", "YC", "SC"]).values_list("code", flat=True)),
        "year": [2026],
        "table": ["units", "trend"],
        "kind": ["csv"],
        "name": sorted(LISTINGS),
        "measure": ["received", "handoffs", "violations", "penalties", "penalties_done"],
        "verb": sorted(
            {name for kind, name in VERBS if kind == "case"} | {"answer", *(entry.name for entry in verbs_in_bulk())}
        ),
        "token": list(Attachment.objects.values_list("token", flat=True)) or ["0" * 32],
        "app_label": sorted({model._meta.app_label for model in admin.site._registry}),
        "username": ["wh.zhang", "nobody"],
        "content_type_id": [1],
    }


def values_of(address: Address, case: Case) -> Values:
    """What the address itself determines: rows of the model that it is about."""
    models = [
        m for m in admin.site._registry if address.name.startswith(f"admin:{m._meta.label_lower.replace('.', '_')}_")
    ]
    rows = [pk for model in models for pk in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:2]]
    return {"object_id": rows or [case.pk]}


def places(complaint: Complaint, case: Case, most: int = MOST) -> list[str]:
    known = values(complaint, case)
    found = list(everywhere(lambda address: known | values_of(address, case), most=most))
    texts = [*numbers(case).values(), "夜莺", "互动单"]
    lists = [reverse(name) for name in ("complaints", "home", "alarms", "inbox", "units", "mass_events", "register")]
    found += [f"{place}?{key}={text}" for place in lists for key in ("q", "number") for text in texts]
    found += [
        f"{reverse('complaints')}?list={name}" for name in sorted({name for kind, name in VERBS if kind == "case"})
    ]
    found += [f"{reverse('complaints')}?unit=WH", f"{reverse('inbox')}?unread=1", f"{reverse('alarms')}?all=1"]
    found += [f"{reverse('bulk', args=[entry.name])}?pick={text}" for entry in verbs_in_bulk() for text in texts]
    found += [f"{reverse('search')}?q={text}" for text in (*texts, *(text[:6] for text in numbers(case).values()))]
    for model in admin.site._registry:
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        found += [f"{place}?q={text}" for text in texts]
    return list(dict.fromkeys(found))


def walk(client: Client, wanted: Iterable[str]) -> Walk:
    found = {}
    with silence():
        for place in wanted:
            response = client.get(place)
            found[place] = (response.status_code, steady(body_of(response)))
    return found


def told(walked: Walk, words: dict[str, str]) -> dict[str, str]:
    """The secrets that came out, each with the first place it stood at; not what the place itself says."""
    return {
        word: place
        for word, text in words.items()
        for place, (_status, body) in reversed(walked.items())
        if text in body and text not in place
    }


def secrets_of(case: Case) -> dict[str, str]:
    return {word: word for word in WORDS} | numbers(case) | {HOUR: HOUR}


# Before the notice there is nothing


BEGINNINGS: dict[str, Callable[[Play, Complaint], Case]] = {"sheet": casework.issue, "opened": casework.opened}
FEW = (("sheet", "wh.contact"), ("opened", "kf.supervisor"))
"""A walk over every address takes long: one of the unit, one of the centre."""


@pytest.mark.slow
@pytest.mark.parametrize(("route", "username"), FEW)
def test_before_the_notice_the_world_is_the_one_without_the_case(
    route: str, username: str, play: Play, complaint: Complaint, client_for: ClientFor
) -> None:
    """Every page, list, count and search of everybody who may not know; declined at last, it stays so."""
    begin = BEGINNINGS[route]
    with transaction.atomic():
        wanted = places(complaint, begin(play, complaint))
        transaction.set_rollback(True)
    # What the walk opens is read: its notices would be counted no more.
    Notification.objects.filter(recipient=play.cast[username], read_at=None).update(read_at=play.now.at)
    without = walk(client_for(username), wanted)
    for _name, case in played(play, begin(play, complaint), (casework.ask_to_decline, casework.approve)):
        now = walk(client_for(username), wanted)
        assert {place: now[place] for place in wanted if now[place] != without[place]} == {}
        assert told(now, {word: word for word in WORDS} | numbers(case)) == {}


# In every state nobody reads more than is theirs

STATES: dict[str, tuple[Callable[[Play, Complaint], Case], tuple[casework.Step, ...]]] = {
    "before": (casework.issue, casework.BEFORE_THE_NOTICE),
    "declined": (casework.issue, casework.TO_DECLINED),
    "notified": (casework.issue, (casework.notify,)),
    "judged": (casework.issue, casework.TO_THE_END[:5]),
    "closed": (casework.issue, casework.TO_THE_END[:8]),
    "annulled": (casework.issue, casework.TO_THE_END),
    "reflected": (casework.opened, casework.TO_THE_END[:8]),
    "fault": (casework.at_fault, (casework.opine, casework.decide_fault)),
}
OF_A_FAULT: dict[str, set[str]] = {
    **dict.fromkeys(
        ("wh.contact", "wh.deputy", "wh.head"), {"case"} | casework.FAULT | casework.OPINION | casework.DECISION
    ),
    "wh.leader": {"case"} | casework.FAULT | casework.OPINION,
    "kf.agent": {"case"} | casework.FAULT,
    "kf.supervisor": {"case"} | casework.FAULT,
}


def may_know(state: str, username: str, case: Case) -> set[str]:
    if state == "fault":
        return OF_A_FAULT.get(username, set())
    known = set(KNOWS[username])
    if state in ("before", "declined") and not username.startswith("kf."):
        known = set()
    if state == "reflected" and username.startswith("kf."):
        known = set()
    if state == "notified" and username == "yc.head":
        known = set()
    if Penalty.objects.filter(case=case, person__username=username).exists():
        known |= casework.PENALISED  # everybody reads what was decided against themself
    signed = Circular.objects.filter(case=case, signed_at__isnull=False)
    return known | (PUBLIC if signed.exists() else set())


def brought_to(state: str, play: Play, complaint: Complaint) -> Case:
    """Some time goes by behind the sheet, and behind the last step: its hour is told by nothing else."""
    begin, steps = STATES[state]
    case = begin(play, complaint)
    play.now.forward(hours=1, minutes=7)
    *_before, (_name, case) = played(play, case, steps)
    play.now.forward(hours=30, minutes=7)
    return case


def read_by(usernames: Iterable[str], state: str, case: Case, wanted: list[str], client_for: ClientFor) -> Any:
    """What came out to whom beyond what is theirs, with the place."""
    found = {name: told(walk(client_for(name), wanted), secrets_of(case)) for name in usernames}
    return {
        (name, word): place
        for name, words in found.items()
        for word, place in words.items()
        if word not in may_know(state, name, case)
    }


WALKERS = ("wh.contact", "wh.zhang", "yc.contact", "yc.head", "kf.agent")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["annulled"])
def test_nobody_reads_more_than_is_theirs(state: str, play: Play, complaint: Complaint, client_for: ClientFor) -> None:
    """When most has happened that somebody might read of."""
    case = brought_to(state, play, complaint)
    assert read_by(WALKERS, state, case, places(complaint, case), client_for) == {}


@pytest.mark.slow
def test_of_a_closed_case_nobody_reads_more_than_is_theirs(
    play: Play, complaint: Complaint, client_for: ClientFor
) -> None:
    case = brought_to("closed", play, complaint)
    wanted = places(complaint, case)
    assert read_by(("wh.contact", "kf.agent"), "closed", case, wanted, client_for) == {}


@pytest.mark.slow
def test_the_walk_finds_what_is_there(play: Play, complaint: Complaint, client_for: ClientFor) -> None:
    """Or nothing would be proved: the marketing department comes by the case's number, and its dossier has it all."""
    case = brought_to("annulled", play, complaint)
    walked = walk(client_for("sc.officer"), places(complaint, case))
    assert "case" in told(walked, numbers(case))
    dossier = dossier_of(Case.of_matter(case.pk), actor("sc.officer", play))
    read = " ".join(text for entry in dossier.entries for text in dossier.texts(entry).values())
    assert {word for word in WORDS if word in read} == SPOKEN_OF


SPOKEN_OF = (
    casework.SHEET | casework.ASKED - {"夜莺文号"} | casework.REPORTED | casework.JUDGED | casework.SPOKEN
    | casework.PENALISED | casework.ANNULLING | casework.CIRCULATED
    | casework.SENT_BACK
)  # fmt: skip


def actor(username: str, play: Play) -> Any:
    found = actor_for(play.cast[username].pk, play.now.at)
    assert found is not None
    return found


# What is not theirs answers like what is not there

NOWHERE = {"AJ": "AJ2026-22222222", "HD": "HD2026-22222222"}
ASKING = ("wh.contact", "wh.li", "yc.head", "kf.agent2", "sj.plain")
"""One of each kind; tests/test_own_and_other.py asks as everybody."""


IN_FULL = [(username, method) for username in ASKING for method in ("GET", "POST")]
HOW = [
    pytest.param("wh.contact", "GET", FEW_VALUES, id="wh.contact-GET"),
    *(pytest.param(*how, MOST, id=f"{'-'.join(how)}-everywhere", marks=pytest.mark.slow) for how in IN_FULL),
]


@pytest.mark.parametrize(("username", "method", "most"), HOW)
def test_its_numbers_answer_like_numbers_that_nobody_has(
    username: str, method: str, most: int, play: Play, complaint: Complaint, client_for: ClientFor
) -> None:
    """Body, status and headers, at every address that takes a number, read or posted to with a verb's name."""
    centre = username.startswith("kf.") and username != "kf.head"
    case = (casework.opened if centre else casework.issue)(play, complaint)
    client, known, differing = client_for(username), numbers(case).values(), []
    for place in places(complaint, case, most):
        for number in known:
            if number in place and not place.startswith("/admin/"):
                nowhere = NOWHERE[number[:2]]
                # What tells them apart does so every time; a page's own random parts once in a thousand.
                if all(
                    answer(client, method, place, number)
                    != answer(client, method, place.replace(number, nowhere), nowhere)
                    for _again in range(2)
                ):
                    differing.append(place)
    assert differing == []


def answer(client: Client, method: str, place: str, number: str) -> tuple[int, str, dict[str, str]]:
    asked = f"pick={number}&complaints={number}&round={number}%231"
    with undone():
        response: Any = client.generic(method, place, asked, content_type="application/x-www-form-urlencoded")
        body = body_of(response)
    headers = {name: value.replace(number, "NUMBER") for name, value in steady_headers(response).items()}
    return response.status_code, steady(body).replace(number, "NUMBER"), headers


VERBS_OF_CASES = sorted(name for (kind, name), entry in VERBS.items() if kind == "case" and not entry.creates)


@pytest.mark.parametrize("username", people([*KNOWS, "kf.agent2"]))
def test_every_verb_is_refused_for_want_of_the_right_and_says_no_more(
    username: str, play: Play, complaint: Complaint
) -> None:
    """Whatever its state: who has no part in the case learns nothing by trying."""
    case = casework.opened(play, complaint)
    said = {}
    for name in VERBS_OF_CASES:
        refusal = play.refused(name, username, case)
        said[name] = (refusal.code, str(refusal))
    assert {code for code, _text in said.values()} <= {"forbidden"} | (
        {"state"} if username in ("wh.contact", "wh.deputy", "wh.head", "wh.leader") else set()
    )


# Notices, messages, alarms


@pytest.mark.parametrize("state", STATES)
def test_notices_and_messages_tell_nobody_more(state: str, play: Play, complaint: Complaint) -> None:
    """Before the notice only the marketing department is told; a message has no more than the line of the inbox."""
    case = brought_to(state, play, complaint)
    rows = Notification.objects.filter(matter=case.matter).select_related("matter", "recipient__unit")
    heard = {row.recipient.username for row in rows}
    if state in ("before", "declined"):
        assert {str(row.recipient.unit and row.recipient.unit.code) for row in rows} == {"SC"}
    else:
        assert {name for name in heard if name.startswith("wh.")} <= {"wh.contact", "wh.deputy", "wh.head"}
    sheet = numbers(case).get("sheet", "HD")
    for row in rows:
        reader = Reader("zh-hans", actor_for(row.recipient_id, row.created_at))
        message = compose([row], key="k", address="a", reader=reader, at=row.created_at)
        text = f"{message.subject} {message.text} {row.facts}"
        mine = row.recipient.unit is not None and row.recipient.unit.code == "SC"
        secrets = [*WORDS, sheet, *([] if mine else ["互动单"])]
        assert [word for word in secrets if word in text] == []


# The administration


OUTSIDE = ("wh.contact", "wh.head", "kf.agent", "kf.supervisor", "yc.head")
AT_THE_DOOR = [
    pytest.param("wh.contact", FEW_VALUES, id="wh.contact"),
    *(pytest.param(username, MOST, id=f"{username}-everywhere", marks=pytest.mark.slow) for username in OUTSIDE),
]


@pytest.mark.parametrize(("username", "most"), AT_THE_DOOR)
def test_nobody_but_marketing_and_auditors_enters_the_administration(
    username: str, most: int, play: Play, complaint: Complaint, client_for: ClientFor
) -> None:
    """Whatever is registered there, by whomever, and whatever is asked for."""
    case = brought_to("notified", play, complaint)
    wanted = [
        place for place in places(complaint, case, most) if place.startswith("/admin/") and "/login/" not in place
    ]
    walked = walk(client_for(username), wanted)
    assert ({status for status, _body in walked.values()}, told(walked, secrets_of(case))) == ({403}, {})


def test_sealed_texts_are_registered_nowhere() -> None:
    """The administration shows rows and references; texts come unsealed and masked from the dossier alone."""
    assert [model for model in admin.site._registry if model._meta.model_name == "personaldata"] == []


# Evidence

READS_EVIDENCE = {
    "sc.officer",
    "sc.officer2",
    "sc.leader",
    "sj.auditor",
    "wh.contact",
    "wh.deputy",
    "wh.head",
    "yc.head",
}


def test_evidence_is_read_by_those_who_judge_it_and_those_who_gave_it(
    play: Play, complaint: Complaint, client_for: ClientFor
) -> None:
    """Not the centre's agents, no handler, no other unit: for them the file is one that isn't there."""
    case = brought_to("judged", play, complaint)
    token = Attachment.objects.get(matter=case.matter).token
    read, alike = set(), set()
    everybody = {name for name, person in play.cast.people.items() if person.is_active}
    for username in everybody:
        mine, none = (asked_for(client_for(username), each) for each in (token, "0" * len(token)))
        if mine[0] == 200:
            read.add(username)
            assert casework.EVIDENCE in mine[1]
        elif mine == none:
            alike.add(username)
    assert read == READS_EVIDENCE
    assert alike == everybody - READS_EVIDENCE


def asked_for(client: Client, token: str) -> tuple[int, str, dict[str, str]]:
    response: Any = client.get(reverse("attachment", args=[token]))
    return response.status_code, steady(body_of(response)).replace(token, "TOKEN"), steady_headers(response)


def test_who_sits_on_no_panel_any_more_reads_no_evidence(
    play: Play, complaint: Complaint, client_for: ClientFor
) -> None:
    case = casework.convene(play, casework.dispute(play, casework.notify(play, casework.issue(play, complaint))))
    place = reverse("attachment", args=[Attachment.objects.get(matter=case.matter).token])
    before = client_for("yc.head").get(place).status_code
    play("replace_member", "sc.officer", case, member="yc.head", successor="zd.head", reason="外出学习。")
    assert (before, client_for("yc.head").get(place).status_code) == (200, 404)


# Numbers


def test_a_gap_among_complaints_tells_of_no_case(play: Play) -> None:
    """Each kind counts for itself, and cases and sheets are not counted at all."""
    first = casework.missed(play)
    case = casework.issue(play, first)
    second = casework.missed(play, phone="13900001111")
    running = [int(str(each.matter)[10:]) for each in (first, second)]
    assert running[1] - running[0] == 1
    codes = (str(case.matter)[7:], Sheet.objects.get().number[7:])
    assert ([len(code) for code in codes], len(set(codes))) == ([8, 8], 2)


def test_a_declined_fault_stays_with_the_unit_that_knew_of_it(play: Play, complaint: Complaint) -> None:
    """The unit sees a fault case from the start; that nothing came of it is no secret from it."""
    case = casework.at_fault(play, complaint)
    case = casework.approve(play, casework.ask_to_decline(play, case))
    sees = {name: Case.objects.visible_to(actor(name, play)).exists() for name in ("wh.contact", "wh.head", "wh.zhang")}
    assert (case.state, sees) == ("declined", {"wh.contact": True, "wh.head": True, "wh.zhang": False})
