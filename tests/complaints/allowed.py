"""What the contract allows, written from its tables by hand: who may do what in which position, who holds it then."""

from __future__ import annotations

PEOPLE = (
    "kf.agent", "kf.agent2", "kf.supervisor", "kf.head", "sc.officer", "sc.leader",
    "wh.contact", "wh.deputy", "wh.zhang", "wh.li", "wh.leader", "wh.head",
    "yc.contact", "yc.chen", "yc.head", "zd.head", "sj.auditor", "sj.plain",
)  # fmt: skip
"""One of each role, of the unit concerned (WH) and of others; wh.zhang is the handler, yc.chen the forwarder."""

AGENTS = {"kf.agent", "kf.agent2", "kf.supervisor"}
SUPERVISOR = {"kf.supervisor"}
CONTACTS = {"wh.contact", "wh.deputy"}
HANDLER = {"wh.zhang"}
LEADER = {"wh.leader"}
CONVENERS = HANDLER | LEADER
INVITED = {"yc.contact", "yc.chen", "yc.head"}
MARKETING = {"sc.officer", "sc.leader"}
EVERYBODY = set(PEOPLE)

ALWAYS_WITH_A_ROUND = {"escalate": AGENTS, "chase": AGENTS}
WITH_THE_HANDLER = ALWAYS_WITH_A_ROUND | {
    "propose_solution": HANDLER, "answer": HANDLER, "contact_customer": HANDLER,
    "convene": CONVENERS, "request_extension": HANDLER, "extend": AGENTS, "submit_for_review": HANDLER,
}  # fmt: skip
AT_THE_TABLE = {verb: people for verb, people in WITH_THE_HANDLER.items() if verb != "convene"} | {
    "request_return": CONTACTS | HANDLER,
}  # fmt: skip
TO_AGREE = AT_THE_TABLE | {"record_tasks": CONVENERS, "call_off_coordination": CONVENERS}
TO_REPLY = {"reply": AGENTS, "escalate": AGENTS}
TO_DECIDE = {
    "dispatch": AGENTS, "archive_unsatisfied": SUPERVISOR, "escalate": AGENTS, "correct_satisfaction": SUPERVISOR,
}  # fmt: skip

ALLOWED: dict[str, dict[str, set[str]]] = {
    "new": {"forward": EVERYBODY, "register": AGENTS, "import_complaint": AGENTS},
    "forwarded": {"register": AGENTS, "escalate": AGENTS},
    "registered": {"handle_directly": AGENTS, "dispatch": AGENTS, "escalate": AGENTS},
    "handling": {"contact_customer": AGENTS, "judge_complete": AGENTS, "escalate": AGENTS},
    "delivered": ALWAYS_WITH_A_ROUND | {
        "hand_off": CONTACTS, "report_to_leader": CONTACTS, "request_return": CONTACTS, "extend": AGENTS,
    },
    "delivered to the head": ALWAYS_WITH_A_ROUND | {
        "hand_off": {"zd.head"}, "report_to_leader": set(), "request_return": {"zd.head"}, "extend": AGENTS,
    },
    "reported": ALWAYS_WITH_A_ROUND | {
        "name_handler": LEADER, "request_return": CONTACTS | LEADER, "extend": AGENTS,
    },
    "handed_off": WITH_THE_HANDLER | {"accept": HANDLER, "request_return": CONTACTS | HANDLER},
    "named by the leader": WITH_THE_HANDLER | {"accept": HANDLER, "request_return": CONTACTS | HANDLER | LEADER},
    "accepted": WITH_THE_HANDLER | {"request_return": CONTACTS | HANDLER},
    "convened": TO_AGREE,
    "recorded": TO_AGREE | {"confirm_task": INVITED},
    "silent at the table": TO_AGREE | {"confirm_task": INVITED, "conclude_coordination": CONVENERS},
    "confirmed": TO_AGREE | {"conclude_coordination": CONVENERS},
    "concluded": AT_THE_TABLE | {"finish_task": INVITED},
    "finished": AT_THE_TABLE | {"convene": CONVENERS},
    "returned with an open task": {
        "handle_directly": AGENTS, "dispatch": AGENTS, "escalate": AGENTS, "finish_task": INVITED,
    },
    "more time asked": WITH_THE_HANDLER | {"request_return": CONTACTS | HANDLER, "decline_extension": AGENTS},
    "more time granted": {
        verb: people for verb, people in WITH_THE_HANDLER.items() if verb not in ("extend", "request_extension")
    } | {"request_return": CONTACTS | HANDLER},
    "under review": {
        verb: people for verb, people in WITH_THE_HANDLER.items() if verb not in ("answer", "submit_for_review")
    } | {
        "request_return": CONTACTS | HANDLER, "withdraw_review": HANDLER,
        "approve_answer": LEADER, "send_back_answer": LEADER,
    },
    "sent back by the leader": WITH_THE_HANDLER | {"request_return": CONTACTS | HANDLER},
    "return_requested": ALWAYS_WITH_A_ROUND | {"rule_on_return": AGENTS},
    "return requested late": ALWAYS_WITH_A_ROUND | {"rule_on_return": SUPERVISOR},
    "return not accepted": WITH_THE_HANDLER | {"accept": HANDLER},
    "returned": {"handle_directly": AGENTS, "dispatch": AGENTS, "escalate": AGENTS},
    "returned twice": {"handle_directly": AGENTS, "dispatch": SUPERVISOR, "escalate": AGENTS},
    "dispatched as a ruling": WITH_THE_HANDLER | {"accept": HANDLER},
    "answered": ALWAYS_WITH_A_ROUND | {"judge_complete": AGENTS},
    "judged incomplete": WITH_THE_HANDLER,
    "completed": TO_REPLY | {"ask_material": AGENTS},
    "material asked": TO_REPLY | {"give_material": CONTACTS | HANDLER | LEADER | {"wh.head"}},
    "completed, for the forwarder": {"reply": {"yc.chen"}, "escalate": AGENTS},
    "completed by a unit, for the forwarder": {
        "reply": {"yc.chen"}, "escalate": AGENTS, "ask_material": {"yc.chen"},
    },
    "completed, forwarded but no VIP": TO_REPLY,
    "completed, a VIP's own call": TO_REPLY | {"ask_material": AGENTS},
    "replied": {"record_satisfaction": AGENTS, "rate_reply": set(), "escalate": AGENTS},
    "unsatisfied": TO_DECIDE,
    "unsatisfied after two returns": TO_DECIDE | {"dispatch": SUPERVISOR},
    "archived": {"correct_satisfaction": SUPERVISOR},
    "archived unsatisfied": {},
    "criticism proposed": WITH_THE_HANDLER | {
        "accept": HANDLER, "request_return": CONTACTS | HANDLER, "decide_criticism": MARKETING,
    },
}  # fmt: skip

# Mistakes and absence

OUTSIDE_ASKS = {"answer_outside_case": AGENTS, "drop_outside_case": SUPERVISOR}
SET_RIGHT = {
    "correct": AGENTS, "set_flags": AGENTS, "mark_duplicate": AGENTS, "withdraw": AGENTS, "record_outside_case": AGENTS,
}  # fmt: skip
BY_MARKETING = {"chase": AGENTS | MARKETING, "set_flags": AGENTS | MARKETING}
EXCUSES = {
    "propose_excuse": SUPERVISOR | {"sc.officer", "sc.leader"},
    "confirm_excuse": {"sc.leader"}, "reject_excuse": {"sc.leader"},
    "set_aside_lead": SUPERVISOR, "restore_lead": SUPERVISOR,
}  # fmt: skip
UNREACHABLE = {"record_attempt": AGENTS, "archive_unreachable": AGENTS}
BEFORE_HANDOVER = {"recall": AGENTS, "record_told": CONTACTS}
AWAY = {"reassign": CONTACTS | LEADER | {"wh.head"}}

POSITIONS_LATER: dict[str, dict[str, set[str]]] = {
    "call back planned": ALLOWED["accepted"] | {
        "finish_call_back": HANDLER, "move_call_back": AGENTS | HANDLER, "cancel_call_back": AGENTS | HANDLER,
    },
    "cancelled": ALLOWED["registered"],
    "asked from outside": ALLOWED["delivered"] | OUTSIDE_ASKS,
    "archived, asked from outside": ALLOWED["archived"] | OUTSIDE_ASKS,
    "told by telephone": ALLOWED["delivered"] | {"confirm_told": HANDLER, "deny_told": HANDLER},
    "handed off late": ALLOWED["handed_off"],
    "excuse proposed": ALLOWED["handed_off"],
    "lead set aside": ALLOWED["handed_off"],
    "reassigned": ALLOWED["handed_off"] | {
        "accept": {"wh.li"}, "propose_solution": {"wh.li"}, "answer": {"wh.li"}, "contact_customer": {"wh.li"},
        "request_return": CONTACTS | {"wh.li"}, "request_extension": {"wh.li"}, "submit_for_review": {"wh.li"},
        "convene": {"wh.li", "wh.leader"},
    },
    "report reassigned": ALLOWED["reported"] | {
        "name_handler": {"wh.head"}, "request_return": CONTACTS | {"wh.head"},
    },
    "reply reassigned": {"reply": {"yc.head"}, "escalate": AGENTS},
    "three attempts made": ALLOWED["replied"],
    "withdrawn": {},
    "a duplicate": {},
    "coordinated, registered": ALLOWED["registered"],
    "coordinated, delivered": ALLOWED["delivered"] | {"convene": MARKETING},
    "coordinated, reported": ALLOWED["reported"] | {"convene": MARKETING},
    "coordinated, accepted": ALLOWED["accepted"] | {"convene": CONVENERS | MARKETING},
    "coordinated, convened": ALLOWED["delivered"] | dict.fromkeys(("record_tasks", "call_off_coordination"), MARKETING),
    "coordinated, recorded": ALLOWED["delivered"] | {"confirm_task": INVITED}
    | dict.fromkeys(("record_tasks", "call_off_coordination"), MARKETING),
    "coordinated, confirmed": ALLOWED["delivered"]
    | dict.fromkeys(("record_tasks", "call_off_coordination", "conclude_coordination"), MARKETING),
    "coordinated, return requested": ALLOWED["return_requested"],
    "dispatched again": ALLOWED["delivered"],
}  # fmt: skip
ALLOWED |= POSITIONS_LATER

OF_THE_POSITION: dict[str, dict[str, set[str]]] = {
    "delivered": {"recall": AGENTS, "record_told": CONTACTS},
    "told by telephone": {"recall": AGENTS},
    "delivered to the head": {"recall": AGENTS, "record_told": {"zd.head"}},
    **dict.fromkeys(
        (
            "coordinated, delivered", "coordinated, convened", "coordinated, recorded", "coordinated, confirmed",
            "dispatched again", "asked from outside",
        ),
        BEFORE_HANDOVER,
    ),
    "coordinated, reported": {"recall": AGENTS, "reassign_report": {"wh.head"}},
    "reported": {"recall": AGENTS, "reassign_report": {"wh.head"}},
    "report reassigned": {"recall": AGENTS, "reassign_report": {"wh.head"}},
    **dict.fromkeys(
        (
            "under review", "sent back by the leader",
            "handed_off", "named by the leader", "accepted", "return not accepted", "dispatched as a ruling",
            "judged incomplete", "handed off late", "excuse proposed", "lead set aside", "reassigned", "convened",
            "recorded", "silent at the table", "confirmed", "concluded", "finished", "coordinated, accepted",
            "more time asked", "more time granted", "criticism proposed", "call back planned",
        ),
        AWAY,
    ),
    **dict.fromkeys(
        (
            "completed", "material asked", "completed, forwarded but no VIP", "completed, a VIP's own call", "replied",
            "three attempts made",
        ),
        UNREACHABLE,
    ),
    "completed, for the forwarder": UNREACHABLE | {"record_attempt": {"yc.chen"}, "reassign_reply": SUPERVISOR},
    "completed by a unit, for the forwarder": UNREACHABLE | {
        "record_attempt": {"yc.chen"}, "reassign_reply": SUPERVISOR,
    },
    "reply reassigned": UNREACHABLE | {"record_attempt": {"yc.head"}, "reassign_reply": SUPERVISOR},
}  # fmt: skip
OVER = {"archived", "archived, asked from outside", "archived unsatisfied", "withdrawn", "a duplicate"}
NOT_BEGUN = {"new", "forwarded"}
COORDINATED = {position for position in ALLOWED if position.startswith("coordinated")} | {"return requested late"}
# Conversation

OF_THE_UNIT = CONTACTS | {"wh.head"}
HANDLED = OF_THE_UNIT | HANDLER | LEADER
FORWARDER = {"yc.chen"}

IN_HAND: dict[str, set[str]] = {
    "delivered to the head": {"zd.head"},
    "reassigned": HANDLED | {"wh.li"},
    **dict.fromkeys(
        (
            "delivered", "told by telephone", "coordinated, delivered", "coordinated, convened",
            "coordinated, recorded", "coordinated, confirmed", "dispatched again", "asked from outside",
        ),
        OF_THE_UNIT,
    ),
    **dict.fromkeys(("reported", "report reassigned", "coordinated, reported"), OF_THE_UNIT | LEADER),
}  # fmt: skip
"""The people of the round in hand, where they aren't all of HANDLED."""

NONE_IN_HAND = {
    "forwarded", "registered", "handling", "returned", "returned twice", "returned with an open task", "cancelled",
    "coordinated, registered", "completed, for the forwarder", "completed, forwarded but no VIP", "reply reassigned",
}  # fmt: skip

JUDGED = {
    "completed", "material asked", "completed by a unit, for the forwarder", "completed, a VIP's own call", "replied",
    "unsatisfied", "unsatisfied after two returns", "three attempts made",
}  # fmt: skip
"""Positions in which nobody handles it any more, although its round is in hand."""

AT_A_TABLE = {
    "convened", "recorded", "silent at the table", "confirmed", "concluded", "finished", "returned with an open task",
    "coordinated, convened", "coordinated, recorded", "coordinated, confirmed",
}  # fmt: skip

FORWARDED_BY = {
    "forwarded", "completed, for the forwarder", "completed by a unit, for the forwarder",
    "completed, forwarded but no VIP", "reply reassigned",
}  # fmt: skip

OWES_REPLY: dict[str, set[str]] = {
    "completed, for the forwarder": FORWARDER, "completed by a unit, for the forwarder": FORWARDER,
    "reply reassigned": {"yc.head"},
}  # fmt: skip


def conversation_at(position: str) -> dict[str, set[str]]:
    """Who may add a note, take down what the customer adds, and promise a call."""
    in_hand: set[str] = set() if position in NONE_IN_HAND else IN_HAND.get(position, HANDLED)
    handles: set[str] = set() if position in JUDGED else {"wh.li"} if position == "reassigned" else HANDLER & in_hand
    invited: set[str] = INVITED if position in AT_A_TABLE else set()
    office: set[str] = MARKETING if position in COORDINATED else set()
    talks = AGENTS | handles | OWES_REPLY.get(position, set())
    calls: dict[str, set[str]] = {"plan_call_back": talks}
    if position in ("forwarded", "call back planned"):
        calls = {}
    return calls | {
        "add_note": AGENTS | in_hand | invited | office,
        "supplement": talks | (FORWARDER if position in FORWARDED_BY else set()),
    }


SAID_NO = {"unsatisfied", "unsatisfied after two returns", "dispatched again"}

for _position in ALLOWED:
    ALLOWED[_position] = ALLOWED[_position] | OF_THE_POSITION.get(_position, {})
    if _position not in NOT_BEGUN:
        ALLOWED[_position] |= EXCUSES if _position in OVER else EXCUSES | SET_RIGHT
    if _position in COORDINATED:
        ALLOWED[_position] |= {verb: may for verb, may in BY_MARKETING.items() if verb in ALLOWED[_position]}
    if _position not in OVER | {"new"}:
        ALLOWED[_position] |= conversation_at(_position)
    if _position in SAID_NO:
        ALLOWED[_position] |= {"withdraw": SUPERVISOR}

OFFERED = {*EXCUSES, "archive_unreachable"}
"""Verbs whose button stands only where there is something to do it to."""

TOO_LATE = {"criticism proposed"}
"""Positions in which the limit is over."""

READY = {
    "archive_unreachable": {"three attempts made"},
    "propose_excuse": {"handed off late", "lead set aside", "silent at the table", *TOO_LATE},
    "set_aside_lead": {"handed off late", "excuse proposed", *TOO_LATE},
    "restore_lead": {"lead set aside"},
    "confirm_excuse": {"excuse proposed"}, "reject_excuse": {"excuse proposed"},
    "record_outside_case": set(ALLOWED) - {"asked from outside"},
    "extend": set(ALLOWED) - TOO_LATE, "request_extension": set(ALLOWED) - TOO_LATE,
}  # fmt: skip
"""Verbs that ask for more than person and state, and the positions in which they find it."""

HOLDER: dict[str, str | None] = {
    "new": None, "forwarded": None, "registered": "kf.agent", "handling": "kf.agent",
    "delivered": "wh.contact", "delivered to the head": "zd.head", "reported": "wh.leader",
    "handed_off": "wh.zhang", "named by the leader": "wh.zhang", "accepted": "wh.zhang",
    "silent at the table": "wh.zhang",
    "convened": "wh.zhang", "recorded": "wh.zhang", "confirmed": "wh.zhang", "concluded": "wh.zhang",
    "finished": "wh.zhang", "returned with an open task": "kf.agent", "more time asked": "wh.zhang",
    "more time granted": "wh.zhang",
    "under review": "wh.leader", "sent back by the leader": "wh.zhang", "material asked": "kf.agent",
    "completed by a unit, for the forwarder": "yc.chen",
    "return_requested": "kf.agent", "return requested late": "kf.agent", "return not accepted": "wh.zhang",
    "returned": "kf.agent", "returned twice": "kf.agent", "dispatched as a ruling": "wh.zhang",
    "answered": "kf.agent", "judged incomplete": "wh.zhang", "completed": "kf.agent",
    "completed, for the forwarder": "yc.chen", "completed, forwarded but no VIP": "kf.agent",
    "completed, a VIP's own call": "kf.agent", "replied": "kf.agent", "unsatisfied": "kf.agent",
    "unsatisfied after two returns": "kf.supervisor", "archived": None, "archived unsatisfied": None,
    "criticism proposed": "wh.zhang",
    "cancelled": "kf.agent", "told by telephone": "wh.contact", "handed off late": "wh.zhang",
    "excuse proposed": "wh.zhang", "lead set aside": "wh.zhang", "reassigned": "wh.li", "report reassigned": "wh.head",
    "reply reassigned": "yc.head", "three attempts made": "kf.agent", "withdrawn": None, "a duplicate": None,
    "coordinated, registered": "kf.agent", "coordinated, delivered": "wh.contact", "coordinated, reported": "wh.leader",
    "coordinated, accepted": "wh.zhang", "coordinated, convened": "wh.contact", "coordinated, recorded": "wh.contact",
    "coordinated, confirmed": "wh.contact", "coordinated, return requested": "kf.agent",
    "dispatched again": "wh.contact", "call back planned": "wh.zhang", "asked from outside": "wh.contact",
    "archived, asked from outside": "kf.agent",
}  # fmt: skip
