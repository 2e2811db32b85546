"""The demo's organisation and texts: complete, the scenario contract's people in it, and never twice the same story."""

import re
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from string import Formatter
from typing import Any

import pytest

from accountability.deadlines.limits import SHANGHAI
from accountability.documents.template_fields import TemplateText
from accountability.gate.fields import BadFact
from accountability.gate.lookups import Lookups
from accountability.models import AnswerTemplate
from accountability.permissions import ADMINISTRATOR_ROLES
from accountability.seed.categories import BRANCH, CATEGORIES, HEAD_ANSWERED_BY, usually_answered_by
from complaints.outside.taking_up import NUMBER
from config.demo.accounts import demo_accounts
from config.demo.desks import stages
from config.demo.organisation import Company, branch_of, demo_employees, demo_units, places, standing_people
from config.demo.plots import histories
from config.demo.script import outside_number
from config.demo.texts import GRIEVANCES, invented_facts, new_story, read

AT = datetime(2026, 11, 3, 10, 30, tzinfo=SHANGHAI)
UNITS = {unit.code: unit for unit in demo_units()}
PEOPLE = {row.username: row for row in demo_employees()}


def test_33_units_as_the_notice_addresses_them():
    assert Counter(unit.kind for unit in UNITS.values()) == {
        "branch": 14,
        "department": 11,
        "marketing": 1,
        "direct_unit": 6,
        "service_centre": 1,
    }


def test_about_400_people_nobody_twice():
    rows = demo_employees()
    assert 380 <= len(rows) <= 440
    assert len({row.name for row in rows}) == len({row.username for row in rows}) == len(rows)
    assert all(re.fullmatch(r"[a-z]{2}\.[a-z]+\d*", row.username) for row in rows)


def test_the_standing_cast_is_in_it_unchanged():
    assert [PEOPLE[row.username] for row in standing_people()] == list(standing_people())
    assert len(standing_people()) == 23
    assert PEOPLE["wh.wang"].supervisor is None
    assert {code: UNITS[code].head for code in ("KF", "SC", "WH", "YC", "WL", "ZD")} == {
        "KF": "kf.head",
        "SC": "sc.leader",
        "WH": "wh.head",
        "YC": "yc.head",
        "WL": "wl.leader",
        "ZD": "zd.head",
    }


def test_heads_and_supervisors_are_people_of_their_unit():
    assert [unit.code for unit in UNITS.values() if PEOPLE[unit.head].unit != unit.code] == []
    led = [(row, PEOPLE[row.supervisor]) for row in PEOPLE.values() if row.supervisor]
    assert [row.username for row, leader in led if leader.unit != row.unit] == []


@pytest.mark.rule("R17")
def test_only_two_units_have_no_contact():
    serving = {row.unit for row in PEOPLE.values() if {"contact", "deputy_contact"} & set(row.roles)}
    assert set(UNITS) - serving == {"ZD", "SJ"}


def test_every_role_has_an_account_with_a_name():
    roles = {role for account in demo_accounts() for role in PEOPLE[account.username].roles}
    assert roles == {role for row in PEOPLE.values() for role in row.roles}
    assert {account.password for account in demo_accounts()} == {"shouwen-demo-2026"}


@pytest.mark.parametrize(
    ("place", "code"),
    [("武汉", "WH"), ("武汉江汉区", "WH"), ("江汉", "JH"), ("宜昌当阳", "YC"), ("仙桃", "JH"), ("广州", None)],
)
def test_a_place_finds_its_branch(place, code):
    assert branch_of(place) == code


def test_no_place_belongs_to_two_branches():
    names = Counter(name for names in places().values() for name in names)
    assert [name for name, number in names.items() if number > 1] == []


@pytest.mark.rule("R8")
def test_the_catalogue_has_ten_heads_and_every_answer_is_a_unit():
    answers = {answer for leaves in CATEGORIES.values() for _leaf, answer in leaves} | set(HEAD_ANSWERED_BY.values())
    assert len(CATEGORIES) == 10 == len(HEAD_ANSWERED_BY)
    assert answers - {BRANCH} <= set(UNITS)
    assert {usually_answered_by(head) for head in CATEGORIES} <= answers
    assert usually_answered_by("终端与合约", "合约机") == BRANCH


def leaves() -> list[tuple[str, list[dict[str, list[str]]]]]:
    return [leaf for each in GRIEVANCES.values() for leaf in each["leaves"].items()]


def test_every_leaf_has_four_texts_at_least():
    assert {head: set(each["leaves"]) for head, each in GRIEVANCES.items()} == {
        head: {leaf for leaf, _answer in leaves} for head, leaves in CATEGORIES.items()
    }
    told = {leaf: sum(len(case["told"]) for case in cases) for leaf, cases in leaves()}
    assert [leaf for leaf, number in told.items() if number < 4] == []


def test_every_placeholder_is_known():
    texts = [text for _leaf, cases in leaves() for case in cases for text in (*case["told"], *case.get("found", ()))]
    used = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    assert used <= set(invented_facts(Random(1), "武汉", AT))


@pytest.mark.parametrize("template", read("templates"), ids=lambda template: template["name"])
def test_a_template_could_be_saved_by_hand(template):
    name, use, category, text = (template[key] for key in ("name", "use", "category", "text"))
    nothing: Any = None
    kept = TemplateText(name="text").clean(text, nothing)
    assert (len(name) <= 40, use in AnswerTemplate.Use.values, category in {"", *CATEGORIES}, kept) == (
        True, True, True, text,
    )  # fmt: skip


def test_a_story_tells_the_same_facts_throughout():
    story = new_story(Random(4), "宜昌", AT, ("资费与收费争议", "退费"))
    assert story.category == "资费与收费争议/退费"
    assert story.tell("{salutation}|{place}")[0] == story.customer[0]
    assert "{" not in "".join(story.tell(text) for text in read("complaints")["reply"]["content"])
    assert re.fullmatch(r"13[89]000\d{5}", story.phone)


def test_no_text_of_a_script_has_a_gap():
    company = Company(Random(3))
    steps = [step for script in (*histories(company, 400, AT), *stages(company, AT)) for step in script.steps]
    assert {step["do"] for step in steps} >= {"register", "answer", "reply", "answer_outside_case"}
    assert [step for step in steps if re.search(r"\{\w+\}", str(step))] == []


def test_the_same_seed_tells_the_same_stories():
    first, second = ([new_story(Random(9), "十堰", AT) for _ in range(3)] for _ in "ab")
    assert first == second


def test_600_stories_dont_look_copied_and_keep_the_mix():
    rng = Random(2026)
    stories = [new_story(rng, "荆州", AT) for _ in range(600)]
    assert max(Counter(story.content for story in stories).values()) <= 4
    shares = Counter(story.head for story in stories)
    weights = {head: each["share"] for head, each in GRIEVANCES.items()}
    assert sum(weights.values()) == 100
    assert [head for head, weight in weights.items() if abs(shares[head] / 6 - weight) > 5] == []


def test_an_administrator_forwards_nothing() -> None:
    """They have no part in the business, and the gate refuses them: one draw of thousands would end the demo."""
    company = Company(Random(7))
    drawn = {company.colleague() for _time in range(20_000)}
    serving = {row.username for row in company.people.values() if ADMINISTRATOR_ROLES & set(row.roles)}
    assert serving
    assert drawn.isdisjoint(serving)
    assert len(drawn) > 300


def test_the_number_of_a_body_outside_is_taken_at_every_hour_of_a_year():
    """In months that read like an area code too: `0102` is the beginning of a telephone number of Beijing."""
    begun = datetime(2028, 1, 1, 0, 36, tzinfo=SHANGHAI)
    lookups, refused = Lookups(begun), []
    for hour in range(366 * 24):
        for phone in ("13871234123", "13871234999"):
            number = outside_number(begun + timedelta(hours=hour), phone)
            try:
                NUMBER.clean(number, lookups)
            except BadFact:
                refused.append(number)
    assert refused == []
