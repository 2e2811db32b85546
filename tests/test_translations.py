"""English: every text of code and templates is translated, and no Chinese is left on an English page but data."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation.template import block_re, constant_re, endblock_re, inline_re

from accountability import tasks
from accountability.documents.content import Content
from accountability.documents.phrases import PHRASES
from accountability.gate.subjects import KEEP_TEMPLATES, Organisation
from accountability.gate.verbs import VERBS
from accountability.models import CalendarYear, Category, Deadline, Employee, Paper, Region, TimeLimits, Unit, actor_for
from accountability.security.masking import mask_name
from complaints.forms.defaults import REPLY
from complaints.models import Complaint, MassEvent
from config.messages import KEYWORDS, extract_messages, read_catalog, update_messages
from tests.factories import INTAKE, TO_THE_TABLE, USUAL, WAY, Now, Play
from tests.shared_world import shared
from tests.test_consistency import code

stage, own_copy, now, cast, play, client_for, _world = shared()

CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]+")
"""Characters, and the punctuation that only Chinese texts have."""

CURLED = re.compile("[“”‘’…]")
"""Written in Chinese texts; our English is straight (Django's own is not)."""

TRANSLATES = {"_", *KEYWORDS}

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z%]")

PO = sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/django.po"))


# The catalogue


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read_catalog(settings.BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po")


def messages_of(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def forms(text: Any) -> list[str]:
    """The one form of a text, or its forms for one and for many."""
    return [text] if isinstance(text, str) else list(text)


def keys(catalog: Catalog) -> set[tuple[str, str]]:
    return {(message.context or "", forms(message.id)[0]) for message in messages_of(catalog)}


def test_every_text_is_translated(english: Catalog) -> None:
    left = [message.id for message in messages_of(english) if not all(forms(message.string)) or message.fuzzy]
    assert left == []


def test_the_catalogue_holds_the_texts_of_the_sources_and_no_other(english: Catalog) -> None:
    """Mend it with `manage.py messages --extract` and translate what came in empty."""
    found, held = keys(extract_messages(settings.BASE_DIR)), keys(english)
    assert (sorted(found - held), sorted(held - found), list(english.obsolete)) == ([], [], [])


def test_no_text_stands_within_an_f_string() -> None:
    """The words of Python 3.11 don't show it there, so that its catalogue would lack it."""
    found = [
        f"{file.relative_to(settings.BASE_DIR)}:{part.lineno}"
        for file in code()
        for part in ast.walk(ast.parse(file.read_text()))
        if isinstance(part, ast.JoinedStr)
        for inner in ast.walk(part)
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) in TRANSLATES
    ]
    assert found == []


def test_a_translation_fills_in_what_its_text_does(english: Catalog) -> None:
    wrong = {
        message.id: form
        for message in messages_of(english)
        for form in forms(message.string)
        if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
    }
    assert wrong == {}
    assert [error for _message, errors in english.check() for error in errors] == []


def test_a_translation_is_english(english: Catalog) -> None:
    texts = [form for message in messages_of(english) for form in forms(message.string)]
    assert [text for text in texts if CHINESE.search(text) or CURLED.search(text)] == []


def test_extracting_again_changes_nothing(tmp_path: Path) -> None:
    copies = {}
    for po in PO:
        copy = tmp_path / po.relative_to(settings.BASE_DIR)
        copy.parent.mkdir(parents=True)
        copy.write_bytes(po.read_bytes())
        copies[copy] = po.read_text(encoding="utf-8")
    assert update_messages(settings.BASE_DIR, tmp_path / "locale") == list(copies)
    assert {copy: copy.read_text(encoding="utf-8") for copy in copies} == copies


# The sources

IN_BOTH_LANGUAGES = {"400.html", "500.html", "includes/language.html"}
"""What must work when nothing else does, and the button that names the other language."""

PAPERS = {
    "assessment/cases/sheet_form.html": ["《", "》"],
    "accountability/rules/parts/flow.html": ["？"],
}  # fmt: skip
"""The printed words of official papers, which are Chinese in every language; these words and no other."""


def unmarked(template: Path) -> Iterator[str]:
    """Chinese that stands in a template outside every mark for translation."""
    inside = False
    for token in Lexer(template.read_text(encoding="utf-8")).tokenize():
        if token.token_type == TokenType.BLOCK:
            inside = (inside and not endblock_re.match(token.contents)) or bool(block_re.match(token.contents))
        marked = inside or token.token_type == TokenType.COMMENT or inline_re.match(token.contents)
        yield from [] if marked else CHINESE.findall(constant_re.sub("", token.contents))


def test_no_chinese_stands_in_a_template_unmarked() -> None:
    folder = settings.BASE_DIR / "templates"
    texts = {path.relative_to(folder).as_posix(): list(unmarked(path)) for path in folder.rglob("*.html")}
    found = {name: of_it for name, of_it in texts.items() if of_it}
    assert found.keys() - PAPERS.keys() == IN_BOTH_LANGUAGES
    assert {name: of_it for name, of_it in found.items() if name in PAPERS} == PAPERS


# The pages


def texts_in(facts: Any) -> Iterator[str]:
    if isinstance(facts, dict):
        for value in facts.values():
            yield from texts_in(value)
    elif isinstance(facts, list):
        for value in facts:
            yield from texts_in(value)
    elif isinstance(facts, str):
        yield facts


def data() -> list[str]:
    """What people wrote and what things are called: it stays as it is, in every language. The longest first."""
    found = {mask_name(INTAKE["customer"]), *texts_in(USUAL), REPLY, "中文"}
    for model in (Employee, Unit, Category, Region):
        found |= set(model._default_manager.values_list("name", flat=True))
    for versions in (TimeLimits, CalendarYear):
        found |= set(versions._default_manager.values_list("reason", flat=True))
    found |= set(Category.objects.values_list("words", flat=True))
    found |= {name for named in CalendarYear.objects.values_list("names", flat=True) for name in named.values()}
    found |= set(Paper.objects.values_list("title", flat=True)) | {phrase.default for phrase in PHRASES.values()}
    return sorted(found - {""}, key=len, reverse=True)


def chinese_on(response: Any) -> list[str]:
    """What is left of Chinese on a page without its data, and without the official paper that it shows."""
    page = re.sub(r"<!--.*?-->", "", response.content.decode(), flags=re.DOTALL)
    page = re.sub(r'<article class="paper[^>]*lang="zh-hans">.*?</article>', "", page, flags=re.DOTALL)
    for known in data():
        page = page.replace(known, "")
    return CHINESE.findall(page)


Reader = Callable[[str], Client]


def named_in_english(play: Play) -> None:
    """The cast's units have English names, as those of the demo do; the categories' are seeded."""
    for unit in Unit.objects.all():
        Unit.objects.filter(pk=unit.pk).update(name_en=f"Unit {unit.code}")


@pytest.mark.parametrize("path", ["", "?state=all", "correct/"])
def test_units_and_categories_have_their_english_names(path: str, play: Play, reader: Reader) -> None:
    named_in_english(play)
    complaint = play.upto("accepted", category="资费与收费争议/套餐资费")
    place = reverse("complaints") + path if path.startswith("?") else f"/complaints/{complaint.matter.number}/{path}"
    page = reader("kf.agent").get(place).content.decode()
    page = re.sub(r'value="[^"]*"|data-find="[^"]*"|<article class="paper.*?</article>', "", page, flags=re.DOTALL)
    assert "Tariffs and charges" in page
    assert [name for name in ("资费与收费争议", "套餐资费", "武汉分公司") if name in page] == []


def test_a_paper_issued_from_an_english_page_is_chinese(play: Play, client_for: Callable[[str], Client]) -> None:
    named_in_english(play)
    with translation.override("en"):
        complaint = play.upto("completed", category="资费与收费争议/套餐资费")
    paper = Paper.objects.filter(matter=complaint.matter, kind="dispatch_notice").latest("pk")
    words = Content.from_text(paper.text or "").as_lines()
    assert [name for name in ("Tariffs", "Unit") if any(name in line for line in words)] == []
    assert any("武汉分公司" in line for line in words)
    assert any("资费与收费争议/套餐资费" in line for line in words)


@pytest.fixture
def reader(client_for: Callable[[str], Client]) -> Reader:
    """`reader("kf.agent")`: a browser that asks for English."""

    def sign_in(username: str) -> Client:
        client = client_for(username)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return sign_in


def left_on(client: Client, places: Iterable[str], *, status: int = 200) -> dict[str, list[str]]:
    """The pages with Chinese on them, and which; each must be answered in English."""
    left = {}
    for place in places:
        response = client.get(place)
        assert (response.status_code, response.headers["content-language"]) == (status, "en"), place
        left[place] = chinese_on(response)
    return {place: found for place, found in left.items() if found}


def everything_of(complaint: Complaint) -> list[str]:
    """The complaint's page, the reason of each deadline, its notices."""
    number = complaint.matter.number
    page = reverse("complaint", args=[number])
    tables = sum(found.coordinations.count() for found in complaint.rounds.all())
    reasons = Deadline.objects.filter(matter=complaint.matter).values_list("pk", flat=True)
    return [
        page,
        reverse("conformance", args=[number]),
        *(reverse("deadline", args=[number, pk]) for pk in reasons),
        *(reverse("notice", args=[number, place]) for place in range(1, complaint.rounds.count() + 1)),
        *(reverse("minutes", args=[number, place]) for place in range(1, tables + 1)),
    ]


@pytest.mark.parametrize("state", [*WAY, *TO_THE_TABLE])
def test_a_complaint_in_every_state(state: str, play: Play, reader: Reader) -> None:
    of_network = {"category": "网络质量"} if (WAY | TO_THE_TABLE)[state][0][0] == "register" else {}
    complaint = play.upto(state, tier="vip", **of_network)
    assert left_on(reader("kf.supervisor"), everything_of(complaint)) == {}


@pytest.mark.parametrize(
    ("state", "username"), [("delivered", "wh.contact"), ("accepted", "wh.zhang"), ("reported", "wh.leader"),
    ("forwarded", "yc.chen"), ("answered", "wh.head"), ("completed", "sj.auditor")],
)  # fmt: skip
def test_a_complaint_by_role(state: str, username: str, play: Play, reader: Reader) -> None:
    page = reverse("complaint", args=[play.upto(state).matter.number])
    assert left_on(reader(username), [page, reverse("home"), reverse("inbox"), reverse("complaints")]) == {}


def test_what_time_has_made_of_it(play: Play, now: Now, reader: Reader) -> None:
    """Warned of, missed, chased, escalated, returned, repeated: notices and alarms too."""
    first = play.upto("return_requested", flags=["major", "cross_province", "third_party", "other_operator"])
    play("rule_on_return", "kf.agent", first, accepted=False)
    second = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    play("chase", "kf.agent", play("escalate", "kf.agent", play("dispatch", "kf.agent", second)))
    for hours in (0.3, 0.15, 6, 30, 200):
        now.forward(hours=hours)
        tasks.sweep()
    places = [*everything_of(first), *everything_of(second), reverse("inbox"), reverse("home"), reverse("complaints")]
    assert left_on(reader("kf.supervisor"), [*places, reverse("alarms"), "/complaints/?list=overdue"]) == {}
    for username in ("wh.contact", "wh.head", "wh.leader", "sc.officer"):
        assert left_on(reader(username), [reverse("inbox"), reverse("home")]) == {}


@pytest.mark.parametrize(
    ("state", "username"),
    [
        ("delivered", "wh.contact"),
        *(
            pytest.param(state, username, marks=pytest.mark.slow)
            for state, username in (
                ("registered", "kf.supervisor"), ("accepted", "wh.zhang"), ("reported", "wh.leader"),
                ("return_requested", "kf.agent"), ("replied", "kf.supervisor"),
            )
        ),
    ],
)  # fmt: skip
def test_every_act_of_a_complaint_as_form_and_as_refusal(state: str, username: str, play: Play, reader: Reader) -> None:
    """Sent empty: the form says what is missing, or the page why it isn't possible now."""
    number, client, left = play.upto(state).matter.number, reader(username), {}
    for verb in (name for kind, name in VERBS if kind == Complaint.matter_kind):
        place = reverse("act", args=[number, verb])
        for response in (client.get(place), client.post(place)):
            left[verb, response.status_code] = chinese_on(response)
    assert {status for _verb, status in left} <= {200, 302, 403, 404, 409, 422}
    assert {where: texts for where, texts in left.items() if texts} == {}


def test_intake(play: Play, reader: Reader) -> None:
    play.upto("archived", at="2026-11-23 09:00")
    forwarded = play.upto("forwarded")
    agent = reader("kf.agent")
    form = reverse("register")
    assert (
        left_on(agent, [form, reverse("register_forwarded", args=[forwarded.matter.number]), reverse("forward")]) == {}
    )
    typed = INTAKE | {"channel": "call", "category": "资费与收费争议", "priority": "P3"}
    for place, told in (
        (form, {}),
        (form, {"dispatch": "1"}),
        (reverse("look_up"), typed),
        (reverse("suggest_unit"), typed),
    ):
        assert chinese_on(agent.post(place, told)) == [], place


def test_lists(play: Play, reader: Reader) -> None:
    play.upto("accepted")
    queries = ("", "?list=dispatch", "?state=dispatched&overdue=on", "?q=nothing", "?state=nonsense")
    assert left_on(reader("kf.agent"), [reverse("complaints") + query for query in queries]) == {}


def test_several_at_once(play: Play, reader: Reader) -> None:
    number, agent = play.upto("registered").matter.number, reader("kf.agent")
    for verb in ("dispatch", "chase"):
        place = f"{reverse('bulk', args=[verb])}?pick={number}"
        assert left_on(agent, [place, f"{place}&pick=TS20200101000001"]) == {}
        for typed in ({"pick": number}, {"pick": number, "unit": "WH", "message": "Hurry up."}):
            assert chinese_on(agent.post(reverse("bulk", args=[verb]), typed)) == []
    too_many = [f"TS2020010100{place:04d}" for place in range(201)]
    assert chinese_on(agent.get(reverse("bulk", args=["chase"]), {"pick": too_many})) == []
    assert chinese_on(agent.get(reverse("bulk", args=["chase"]), follow=True)) == []


def test_a_mass_event(play: Play, now: Now, reader: Reader) -> None:
    play("set_mass_limits", "sc.officer", warn_count=2, level3_count=3)
    several = [play.upto("registered", phone=f"1390000000{place}") for place in range(3)]
    play.upto("completed", phone="13900000009")
    tasks.sweep()
    number = MassEvent.objects.get().matter.number
    supervisor, place = reader("kf.supervisor"), reverse("mass", args=[number])
    assert left_on(supervisor, [reverse("mass_events"), f"{reverse('mass_events')}?all=1", place]) == {}
    assert left_on(supervisor, [reverse("complaint", args=[several[0].matter.number])]) == {}
    for verb in ("confirm_mass", "reply_all", "add_member", "remove_member", "dismiss_mass", "close_mass"):
        for response in (supervisor.get(f"{place}{verb}/"), supervisor.post(f"{place}{verb}/")):
            assert chinese_on(response) == []
    play("confirm_mass", "kf.supervisor", MassEvent.objects.get(), level="3", reason="A power cut.")
    assert chinese_on(supervisor.post(f"{place}reply_all/", {"content": "It works again."})) == []
    officer = reader("sc.officer")
    assert (
        left_on(officer, [reverse("inbox"), reverse("alarms"), reverse("mass_events"), place, reverse("limits")]) == {}
    )


@pytest.mark.parametrize(
    "username", ["kf.agent", "kf.head", "wh.deputy", "wh.wang", "zd.head", "sc.leader", "sj.plain"]
)
def test_an_empty_desk(username: str, reader: Reader) -> None:
    assert left_on(reader(username), [reverse("home"), reverse("inbox"), reverse("complaints")]) == {}


def verbs_for(username: str) -> list[str]:
    """The verbs of the organisation that have a page at its own address, and this person may run."""
    actor = actor_for(Employee.objects.get(username=username).pk, Now().at)
    assert actor is not None
    of_templates = set(KEEP_TEMPLATES)
    return [
        name
        for (kind, name), entry in VERBS.items()
        if kind == "organisation" and name not in of_templates and entry.permits(Organisation.standing(), actor)
    ]


def test_the_organisation(cast: object, reader: Reader) -> None:
    count = "?start=2026-11-24T09:00&count=3&unit=wd"
    units = [reverse("unit", args=[unit.code]) for unit in Unit.objects.all()]
    years = [
        reverse("calendar_year", args=[year]) + query for year in (2026, 2027) for query in ("", count, "?count=x")
    ]
    names = verbs_for("sc.leader")
    acts = [reverse("organisation_act", args=[name]) for name in names]
    places = [reverse("units"), *units, reverse("calendar"), *years, reverse("limits"), reverse("alarms"), *acts]
    officer = reader("sc.leader")
    assert left_on(officer, places) == {}
    assert {place: found for place in acts if (found := chinese_on(officer.post(place)))} == {}


def test_the_administrators(play: Play, reader: Reader) -> None:
    play.upto("accepted")
    acts = [reverse("organisation_act", args=[name]) for name in verbs_for("sj.security")]
    accounts = [reverse("account", args=[name]) for name in ("sj.plain", "sj.auditor", "sj.security")]
    security = reader("sj.security")
    lists = [reverse("accounts") + query for query in ("", "?only=oversight", "?only=gone", "?q=zz")]
    assert left_on(security, [*acts, *accounts, *lists]) == {}
    assert {place: found for place in acts if (found := chinese_on(security.post(place)))} == {}
    assert left_on(reader("sj.system"), [reverse("operations")]) == {}
    log = reverse("access_log")
    watching = reader("sj.auditadmin")
    assert left_on(watching, [log, f"{log}?action=read", f"{log}?day=2020-01-01"]) == {}
    assert chinese_on(watching.get(log, {"person": "nobody"})) == []


def test_templates(play: Play, reader: Reader) -> None:
    """Names and texts are data; a form that inserts them is not."""
    for use, text in (("reply", "Settled."), ("reply", "Settled: {number}.")):
        play("set_template", "kf.supervisor", name="sorry", use=use, text=text, reason="usual")
    supervisor, place = reader("kf.supervisor"), reverse("answer_templates")
    edits = [reverse("edit_template", args=[verb]) for verb in KEEP_TEMPLATES]
    assert left_on(supervisor, [place, f"{place}?name=sorry", f"{edits[0]}?name=sorry", *edits]) == {}
    assert {edit: found for edit in edits if (found := chinese_on(supervisor.post(edit, {"text": "{x}"})))} == {}
    reply = reverse("act", args=[play.upto("completed").matter.number, "reply"])
    assert chinese_on(supervisor.post(reply, {"_insert": "1", "_preset": "sorry"})) == []
    play("withdraw_template", "kf.supervisor", name="sorry", reason="old")
    assert left_on(supervisor, [place, f"{place}?name=sorry"]) == {}


def test_limits_that_were_revised(play: Play, reader: Reader) -> None:
    play("set_limits", "sc.officer", handling={"P1": "6h"}, reason="")
    assert left_on(reader("sj.auditor"), [reverse("limits")]) == {}


def test_the_administration(play: Play, reader: Reader) -> None:
    play.upto("accepted")
    auditor = reader("sj.auditor")
    index = auditor.get(reverse("admin:index"))
    models = [model for app in index.context["app_list"] for model in app["models"]]
    assert left_on(auditor, [reverse("admin:index"), *(model["admin_url"] for model in models)]) == {}


def test_pages_of_a_stranger(cast: object) -> None:
    stranger = Client(headers={"accept-language": "en"})
    assert left_on(stranger, [reverse("sign_in")]) == {}
    for _time in range(6):
        refused = stranger.post(reverse("sign_in"), {"username": "nobody", "password": "wrong"})
        assert chinese_on(refused) == []


def test_what_is_not_there_or_not_allowed(reader: Reader) -> None:
    plain = reader("sj.plain")
    assert left_on(plain, ["/nowhere/", "/complaints/TS20260101000001/"], status=404) == {}
    assert left_on(plain, [reverse("alarms"), reverse("register")], status=403) == {}
    assert left_on(plain, [reverse("password")]) == {}
    assert chinese_on(plain.post(reverse("password"), {})) == []


def test_in_chinese_the_same_page_is_chinese(client_for: Callable[[str], Client]) -> None:
    page = client_for("kf.agent").get(reverse("home"))
    assert (page.headers["content-language"], "工作台" in page.content.decode()) == ("zh-hans", True)


def test_demo_accounts(monkeypatch: pytest.MonkeyPatch, cast: object) -> None:
    monkeypatch.setattr(settings, "DEMO", True)
    page = Client(headers={"accept-language": "en"}).get(reverse("sign_in"))
    names = [text for account in page.context["demo_accounts"] for text in (account.name, account.unit)]
    body = page.content.decode()
    for name in sorted([*names, "中文"], key=len, reverse=True):
        body = body.replace(name, "")
    assert CHINESE.findall(body) == []
