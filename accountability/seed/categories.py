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
