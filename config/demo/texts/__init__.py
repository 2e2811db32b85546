"""Believable texts: a story has one set of invented facts, and every text about it uses the same ones.

The words are data: each file of this folder says in its first line what it contains.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from accountability.deadlines.limits import SHANGHAI


@cache
def read(name: str) -> Any:
    """The data of a file in this folder."""
    text = Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, yaml.CSafeLoader)


GRIEVANCES = read("grievances")
FACTS = read("facts")


@dataclass(frozen=True)
class Story:
    """One customer's complaint. `told` fills any text about it with the same amounts, dates and places."""

    head: str
    leaf: str
    region: str
    customer: str
    phone: str
    content: str
    told: dict[str, str]

    @property
    def category(self) -> str:
        """The category as the verb `register` takes it."""
        return f"{self.head}/{self.leaf}"

    def tell(self, template: str, **more: str) -> str:
        """Fill a text with this story's facts, and with what only the caller knows (a unit, a day)."""
        return template.format(**(self.told | more))


def new_story(rng: Random, region: str, at: datetime, category: tuple[str, str] | None = None) -> Story:
    """Draw a story from `region`, told at `at`; of one category (head and leaf) where one is given."""
    head, leaf = category or draw_category(rng)
    told_and_found = [(text, case.get("found")) for case in GRIEVANCES[head]["leaves"][leaf] for text in case["told"]]
    content, found = rng.choice(told_and_found)
    customer, salutation = customer_name(rng)
    facts = {"salutation": salutation, "leaf": leaf, **invented_facts(rng, region, at)}
    cause, solution, result = found or rng.choice(GRIEVANCES[head]["usually"])
    parts = {"content": content + rng.choice(FACTS["endings"]), "cause": cause, "solution": solution, "result": result}
    told = facts | {name: text.format(**facts) for name, text in parts.items()}
    phone = f"{rng.choice(('138', '139'))}000{rng.randrange(100_000):05d}"  # ranges kept for invented customers
    return Story(head, leaf, region, customer, phone, told["content"], told)


def draw_category(rng: Random) -> tuple[str, str]:
    """A head by its share of the complaints, and one of its leaves."""
    head = rng.choices(list(GRIEVANCES), weights=[each["share"] for each in GRIEVANCES.values()])[0]
    return head, rng.choice(list(GRIEVANCES[head]["leaves"]))


def told_again(rng: Random, earlier: Story, at: datetime) -> Story:
    """The same customer calls once more about the same thing: a repeat."""
    again = new_story(rng, earlier.region, at, (earlier.head, earlier.leaf))
    told = again.told | {name: earlier.told[name] for name in ("salutation", "cause", "solution", "result")}
    told["content"] = f"客户就同一问题再次来电。{earlier.content}"
    return replace(again, customer=earlier.customer, phone=earlier.phone, content=told["content"], told=told)


def customer_name(rng: Random) -> tuple[str, str]:
    """A customer's full name and how the reply addresses them."""
    surname, woman = rng.choice(list(FACTS["surnames"])), rng.random() < 0.47
    return surname + rng.choice(FACTS["women" if woman else "men"]), surname + ("女士" if woman else "先生")


def staff_name(number: int) -> tuple[str, str]:
    """The `number`-th invented colleague: full name, and the surname's pinyin. 59 x 61 names before one repeats."""
    surnames, given = list(FACTS["surnames"].items()), (*FACTS["men"], *FACTS["women"])
    surname, pinyin = surnames[number % len(surnames)]
    return surname + given[(number * 7) % len(given)], pinyin


def invented_facts(rng: Random, region: str, at: datetime) -> dict[str, str]:
    """Amounts, days, places and products, plausible at `at` (days are before it, `next_day` after)."""
    today = at.astimezone(SHANGHAI).date()
    road, community = rng.choice(FACTS["roads"]), rng.choice(FACTS["communities"])
    day = today - timedelta(days=rng.randint(2, 20))
    return {
        "amount": money(rng),
        "fee": str(rng.choice((5, 6, 8, 9.9, 10, 12, 15, 18, 20, 25, 30))),
        "gb": str(rng.choice((5, 10, 20, 30, 40, 60))),
        "day": chinese_day(day),
        "next_day": chinese_day(today + timedelta(days=rng.randint(1, 2))),
        "month": f"{day.month}月",
        "package": rng.choice(FACTS["packages"]),
        "vas": rng.choice(FACTS["value_added"]),
        "place": region,
        "road": road,
        "community": f"{region}{community}",
        "hall": f"{region}{road}营业厅",
        "times": str(rng.randint(2, 6)),
        "days": str(rng.randint(3, 15)),
        "age": str(rng.randint(6, 19)),
        "speed": rng.choice(FACTS["speeds"]),
        "other": rng.choice(("电信", "联通", "广电")),
        "firm": f"{region}某{rng.choice(FACTS['firms'])}",
        "serial": f"{rng.randint(100, 9999):04d}",
    }


def money(rng: Random) -> str:
    """Yuan as a customer says them: mostly small, now and then with jiao and fen."""
    yuan = rng.choice((rng.randint(8, 99), rng.randint(20, 180), rng.randint(100, 680)))
    return f"{yuan + rng.randint(1, 99) / 100:.2f}" if rng.random() < 0.3 else str(yuan)


def chinese_day(day: date) -> str:
    """The day as it is spoken: 9月18日."""
    return f"{day.month}月{day.day}日"
