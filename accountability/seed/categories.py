"""The seeded catalogue of complaint categories (R8): ten heads, their leaves, and who usually answers.

Pure data. The catalogue in force is in the database and marketing edits it; this is only its beginning.
"""

BRANCH = "branch"
"""The branch that serves the customer's region, where no department is the usual answer."""

NETWORK_HEAD = "网络质量"
"""The head whose complaints also have the network limits (contact on site, technical solution)."""

CATEGORIES: dict[str, tuple[tuple[str, str], ...]] = {
    "资费与收费争议": (
        ("套餐资费", BRANCH),
        ("流量计费", "ZC"),
        ("语音短信计费", "ZC"),
        ("国际漫游", "ZC"),
        ("增值业务扣费", "DY"),
        ("违约金", BRANCH),
        ("退费", BRANCH),
        ("账单不符", BRANCH),
    ),
    "营销宣传": (
        ("未经同意开通", BRANCH),
        ("夸大宣传", BRANCH),
        ("外呼骚扰", "SC"),
        ("活动兑现", BRANCH),
        ("捆绑销售", BRANCH),
    ),
    "业务办理": (
        ("套餐变更", BRANCH),
        ("销户与停复机", BRANCH),
        ("过户实名", BRANCH),
        ("携号转网", BRANCH),
        ("宽带装移拆", BRANCH),
        ("补换卡", BRANCH),
        ("跨区办理", BRANCH),
    ),
    "网络质量": (
        ("室内弱覆盖", BRANCH),
        ("室外弱覆盖", BRANCH),
        ("掉话", "WL"),
        ("数据慢", "WL"),
        ("VoLTE", "WL"),
        ("宽带故障", BRANCH),
        ("大面积中断", "WG"),
    ),
    "服务态度与服务规范": (
        ("热线服务", "KF"),
        ("营业厅服务", BRANCH),
        ("装维人员服务", BRANCH),
        ("推诿拖延", BRANCH),
        ("承诺未履行", BRANCH),
    ),
    "信息安全": (
        ("垃圾短信", "XA"),
        ("骚扰电话", "XA"),
        ("误停机", "XA"),
        ("个人信息泄露", "XA"),
    ),
    "政企与集团": (
        ("专线", "ZQ"),
        ("集团产品", "ZQ"),
        ("集团短信", "JT"),
        ("物联卡", "JT"),
    ),
    "电子渠道": (
        ("APP", "DQ"),
        ("充值", "DQ"),
        ("积分", "DQ"),
        ("网上营业厅", "DQ"),
    ),
    "终端与合约": (
        ("合约机", BRANCH),
        ("合约违约", BRANCH),
        ("终端质量", "ZD"),
        ("终端售后", "ZD"),
    ),
    "企业形象": (
        ("门店形象", BRANCH),
        ("员工形象", BRANCH),
        ("施工扰民", BRANCH),
        ("基站选址", "JS"),
    ),
}
"""Head -> its leaves, each with the code of the unit that usually answers (or BRANCH)."""

ENGLISH: dict[str, str] = {
    "资费与收费争议": "Tariffs and charges",
    "套餐资费": "Plan fees",
    "流量计费": "Data charges",
    "语音短信计费": "Voice and SMS charges",
    "国际漫游": "International roaming",
    "增值业务扣费": "Value-added service charges",
    "违约金": "Contract penalty",
    "退费": "Refunds",
    "账单不符": "Wrong bill",
    "营销宣传": "Marketing",
    "未经同意开通": "Activated without consent",
    "夸大宣传": "Exaggerated advertising",
    "外呼骚扰": "Unwanted sales calls",
    "活动兑现": "Promotion not honoured",
    "捆绑销售": "Tied selling",
    "业务办理": "Service requests",
    "套餐变更": "Change of plan",
    "销户与停复机": "Closing, suspending and resuming",
    "过户实名": "Transfer and real-name registration",
    "携号转网": "Number portability",
    "宽带装移拆": "Broadband installation and removal",
    "补换卡": "SIM replacement",
    "跨区办理": "Service in another region",
    "网络质量": "Network quality",
    "室内弱覆盖": "Weak indoor coverage",
    "室外弱覆盖": "Weak outdoor coverage",
    "掉话": "Dropped calls",
    "数据慢": "Slow data",
    "VoLTE": "VoLTE",
    "宽带故障": "Broadband fault",
    "大面积中断": "Large outage",
    "服务态度与服务规范": "Service conduct",
    "热线服务": "Hotline service",
    "营业厅服务": "Shop service",
    "装维人员服务": "Technicians' service",
    "推诿拖延": "Passing the buck and delay",
    "承诺未履行": "Broken promise",
    "信息安全": "Information security",
    "垃圾短信": "Spam messages",
    "骚扰电话": "Nuisance calls",
    "误停机": "Wrongly suspended",
    "个人信息泄露": "Leak of personal data",
    "政企与集团": "Business customers",
    "专线": "Leased lines",
    "集团产品": "Group products",
    "集团短信": "Group messaging",
    "物联卡": "IoT cards",
    "电子渠道": "Electronic channels",
    "APP": "App",
    "充值": "Top-up",
    "积分": "Loyalty points",
    "网上营业厅": "Online shop",
    "终端与合约": "Devices and contracts",
    "合约机": "Contract phones",
    "合约违约": "Breach of contract",
    "终端质量": "Device quality",
    "终端售后": "Device after-sales service",
    "企业形象": "Company image",
    "门店形象": "Shops",
    "员工形象": "Staff",
    "施工扰民": "Construction nuisance",
    "基站选址": "Base station siting",
}
"""The English name of each head and leaf."""

HEAD_ANSWERED_BY: dict[str, str] = {
    "资费与收费争议": BRANCH,
    "营销宣传": BRANCH,
    "业务办理": BRANCH,
    "网络质量": "WL",
    "服务态度与服务规范": BRANCH,
    "信息安全": "XA",
    "政企与集团": "ZQ",
    "电子渠道": "DQ",
    "终端与合约": "ZD",
    "企业形象": BRANCH,
}
"""Who usually answers a complaint that names a head and no leaf."""

FOCUS_HEADS: frozenset[str] = frozenset({"服务态度与服务规范", "业务办理"})
"""The two heads that 六(一)1 emphasises (R38)."""


def usually_answered_by(head: str, leaf: str = "") -> str:
    """The unit code (or BRANCH) that the catalogue suggests; KeyError for an unknown category."""
    return dict(CATEGORIES[head])[leaf] if leaf else HEAD_ANSWERED_BY[head]
