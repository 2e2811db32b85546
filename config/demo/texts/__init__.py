"""Believable texts: a story holds one set of invented facts, and every text about it tells the same ones."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from accountability.deadlines.limits import SHANGHAI
from config.demo.people import customer_name, customer_phone
from config.demo.texts import fees, network, products, services
from config.demo.texts.case import Case
from config.demo.texts.general import ENDINGS, GENERAL

TEXTS: dict[str, dict[str, tuple[Case, ...]]] = {
    "资费与收费争议": fees.FEES,
    "营销宣传": fees.MARKETING,
    "业务办理": services.BUSINESS,
    "网络质量": network.NETWORK,
    "服务态度与服务规范": services.CONDUCT,
    "信息安全": network.SECURITY,
    "政企与集团": network.CORPORATE,
    "电子渠道": products.ONLINE,
    "终端与合约": products.DEVICES,
    "企业形象": services.IMAGE,
}
"""Head -> leaf -> (what customers say, what is found and done about it)."""

WEIGHTS = {
    "业务办理": 18,
    "服务态度与服务规范": 19,
    "电子渠道": 5,
    "终端与合约": 5,
    "企业形象": 3,
    "资费与收费争议": 19,
    "营销宣传": 11,
    "网络质量": 12,
    "信息安全": 5,
    "政企与集团": 3,
}
"""Per cent of all complaints: service about 50, fees and marketing 30, network and information security 20."""

PACKAGES = (
    "全家享 128 元套餐",
    "5G 畅享 129 元套餐",
    "5G 智享 169 元套餐",
    "花卡 29 元套餐",
    "爱家 99 元融合套餐",
    "爱家 198 元融合套餐",
    "任我用 88 元套餐",
    "银龄 39 元套餐",
)
VALUE_ADDED = (
    "视频彩铃", "来电管家", "云盘会员", "影视会员包", "游戏加油包", "手机报", "安全守护", "音乐白金会员",
)  # fmt: skip
ROADS = (
    "建设路", "人民路", "解放大道", "胜利街", "沿江大道", "东风路", "文昌路", "长虹路",
    "青年路", "环城北路", "珠海路", "友谊路",
)  # fmt: skip
COMMUNITIES = (
    "滨江花园", "阳光城小区", "学府雅苑", "金色家园", "锦绣华庭", "东湖春晓", "香樟里", "幸福新村",
    "万和城", "桂苑小区", "丽景湾", "铁路宿舍", "棉纺小区", "安居苑",
)  # fmt: skip
FIRMS = (
    "机械制造厂", "物流公司", "中学", "连锁药店", "食品公司", "汽配商行", "快捷酒店", "农业合作社",
    "软件公司", "社区医院",
)  # fmt: skip
SPEEDS = ("300M", "500M", "1000M")


@dataclass(frozen=True)
class Story:
    """One customer's grievance. `told` fills any text about it with the same amounts, dates and places."""

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
    """Draw a grievance from `region`, told at `at`; of one category (head and leaf) where one is asked for."""
    head, leaf = category or draw_category(rng)
    content, case = rng.choice([(text, case) for case in TEXTS[head][leaf] for text in case.told])
    customer, salutation = customer_name(rng)
    facts = {"salutation": salutation, "leaf": leaf, **invented_facts(rng, region, at)}
    cause, solution, result = case.found or rng.choice(GENERAL[head])
    parts = {"content": content + rng.choice(ENDINGS), "cause": cause, "solution": solution, "result": result}
    told = facts | {name: text.format(**facts) for name, text in parts.items()}
    return Story(head, leaf, region, customer, customer_phone(rng), told["content"], told)


def draw_category(rng: Random) -> tuple[str, str]:
    """A head by its share of the complaints, and one of its leaves."""
    head = rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]
    return head, rng.choice(list(TEXTS[head]))


def told_again(rng: Random, earlier: Story, at: datetime) -> Story:
    """The same customer calls once more about the same thing: a repeat."""
    again = new_story(rng, earlier.region, at, (earlier.head, earlier.leaf))
    told = again.told | {name: earlier.told[name] for name in ("salutation", "cause", "solution", "result")}
    told["content"] = f"客户就同一问题再次来电。{earlier.content}"
    return replace(again, customer=earlier.customer, phone=earlier.phone, content=told["content"], told=told)


def invented_facts(rng: Random, region: str, at: datetime) -> dict[str, str]:
    """Amounts, days, places and products, plausible at `at` (days are before it, `next_day` after)."""
    today = at.astimezone(SHANGHAI).date()
    road, community = rng.choice(ROADS), rng.choice(COMMUNITIES)
    day = today - timedelta(days=rng.randint(2, 20))
    return {
        "amount": money(rng),
        "fee": str(rng.choice((5, 6, 8, 9.9, 10, 12, 15, 18, 20, 25, 30))),
        "gb": str(rng.choice((5, 10, 20, 30, 40, 60))),
        "day": chinese_day(day),
        "next_day": chinese_day(today + timedelta(days=rng.randint(1, 2))),
        "month": f"{day.month}月",
        "package": rng.choice(PACKAGES),
        "vas": rng.choice(VALUE_ADDED),
        "place": region,
        "road": road,
        "community": f"{region}{community}",
        "hall": f"{region}{road}营业厅",
        "times": str(rng.randint(2, 6)),
        "days": str(rng.randint(3, 15)),
        "age": str(rng.randint(6, 19)),
        "speed": rng.choice(SPEEDS),
        "other": rng.choice(("电信", "联通", "广电")),
        "firm": f"{region}某{rng.choice(FIRMS)}",
        "serial": f"{rng.randint(100, 9999):04d}",
    }


def money(rng: Random) -> str:
    """Yuan as a customer says them: mostly small, now and then with jiao and fen."""
    yuan = rng.choice((rng.randint(8, 99), rng.randint(20, 180), rng.randint(100, 680)))
    return f"{yuan + rng.randint(1, 99) / 100:.2f}" if rng.random() < 0.3 else str(yuan)


def chinese_day(day: date) -> str:
    """The day as it is spoken: 9月18日."""
    return f"{day.month}月{day.day}日"
