"""Answer templates that the demo's supervisor keeps: name, use, category ("" is every one), text."""

TEMPLATES = (
    (
        "退费已办", "reply", "资费与收费争议",
        "您好，您反映的问题（编号 {number}）已由{unit}核查，多收的费用已退还，请以下期账单为准。非常抱歉。",
    ),
    (
        "网络已优化", "reply", "网络质量",
        "您好，您反映的问题（编号 {number}）已由{unit}到现场测试并完成优化。如仍有不便，请随时拨打客服热线。",
    ),
    ("致歉", "reply", "", "您好，您于{received}反映的问题（编号 {number}）已处理完毕，为此给您带来的不便深表歉意。"),
    (
        "费用核查结果", "answer", "资费与收费争议",
        "经核查账单与办理记录：\n1.\n2.\n处理：{today}已为客户办理退费，金额    元。",
    ),
    ("核查情况", "answer", "", "{unit}已于{today}核实，情况如下："),
)  # fmt: skip
