"""The notice and the rules read out of it (R55): every clause, every rule, what is left open; versions and receipts."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.actions.rules import confirm_reading
from accountability.audit import access_log
from accountability.declarations.limits import DEADLINE_KINDS
from accountability.declarations.rule_names import named_in
from accountability.gate.fields import Text
from accountability.gate.perform import Refused, perform
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import (
    AccessLog,
    LedgerEntry,
    RuleReading,
    RulesVersion,
    actor_for,
    limits_in_force,
    people_with_readings,
    rules_in_force,
    supplements,
    tally_of_readings,
    units_whose_readings,
)
from accountability.rules import flow
from accountability.rules.catalogue import RULES, Rule
from accountability.rules.left_open import left_open
from accountability.rules.notice import clause, clauses, label_of
from accountability.seed.foundation import seed_foundation
from accountability.templatetags.shouwen import limit_words, rule, rule_of, with_rules
from accountability.web.desk import BLOCKS, contributed
from config.docs.pages import pages
from tests.factories import Cast, Now, Play

pytestmark = pytest.mark.rule("R55")

SVG = "http://www.w3.org/2000/svg"
PUBLISH = {"supplement": "首问、首办、首结。", "reason": "补入原则"}


# The notice


def test_the_notice_is_whole_and_in_its_own_order() -> None:
    assert [found.name for found in clauses()] == [
        "issuer", "number", "title", "addressed", "0.1", "0.2", "1", "flow", "2", "3", "3.1", "3.1.1", "3.1.2", "3.1.3",
        "3.2", "3.2.1", "3.2.2", "3.2.3", "3.2.4", "4", "4.1", "4.2", "4.3", "4.4", "5", "6", "6.1", "form", "6.2",
        "6.3", "6.4", "closing", "date",
    ]  # fmt: skip


def test_the_numbers_of_the_papers_have_their_brackets() -> None:
    assert clause("number").text == "鄂市通〔2011〕331号"
    assert "鄂移发〔2010〕76号" in clause("1").text


def test_nothing_of_the_page_it_was_copied_from_is_left() -> None:
    whole = "".join(found.text for found in clauses())
    assert [noise for noise in ("?", "http", "下载", "阅读量", "Top", "—", " ,", ",") if noise in whole] == []


def test_what_the_copy_lost_is_told_and_not_made_up() -> None:
    assert {found.name for found in clauses() if found.remarks} == {"flow", "3.2.4", "4.2", "form"}
    assert clause("3.2.4").text == "4、加强内部投诉流程梳理，提高投诉处理"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("0.1", "前言"),
        ("1", "一"),
        ("3.1.2", "三（一）2"),
        ("4.4", "四（四）"),
        ("closing", "结尾"),
        ("flow", "流程图"),
    ],
)
def test_a_clause_is_cited_as_people_do(name: str, label: str) -> None:
    assert label_of(name) == label


# The rules


def test_there_are_fifty_five_in_order() -> None:
    assert list(RULES) == [f"R{number}" for number in range(1, 56)]


@pytest.mark.parametrize("found", RULES.values(), ids=RULES)
def test_a_rule_rests_on_words_of_the_notice(found: Rule) -> None:
    texts = [step.text for step in flow.STEPS] if found.clause == "flow" else [clause(found.clause).text]
    assert [text for text in texts if found.source in text] != []


@pytest.mark.rule("R5")
def test_the_three_principles_are_text_only() -> None:
    """The notice names them and doesn't give them: no verb and no limit judges anybody by them."""
    assert "本着“营销服务三项基本原则”处理问题" in clause("1").text
    assert [entry.name for entry in VERBS.values() if "R5" in entry.rules] == []
    assert [kind for kind, found in DEADLINE_KINDS.items() if found.rule == "R5"] == []


def test_every_verb_and_every_limit_names_a_rule_that_exists() -> None:
    assert [entry.name for entry in VERBS.values() if not entry.rules or set(entry.rules) - set(RULES)] == []
    assert [kind for kind, found in DEADLINE_KINDS.items() if found.rule and found.rule not in RULES] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("R19", ["R19"]),
        ("as R29 to R31 say (R4)", ["R29", "R30", "R31", "R4"]),
        ("R1–R3, R3", ["R1", "R2", "R3"]),
        ("HR5, R500, R0, PR12", []),
        ("主管裁定（R34、R35）", ["R34", "R35"]),
    ],
)
def test_rules_are_found_in_a_text(text: str, named: list[str]) -> None:
    assert named_in(text) == named


# The flow chart


def test_each_question_has_one_yes_and_one_no() -> None:
    answers = {step.name: [str(label) for label, _to in step.ways] for step in flow.STEPS if step.is_question}
    assert answers == {name: ["是", "否"] for name in ("D1", "D2", "D3", "D4", "D5")}


def test_every_way_leads_on_and_one_ends() -> None:
    assert [to for step in flow.STEPS for _label, to in step.ways if to not in flow.BY_NAME] == []
    assert [step.name for step in flow.STEPS if step.is_end] == ["N12"]


def test_the_drawing_has_a_box_for_each_step_and_a_line_for_each_way() -> None:
    drawing = ElementTree.fromstring(render_to_string("accountability/rules/parts/flow.svg"))  # noqa: S314 - our own
    kinds = ("polygon", "polyline", "g/text", "text")
    boxes, ways, labels, texts = (drawing.findall(kind, {"": SVG}) for kind in kinds)
    assert len(boxes) == len(flow.STEPS)
    assert len(ways) == sum(len(step.ways) for step in flow.STEPS)
    assert sorted(map(words_of, labels)) == sorted(str(name) for step in flow.STEPS for name, _to in step.ways if name)
    assert list(map(words_of, texts)) == [step.text for step in flow.STEPS]


def test_each_line_of_the_drawing_joins_the_boxes_of_its_way() -> None:
    """A line ends at the outline of the box it leads to; nothing is drawn where the graph has no way."""
    drawing = ElementTree.fromstring(render_to_string("accountability/rules/parts/flow.svg"))  # noqa: S314 - our own
    outlines = [points_of(box) for box in drawing.findall("polygon", {"": SVG})]
    drawn = [
        (step_at(points[0], outlines), step_at(points[-1], outlines))
        for points in map(points_of, drawing.findall("polyline", {"": SVG}))
    ]
    assert sorted(drawn) == sorted((step.name, to) for step in flow.STEPS for _label, to in step.ways)


def points_of(shape: ElementTree.Element) -> list[tuple[int, int]]:
    pairs = (pair.split(",") for pair in shape.attrib["points"].split())
    return [(int(x), int(y)) for x, y in pairs]


def step_at(point: tuple[int, int], outlines: list[list[tuple[int, int]]]) -> str:
    """The step whose box has the point on its edge."""
    (found,) = [
        step.name
        for step, corners in zip(flow.STEPS, outlines, strict=True)
        if min(x for x, _y in corners) <= point[0] <= max(x for x, _y in corners)
        and min(y for _x, y in corners) <= point[1] <= max(y for _x, y in corners)
    ]
    return found


def words_of(shape: ElementTree.Element) -> str:
    return "".join(shape.itertext())


# What is left open


def test_what_is_left_open_is_told_by_the_settings_in_force(play: Play, now: Now) -> None:
    before = {line.title: line.values for line in left_open(now.at)}
    limits = limits_in_force(now.at)
    assert before["处理时限"] == tuple(
        (priority, limit_words(limits.limit("handling", priority))) for priority in ("P1", "P2", "P3")
    )
    play("set_limits", "sc.officer", handling={"P1": "5h"})
    play("set_policy", "sc.officer", returns_before_ruling=0, repeat_within_hours=0, allow_unsatisfied_archive=False)
    after = {line.title: line.values for line in left_open(now.at)}
    assert after["处理时限"][0] == ("P1", "5小时")
    assert (after["退回的裁定"][1][1], after["重复投诉的认定"][0][1]) == ("不裁定", "不认定重复")
    assert after["未满意归档"][0][1] == "否"


def test_what_is_left_open_names_its_rule_in_order(cast: Cast, now: Now) -> None:
    numbers = [int(line.rule[1:]) for line in left_open(now.at)]
    assert numbers == sorted(numbers)
    assert {f"R{number}" for number in numbers} - set(RULES) == set()


# Versions


def test_the_notice_itself_is_the_first_version(cast: Cast, now: Now) -> None:
    assert (rules_in_force(now.at).version, supplements(now.at)) == (1, {})
    seed_foundation()
    assert RulesVersion.objects.count() == 1


def test_marketing_publishes_a_supplement_as_a_new_version(play: Play, now: Now) -> None:
    play("publish_rules", "sc.officer", rule="R5", **PUBLISH)
    found = rules_in_force(now.at)
    told = (found.version, found.rule, found.supplement, found.reason, found.author.username, found.in_force_from)
    assert told == (2, "R5", PUBLISH["supplement"], PUBLISH["reason"], "sc.officer", now.at)
    assert clause("1").text.startswith("一、首问责任：")
    facts = LedgerEntry.objects.filter(verb="publish_rules").latest("pk").facts
    assert (facts["version"], facts["sha256"]) == (2, sha256(PUBLISH["supplement"].encode()).hexdigest())


def test_a_later_supplement_takes_the_place_of_the_earlier_one(play: Play, now: Now) -> None:
    play("publish_rules", "sc.officer", rule="R5", **PUBLISH)
    play("publish_rules", "sc.leader", **PUBLISH)
    play("publish_rules", "sc.officer", rule="R5", **PUBLISH | {"supplement": "改后的原则。"})
    assert {name: found.version for name, found in supplements(now.at).items()} == {"R5": 4}


@pytest.mark.rule("R15")
@pytest.mark.parametrize("username", ["kf.supervisor", "wh.head", "sj.auditor", "sj.plain"])
def test_nobody_else_publishes(play: Play, username: str) -> None:
    with pytest.raises(Refused) as refused:
        play("publish_rules", username, **PUBLISH)
    assert (refused.value.code, RulesVersion.objects.count()) == ("forbidden", 1)


@pytest.mark.parametrize("blank", ["supplement", "reason"])
def test_a_version_says_what_is_added_and_why(play: Play, blank: str) -> None:
    with pytest.raises(Refused) as refused:
        play("publish_rules", "sc.officer", **PUBLISH | {blank: " "})
    assert (list(refused.value.fields), RulesVersion.objects.count()) == ([blank], 1)


def test_a_supplement_stands_at_a_rule_that_exists(play: Play) -> None:
    with pytest.raises(Refused) as refused:
        play("publish_rules", "sc.officer", rule="R56", **PUBLISH)
    assert list(refused.value.fields) == ["rule"]


def test_who_publishes_from_an_older_version_is_told(cast: Cast, play: Play, now: Now) -> None:
    seen = Organisation.standing().shown_for("publish_rules")
    play("publish_rules", "sc.leader", **PUBLISH)
    with pytest.raises(Refused) as refused:
        perform(Organisation.standing(), "publish_rules", by=cast["sc.officer"], at=now.at, seen=seen, **PUBLISH)
    assert (refused.value.code, rules_in_force(now.at).version) == ("stale", 2)


def test_a_supplement_is_a_text(cast: Cast) -> None:
    (fact,) = (fact for fact in VERBS["organisation", "publish_rules"].facts if fact.name == "supplement")
    assert isinstance(fact, Text)


# Receipts


def test_a_receipt_is_given_once(cast: Cast, now: Now) -> None:
    version, first = rules_in_force(now.at), now.at
    given = [confirm_reading(cast["wh.zhang"], version, at=now.at)]
    now.forward(minutes=1)
    given.append(confirm_reading(cast["wh.zhang"], version, at=now.at))
    receipts = list(RuleReading.objects.values_list("employee__username", "version__version", "read_at"))
    assert (given, receipts) == ([True, False], [("wh.zhang", 1, first)])
    log = AccessLog.objects.filter(action="confirm_reading").values_list("actor__username", "at", "detail")
    assert list(log) == [("wh.zhang", first, "v1")]


def test_the_database_keeps_a_second_receipt_out(cast: Cast, now: Now) -> None:
    version = rules_in_force(now.at)
    confirm_reading(cast["wh.zhang"], version, at=now.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleReading.objects.create(employee=cast["wh.zhang"], version=version, read_at=now.at)


def test_a_receipt_without_its_line_in_the_log_is_none(cast: Cast, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(things: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(access_log, "writing", SimpleNamespace(insert=fail))
    with pytest.raises(IntegrityError):
        confirm_reading(cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    assert RuleReading.objects.count() == 0


def test_a_receipt_locks_nobody_out_of_the_organisation(cast: Cast, now: Now) -> None:
    """3,000 people confirm on one morning: nothing is written that others wait for."""
    version = rules_in_force(now.at)
    with CaptureQueriesContext(connection) as made:
        confirm_reading(cast["wh.zhang"], version, at=now.at)
    written = [query["sql"].split('"')[1] for query in made if query["sql"].startswith("INSERT")]
    assert written == ["accountability_rulereading", "accountability_accesslog"]
    assert [query["sql"] for query in made if "accountability_matter" in query["sql"].split("VALUES")[0]] == []


def blocks_of(username: str, cast: Cast, now: Now) -> dict[str, str]:
    actor = actor_for(cast[username].pk, now.at)
    assert actor is not None
    return {str(block.title): block.url for block in contributed(BLOCKS, actor, now.at)}


def reminders(username: str, cast: Cast, now: Now) -> list[str]:
    return [title for title, url in blocks_of(username, cast, now).items() if url == "/rules/"]


@pytest.mark.rule("R5")
def test_marketing_is_asked_for_the_three_principles_until_they_are_published(
    cast: Cast, play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    """From the first start on: the notice goes by them and doesn't give them."""
    asked = "/organisation/publish_rules/?rule=R5"
    assert [blocks_of(name, cast, now).get("规则补充") for name in ("sc.officer", "sc.leader")] == [asked, asked]
    assert [blocks_of(name, cast, now).get("规则补充") for name in ("kf.supervisor", "wh.head")] == [None, None]
    assert "营销服务三项基本原则" in client_for("sc.officer").get("/").content.decode()
    assert client_for("sc.officer").get(asked).status_code == 200

    play("publish_rules", "sc.officer", **PUBLISH)
    assert "规则补充" in blocks_of("sc.officer", cast, now)
    play("publish_rules", "sc.officer", rule="R5", **PUBLISH)
    assert "规则补充" not in blocks_of("sc.officer", cast, now)


def test_the_desk_reminds_until_the_version_in_force_is_confirmed(cast: Cast, play: Play, now: Now) -> None:
    assert reminders("wh.zhang", cast, now) == ["规则学习"]
    confirm_reading(cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    assert reminders("wh.zhang", cast, now) == []
    now.forward(days=1)
    play("publish_rules", "sc.officer", **PUBLISH)
    assert reminders("wh.zhang", cast, now) == ["规则学习"]
    confirm_reading(cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    assert reminders("wh.zhang", cast, now) == []


# Who has read


def counted(username: str, cast: Cast, now: Now) -> dict[str, tuple[int, int]]:
    actor = actor_for(cast[username].pk, now.at)
    assert actor is not None
    found: Any = tally_of_readings(units_whose_readings(actor), rules_in_force(now.at))
    return {unit.code: (unit.people, unit.read) for unit in found}


def test_a_head_counts_their_own_unit_and_marketing_all(cast: Cast, now: Now) -> None:
    for username in ("wh.zhang", "wh.li", "yc.chen"):
        confirm_reading(cast[username], rules_in_force(now.at), at=now.at)
    people = {code: sum(person.unit == unit for person in cast) for code, unit in cast.units.items()}
    assert counted("wh.head", cast, now) == {"WH": (people["WH"], 2)}
    everywhere = counted("sc.officer", cast, now)
    assert everywhere == counted("sj.auditor", cast, now)
    assert {code: read for code, (_people, read) in everywhere.items() if read} == {"WH": 2, "YC": 1}
    assert {code: count for code, (count, _read) in everywhere.items()} == {c: n for c, n in people.items() if n}
    assert counted("wh.leader", cast, now) == {}


def test_who_is_new_is_asked_and_who_has_left_is_not_counted(cast: Cast, play: Play, now: Now) -> None:
    confirm_reading(cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    before, read = counted("wh.head", cast, now)["WH"]
    play("admit", "sc.officer", username="wh.new", name="钱小红", unit="WH")
    assert counted("wh.head", cast, now)["WH"] == (before + 1, read)
    play("dismiss", "sc.officer", employee="wh.zhang", reason="离职")
    assert counted("wh.head", cast, now)["WH"] == (before, read - 1)


def test_the_count_takes_one_query_however_many_units(cast: Cast, now: Now) -> None:
    actors, version = [actor_for(cast[name].pk, now.at) for name in ("wh.head", "sc.officer")], rules_in_force(now.at)
    made = []
    for actor in actors:
        assert actor is not None
        with CaptureQueriesContext(connection) as queries:
            tally_of_readings(units_whose_readings(actor), version)
        made.append(len(queries))
    assert made == [1, 1]


def test_people_stand_with_their_receipt(cast: Cast, now: Now) -> None:
    confirm_reading(cast["wh.zhang"], rules_in_force(now.at), at=now.at)
    actor = actor_for(cast["wh.head"].pk, now.at)
    assert actor is not None
    found: Any = people_with_readings(units_whose_readings(actor), rules_in_force(now.at))
    assert {person.username: person.read_at for person in found if person.read_at} == {"wh.zhang": now.at}
    assert {person.unit.code for person in found} == {"WH"}


# Links


def test_a_rule_is_a_link_with_its_name(cast: Cast) -> None:
    assert rule("R19") == '<a class="nowrap" href="/rules/#R19" title="规则 R19：30分钟内交办">R19</a>'
    assert rule("R56") == ""


def test_a_verb_shows_the_rule_it_comes_from() -> None:
    assert 'href="/rules/#R19"' in rule_of(VERBS["complaint", "hand_off"])
    assert rule_of(None) == ""


def test_rules_in_a_sentence_are_links_and_the_rest_is_escaped() -> None:
    linked = with_rules("不能交办(R4)。<b>R99</b>")
    assert linked == f"不能交办({rule('R4')})。&lt;b&gt;R99&lt;/b&gt;"


# docs/rules.md


def test_the_page_of_rules_is_whole_and_always_the_same() -> None:
    page = pages()["rules.md"]
    heads = [line.split()[1] for line in page.splitlines() if line.startswith("### ")]
    assert (heads, "**none**" in page) == (list(RULES), False)
    assert pages()["rules.md"] == page


def test_the_page_of_rules_names_verbs_limits_code_and_tests() -> None:
    page = pages()["rules.md"]
    told = page[page.index("### R19 ") : page.index("### R20 ")]
    assert "`hand_off`" in told[told.index("- verbs: ") : told.index("- limits: ")]
    assert "- limits: `handoff`" in told
    assert "`tests/complaints/actions/test_handover.py`" in told
