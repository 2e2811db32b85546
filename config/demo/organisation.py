"""The demo organisation: 33 units and about 400 people, the standing cast of the scenarios among them.

Pure data and no randomness, so every run on every machine signs in the same people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from config.demo.people import staff_name

BRANCH, DEPARTMENT, DIRECT = "branch", "department", "direct_unit"


@dataclass(frozen=True)
class UnitRow:
    """A unit as the scenario contract writes it; `regions` are the places it serves."""

    code: str
    name: str
    kind: str
    head: str
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class EmployeeRow:
    """An employee as the scenario contract writes it; `supervisor` is the 分管领导's username or None."""

    username: str
    name: str
    unit: str
    supervisor: str | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Size:
    """How many people of each kind a unit has beside its head."""

    code: str
    name: str
    kind: str
    contacts: int
    deputies: int
    handlers: int
    leaders: int


SIZES = (
    Size("WH", "武汉分公司", BRANCH, 1, 1, 10, 2),
    Size("HS", "黄石分公司", BRANCH, 1, 1, 8, 2),
    Size("SY", "十堰分公司", BRANCH, 2, 1, 8, 2),
    Size("YC", "宜昌分公司", BRANCH, 1, 1, 9, 2),
    Size("XY", "襄阳分公司", BRANCH, 2, 1, 9, 2),
    Size("EZ", "鄂州分公司", BRANCH, 1, 1, 7, 1),
    Size("JM", "荆门分公司", BRANCH, 1, 1, 8, 2),
    Size("XG", "孝感分公司", BRANCH, 2, 1, 8, 2),
    Size("JZ", "荆州分公司", BRANCH, 2, 1, 9, 2),
    Size("HG", "黄冈分公司", BRANCH, 2, 1, 9, 2),
    Size("XN", "咸宁分公司", BRANCH, 1, 1, 8, 2),
    Size("SZ", "随州分公司", BRANCH, 1, 0, 7, 1),
    Size("ES", "恩施分公司", BRANCH, 1, 1, 8, 2),
    Size("JH", "江汉分公司", BRANCH, 1, 1, 8, 2),
    Size("ZH", "综合部", DEPARTMENT, 1, 1, 7, 1),
    Size("CW", "财务部", DEPARTMENT, 1, 1, 7, 1),
    Size("RL", "人力资源部", DEPARTMENT, 1, 0, 7, 1),
    Size("SC", "市场部", "marketing", 1, 1, 7, 0),
    Size("JT", "集团客户部", DEPARTMENT, 1, 1, 8, 2),
    Size("WL", "网络部", DEPARTMENT, 1, 1, 10, 1),
    Size("JS", "计划建设部", DEPARTMENT, 1, 1, 7, 1),
    Size("ZC", "业务支撑系统部", DEPARTMENT, 2, 1, 9, 2),
    Size("XA", "信息安全管理部", DEPARTMENT, 1, 1, 7, 1),
    Size("CG", "采购物流部", DEPARTMENT, 1, 1, 6, 1),
    Size("FL", "法律与监管事务部", DEPARTMENT, 1, 1, 6, 1),
    Size("SJ", "内审部", DEPARTMENT, 0, 0, 6, 1),
    Size("KF", "省客户服务中心", "service_centre", 1, 0, 4, 1),
    Size("WG", "网络管理中心", DIRECT, 2, 1, 9, 2),
    Size("YZ", "业务支撑中心", DIRECT, 1, 1, 8, 1),
    Size("DY", "数据业务中心", DIRECT, 1, 1, 8, 1),
    Size("DQ", "电子渠道中心", DIRECT, 2, 1, 8, 2),
    Size("ZQ", "政企客户中心", DIRECT, 1, 1, 9, 2),
    Size("ZD", "终端公司", DIRECT, 0, 0, 7, 0),
)
"""14 branches, 12 departments (marketing among them), 7 direct units (the service centre among them).

ZD and SJ have no interface contact, so that R17 is to be seen: their rounds go to the head.
"""

REGIONS: dict[str, tuple[str, ...]] = {
    "WH": (
        "武汉",
        "江岸区",
        "江汉区",
        "硚口区",
        "汉阳区",
        "武昌区",
        "青山区",
        "洪山区",
        "东西湖",
        "蔡甸",
        "江夏",
        "黄陂",
        "新洲",
    ),
    "HS": ("黄石", "大冶", "阳新"),
    "SY": ("十堰", "丹江口", "郧阳", "郧西", "竹山", "竹溪", "房县"),
    "YC": ("宜昌", "宜都", "枝江", "当阳", "远安", "兴山", "秭归", "长阳", "五峰"),
    "XY": ("襄阳", "枣阳", "宜城", "老河口", "南漳", "谷城", "保康"),
    "EZ": ("鄂州", "梁子湖", "华容"),
    "JM": ("荆门", "钟祥", "京山", "沙洋"),
    "XG": ("孝感", "应城", "安陆", "汉川", "孝昌", "大悟", "云梦"),
    "JZ": ("荆州", "沙市", "石首", "洪湖", "松滋", "公安", "监利", "江陵"),
    "HG": ("黄冈", "麻城", "武穴", "红安", "罗田", "英山", "浠水", "蕲春", "黄梅", "团风"),
    "XN": ("咸宁", "赤壁", "嘉鱼", "通城", "崇阳", "通山"),
    "SZ": ("随州", "广水", "随县"),
    "ES": ("恩施", "利川", "建始", "巴东", "宣恩", "咸丰", "来凤", "鹤峰"),
    "JH": ("江汉", "仙桃", "潜江", "天门"),
}
"""Branch code -> the places it serves; the first is the name a complaint's region usually carries."""

STANDING_HEADS = {"KF": "kf.head", "SC": "sc.leader", "WL": "wl.leader"}
"""Heads whose username isn't simply the unit's code and `.head`."""

STANDING_CAST = (
    EmployeeRow("kf.agent", "林晓雯", "KF", None, ("agent",)),
    EmployeeRow("kf.agent2", "程立", "KF", None, ("agent",)),
    EmployeeRow("kf.supervisor", "苏文慧", "KF", None, ("csc_supervisor",)),
    EmployeeRow("kf.head", "顾明远", "KF"),
    EmployeeRow("sc.officer", "方睿", "SC", None, ("marketing",)),
    EmployeeRow("sc.officer2", "贺敏", "SC", None, ("marketing",)),
    EmployeeRow("sc.leader", "严守诚", "SC", None, ("marketing_leader",)),
    EmployeeRow("wh.contact", "陈静怡", "WH", None, ("contact",)),
    EmployeeRow("wh.deputy", "胡志远", "WH", None, ("deputy_contact",)),
    EmployeeRow("wh.zhang", "张伟民", "WH", "wh.leader"),
    EmployeeRow("wh.li", "李思琪", "WH", "wh.leader"),
    EmployeeRow("wh.wang", "王小川", "WH"),
    EmployeeRow("wh.leader", "刘建勋", "WH"),
    EmployeeRow("wh.head", "赵国栋", "WH"),
    EmployeeRow("yc.contact", "向丽华", "YC", None, ("contact",)),
    EmployeeRow("yc.chen", "陈峡", "YC", "yc.leader"),
    EmployeeRow("yc.leader", "谭振江", "YC"),
    EmployeeRow("yc.head", "覃远航", "YC"),
    EmployeeRow("wl.contact", "邹凯", "WL", None, ("contact",)),
    EmployeeRow("wl.zhao", "赵启明", "WL", "wl.leader"),
    EmployeeRow("wl.leader", "韩卫东", "WL"),
    EmployeeRow("zd.zhou", "周子涵", "ZD", "zd.head"),
    EmployeeRow("zd.head", "潘宏图", "ZD"),
)
"""The people of the scenario contract, with its usernames, supervisors and roles."""

ADMINISTRATORS = (
    EmployeeRow("sj.system", "石维安", "SJ", None, ("system_admin",)),
    EmployeeRow("sj.security", "安立群", "SJ", None, ("security_admin",)),
    EmployeeRow("sj.auditadmin", "严可鉴", "SJ", None, ("audit_admin",)),
)
"""Three people who have no part in any complaint; they come last, so that everybody else keeps their name."""

AGENTS = 12
KF_SUPERVISORS = 2


def demo_units() -> tuple[UnitRow, ...]:
    """The 33 units, in the order of the notice's addressees: branches, departments, direct units."""
    return tuple(UnitRow(s.code, s.name, s.kind, head_of(s.code), REGIONS.get(s.code, ())) for s in SIZES)


def head_of(code: str) -> str:
    """The username of a unit's head."""
    return STANDING_HEADS.get(code, f"{code.lower()}.head")


def demo_employees() -> tuple[EmployeeRow, ...]:
    """Everybody, the standing cast first; usernames and names are unique and always the same."""
    people = {row.username: row for row in STANDING_CAST}
    numbers = count()
    for size in SIZES:
        for row in unit_people(size, frozenset(people), numbers):
            people.setdefault(row.username, row)
    return (*people.values(), *ADMINISTRATORS)


def unit_people(size: Size, taken: frozenset[str], numbers: Iterator[int]) -> Iterator[EmployeeRow]:
    """Fill a unit up to its size around whoever of the standing cast is there already."""
    code, prefix = size.code, size.code.lower()
    head = head_of(code)
    leaders = [f"{prefix}.leader{n or ''}" for n in (0, *range(2, size.leaders + 1))][: size.leaders]
    supervisors = [name for name in leaders if name != head] or [head]
    offices = [*((name, head, ()) for name in leaders), *officers(size, supervisors[0])]
    for username, supervisor, roles in [(head, None, ()), *offices]:
        if username not in taken:
            yield EmployeeRow(username, staff_name(next(numbers))[0], code, supervisor, roles)
    yield from handlers(size, taken, numbers, supervisors)


def officers(size: Size, supervisor: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Interface contacts, deputies and, in the centre, agents and supervisors."""
    prefix = size.code.lower()
    wanted = [("contact", "contact", size.contacts), ("deputy", "deputy_contact", size.deputies)]
    if size.code == "KF":
        wanted += [("agent", "agent", AGENTS), ("supervisor", "csc_supervisor", KF_SUPERVISORS)]
    if size.code == "SJ":
        wanted += [("auditor", "auditor", 1)]
    for name, role, number in wanted:
        for n in range(1, number + 1):
            yield f"{prefix}.{name}{n if n > 1 else ''}", supervisor, (role,)


def handlers(
    size: Size, taken: frozenset[str], numbers: Iterator[int], supervisors: list[str]
) -> Iterator[EmployeeRow]:
    """Handlers are named by their surname's pinyin, a number following where the unit has it twice."""
    prefix, used = size.code.lower(), set(taken)
    for n in range(size.handlers - sum(is_handler(row, size.code) for row in STANDING_CAST)):
        name, surname = staff_name(next(numbers))
        username = next(u for u in (f"{prefix}.{surname}{i or ''}" for i in (0, *range(2, 99))) if u not in used)
        used.add(username)
        yield EmployeeRow(username, name, size.code, supervisors[n % len(supervisors)])


def is_handler(row: EmployeeRow, code: str) -> bool:
    """A plain employee of the unit: no role, no office."""
    return row.unit == code and not row.roles and row.username.split(".")[1] not in {"leader", "head"}


def branch_of(place: str) -> str | None:
    """The branch that serves a place ("宜昌当阳", "武汉江汉区"), by the first name in it; None where there is none."""
    named = [(name, code) for code, names in REGIONS.items() for name in names if name in place]
    return min(named, key=lambda pair: (place.index(pair[0]), -len(pair[0])))[1] if named else None
