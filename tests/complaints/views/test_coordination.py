"""Coordination on the screen: its card, its minutes, its forms and lists, each to the right people."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.gate.sweeper import sweep
from accountability.models import actor_for
from complaints.lists.worklists import complaints_of, lists_of
from complaints.models import Cooperation

TASKS = [
    {"unit": "YC", "task": "提供合约原件，客户13871234567。", "due": "2026-11-24 15:00"},
    {"unit": "WL", "task": "核对计费配置。", "due": "2026-11-24 18:00"},
]
READ_ALL = ["kf.agent", "kf.head", "sc.officer", "sj.auditor", "wh.zhang", "wh.leader", "wh.contact", "wh.head"]


def page(client, complaint, path=""):
    return client.get(f"/complaints/{complaint.matter.number}/{path}")


def minutes(client, complaint, place=1):
    return page(client, complaint, f"coordinations/{place}/minutes/")


@pytest.fixture
def concluded(play):
    complaint = play("convene", "wh.zhang", play.upto("accepted"), units=["YC", "WL"], problem="归档不一致。")
    complaint = play(
        "record_tasks", "wh.zhang", complaint, tasks=TASKS, attendees=["wh.zhang", "yc.chen", "wl.zhao"],
        third_parties="某银行",
    )  # fmt: skip
    complaint = play("confirm_task", "yc.contact", complaint, unit="YC", handler="yc.chen", objection="职责不清。")
    complaint = play("confirm_task", "wl.zhao", complaint, unit="WL")
    return play("conclude_coordination", "wh.zhang", complaint)


@pytest.mark.parametrize("username", READ_ALL)
def test_who_sees_the_round_sees_every_units_line(concluded, client_for, username):
    shown = page(client_for(username), concluded)
    (table,) = shown.context["tables"]
    assert [share.task for share in table.shares] == ["提供合约原件，客户138****4567。", "核对计费配置。"]
    assert (table.is_whole, table.third_parties, table.shares[0].objection) == (True, "某银行", "职责不清。")
    assert [share.deadline.party for share in table.shares] == ["YC", "WL"]
    assert [person.username for person in table.attendees] == ["wh.zhang", "yc.chen", "wl.zhao"]


@pytest.mark.rule("R31")
@pytest.mark.parametrize(("username", "task", "seated"), [("yc.leader", 0, "yc.chen"), ("wl.contact", 1, "wl.zhao")])
def test_an_invited_unit_sees_its_own_line_and_nothing_of_the_round(
    concluded, client_for, cast, username, task, seated
):
    shown = page(client_for(username), concluded)
    (table,) = shown.context["tables"]
    assert [share.part.unit.code for share in table.shares] == [TASKS[task]["unit"]]
    assert (table.is_whole, table.third_parties, [p.username for p in table.attendees]) == (False, "", [seated])
    assert shown.context["papers"] == []
    known = [(d.kind, d.party) for d in shown.context["story"].deadlines]
    assert known == [(kind, TASKS[task]["unit"]) for kind in ("confirmation", "cooperation")]
    assert TASKS[1 - task]["task"][:6] not in shown.content.decode()


def test_the_timeline_tells_an_invited_unit_its_own_share(concluded, client_for):
    told = {entry["title"]: entry["text"] for entry in page(client_for("yc.chen"), concluded).context["entries"]}
    assert {str(title): text for title, text in told.items() if str(title) != "登记受理"} == {
        "召集协调": "需要协调的问题：归档不一致。",
        "书面明确责任": "责任与任务：\n提供合约原件，客户138****4567。",
        "确认任务": "单位：宜昌分公司\n配合处理人：陈峡\n异议：职责不清。",
        "议定协调": "",
    }


def test_the_timeline_tells_the_round_who_sits_where(concluded, client_for):
    told = {str(e["title"]): e["text"] for e in page(client_for("wh.zhang"), concluded).context["entries"]}
    assert told["召集协调"] == "邀请单位：宜昌分公司、网络部\n需要协调的问题：归档不一致。"
    assert "网络部：核对计费配置。（2026-11-24 18:00）" in told["书面明确责任"]


def test_a_table_one_was_not_invited_to_is_not_told(play, concluded, client_for):
    complaint = play("finish_task", "yc.chen", concluded)
    complaint = play("finish_task", "wl.zhao", complaint, unit="WL")
    complaint = play("convene", "wh.zhang", complaint, units=["ZD"], problem="终端批次问题。")
    for username, problems in (("yc.chen", ["归档不一致。"]), ("zd.zhou", ["终端批次问题。"])):
        shown = page(client_for(username), complaint)
        assert [table.problem for table in shown.context["tables"]] == problems
        told = [entry["text"] for entry in shown.context["entries"] if str(entry["title"]) == "召集协调"]
        assert told == [f"需要协调的问题：{problem}" for problem in problems]
    both = page(client_for("kf.agent"), complaint).context["tables"]
    assert [(table.place, table.problem) for table in both] == [(2, "终端批次问题。"), (1, "归档不一致。")]
    assert [minutes(client_for("zd.zhou"), complaint, place).status_code for place in (1, 2, 3)] == [404, 200, 404]


@pytest.mark.rule("R30")
def test_the_minutes_name_convener_people_tasks_and_confirmations(concluded, cast, client_for):
    text = minutes(client_for("wh.zhang"), concluded).content.decode()
    expected = [
        concluded.matter.number, "武汉分公司", cast["wh.zhang"].name, "归档不一致。", "某银行",
        "提供合约原件，客户138****4567。", "核对计费配置。", "职责不清。", "2026-11-24 15:00", "2026-11-24 18:00",
        cast["yc.chen"].name, cast["yc.leader"].name,
    ]  # fmt: skip
    assert [said for said in expected if said not in text] == []


@pytest.mark.parametrize(
    ("username", "status"),
    [*((name, 200) for name in READ_ALL), ("yc.chen", 200), ("wl.zhao", 200), ("zd.head", 404), ("wh.li", 404)],
)
def test_who_reads_the_minutes(concluded, client_for, username, status):
    assert minutes(client_for(username), concluded).status_code == status


def test_an_invited_units_copy_has_its_own_line_alone(concluded, client_for):
    text = minutes(client_for("yc.contact"), concluded).content.decode()
    assert [word for word in ("提供合约原件", "本件只列本单位的任务。") if word not in text] == []
    assert [word for word in ("核对计费配置", "某银行", "网络部") if word in text] == []


@pytest.mark.parametrize(
    ("state", "by", "expected"),
    [
        ("convened", "wh.zhang", ["record_tasks"]), ("convened", "kf.agent", []), ("recorded", "wh.zhang", []),
        ("confirmed", "wh.zhang", ["conclude_coordination"]), ("concluded", "wh.zhang", []),
    ],
)  # fmt: skip
def test_the_next_step_stands_at_the_table_itself(play, client_for, state, by, expected):
    complaint = play.upto(state)
    shown = page(client_for(by), complaint)
    assert [step.name for step in shown.context["table_steps"]] == expected
    card = shown.content.decode().partition('id="coordination-1"')[2].partition("</section>")[0]
    assert [name for name in ("record_tasks", "conclude_coordination") if f"/{name}/" in card] == expected


def test_other_units_tasks_do_not_hide_the_handlers_own_limit(play, client_for):
    """Two cooperating units under nearer limits than the handler's."""
    complaint = play.upto("accepted")
    complaint = play("convene", "wh.zhang", complaint, units=["YC", "WL"])
    tasks = [{"unit": code, "task": "核对记录", "due": "2026-11-24 15:00"} for code in ("YC", "WL")]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks)
    for code, by in (("YC", "yc.contact"), ("WL", "wl.contact")):
        complaint = play("confirm_task", by, complaint, unit=code)
    complaint = play("conclude_coordination", "wh.zhang", complaint)
    clocks = page(client_for("wh.zhang"), complaint).context["first_clocks"]
    assert [clock.kind for clock in clocks] == ["cooperation", "handling"]


# Forms


def post(client, complaint, verb, **data):
    return client.post(f"/complaints/{complaint.matter.number}/{verb}/", data)


def test_everything_can_be_done_from_the_pages(play, client_for):
    """Convene by boxes, record a row a unit, confirm, conclude, finish: the own unit needn't be named."""
    complaint = play.upto("accepted")
    handler, invited = client_for("wh.zhang"), client_for("yc.chen")
    assert post(handler, complaint, "convene", units=["YC"], problem="归档不一致。").status_code == 302
    form = page(handler, complaint, "record_tasks/").content.decode()
    assert [
        name for name in ("tasks-YC-task", "tasks-YC-due", "attendees_likely") if f'name="{name}"' not in form
    ] == []
    data = {"tasks-YC-task": "提供合约原件", "attendees_likely": ["wh.zhang"], "attendees_others": "yc.chen"}
    kept = post(handler, complaint, "record_tasks", **data)
    assert (kept.status_code, "请填写宜昌分公司的完成期限。" in kept.content.decode()) == (422, True)
    assert "提供合约原件</textarea>" in kept.content.decode()
    assert post(handler, complaint, "record_tasks", **data, **{"tasks-YC-due": "2026-11-24T15:00"}).status_code == 302
    own = '<input type="hidden" name="unit" value="YC"'
    assert own in page(invited, complaint, "confirm_task/").content.decode()
    assert post(invited, complaint, "confirm_task", unit="YC").status_code == 302
    assert post(handler, complaint, "conclude_coordination").status_code == 302
    assert own in page(invited, complaint, "finish_task/").content.decode()
    assert post(invited, complaint, "finish_task", unit="YC", result="已上传。").status_code == 302
    did = Cooperation.objects.values_list("handler__username", "finished_by__username")
    assert list(did) == [("yc.chen", "yc.chen")]


def test_a_record_is_written_anew_from_what_it_says(play, client_for):
    complaint = play.upto("recorded")
    form = page(client_for("wh.zhang"), complaint, "record_tasks/").content.decode()
    expected = ["提供合约原件。</textarea>", 'value="2026-11-24T15:00"', 'value="wh.zhang"']
    assert [said for said in expected if said not in form] == []
    ticked = re.findall(r'name="attendees_likely" value="([^"]+)"[^>]* checked', form)
    assert ticked == ["wh.zhang"]


def test_an_extension_is_granted_with_one_click_as_it_was_asked_for(play, client_for):
    complaint = play("request_extension", "wh.zhang", play.upto("accepted"), until="2026-11-27 24:00")
    agent = client_for("kf.agent")
    grant = page(agent, complaint).context["grant"]
    data = {name: grant[name].value() for name in ("_key", "_seen", "round", "until", "reason")}
    assert data["until"] == "2026-11-27 24:00"
    assert post(agent, complaint, "extend", **data).status_code == 302
    shown = page(agent, complaint)
    assert shown.context["grant"] is None
    assert [
        word for word in ("2026-11-27 24:00", "同意首问责任部门的延期申请。") if word not in shown.content.decode()
    ] == []


def test_only_who_may_grant_is_offered_it(play, client_for):
    complaint = play("request_extension", "wh.zhang", play.upto("accepted"))
    assert [page(client_for(name), complaint).context["grant"] for name in ("wh.zhang", "sc.officer")] == [None, None]


# Lists


def lists_with(play, username):
    actor = actor_for(play.cast[username].pk, play.now.at)
    assert actor is not None
    names = ("to_confirm", "to_finish", "record_tasks", "conclude_coordination")
    return [w.name for w in lists_of(actor, play.now.at) if w.name in names and complaints_of(w, actor).exists()]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("convened", {"wh.zhang": ["record_tasks"], "wh.leader": ["record_tasks"], "yc.contact": []}),
        ("recorded", {"wh.zhang": [], "yc.contact": ["to_confirm"], "yc.head": ["to_confirm"], "yc.chen": []}),
        ("confirmed", {"wh.zhang": ["conclude_coordination"], "yc.contact": [], "wh.li": []}),
        ("concluded", {"wh.zhang": [], "yc.contact": ["to_finish"], "yc.head": ["to_finish"], "wl.contact": []}),
        ("finished", {"wh.zhang": [], "yc.contact": [], "yc.head": []}),
    ],
)
def test_whose_desk_it_waits_on(play, state, expected):
    play.upto(state)
    assert {username: lists_with(play, username) for username in expected} == expected


def test_the_invited_units_line_has_its_own_clock_and_the_intake(play, concluded, client_for):
    desk = client_for("yc.chen").get("/").context["desk"]
    (line,) = next(laid.rows for laid in desk if laid.section.work.name == "to_finish")
    assert (line.clock.kind, line.clock.party, line.category, line.knows_present) == (
        "cooperation", "YC", "资费与收费争议", False,
    )  # fmt: skip


@pytest.mark.parametrize("username", ["kf.agent", "wh.zhang", "yc.chen"])
def test_a_page_takes_as_many_queries_for_many_tables_as_for_one(play, client_for, username):
    def queries(complaint):
        client = client_for(username)
        page(client, complaint)  # the notices of it are read from now on: only the first time writes that
        with CaptureQueriesContext(connection) as caught:
            page(client, complaint)
        return len(caught)

    complaint = play.upto("finished")
    once = queries(complaint)
    for _again in range(3):
        for verb, by in (
            ("convene", "wh.zhang"), ("record_tasks", "wh.zhang"), ("confirm_task", "yc.chen"),
            ("conclude_coordination", "wh.zhang"), ("finish_task", "yc.chen"),
        ):  # fmt: skip
            complaint = play(verb, by, complaint)
    assert queries(complaint) == once


@pytest.mark.rule("R30")
def test_a_unit_that_was_silent_is_shown_as_counting_as_confirmed(play, client_for, now):
    complaint = play("convene", "wh.zhang", play.upto("accepted"), units=["YC"])
    complaint = play("record_tasks", "wh.zhang", complaint)
    for username in ("wh.zhang", "yc.chen"):
        (table,) = page(client_for(username), complaint).context["tables"]
        (share,) = table.shares
        assert (share.deadline.kind, share.deadline.status, table.stage) == ("confirmation", "open", "recorded")
    sweep(now.forward(hours=3))
    shown = page(client_for("wh.zhang"), complaint)
    assert shown.context["tables"][0].stage == "confirmed"
    assert "逾期未确认，视为确认" in shown.content.decode()
    assert [step.name for step in shown.context["table_steps"]] == ["conclude_coordination"]
    invited = client_for("yc.chen")
    assert "视为确认" in minutes(invited, complaint).content.decode()
    assert post(invited, complaint, "confirm_task", unit="YC").status_code == 302
    written = minutes(invited, complaint).content.decode()
    assert ("视为确认" in written, "待确认" in written) == (True, False)


@pytest.mark.rule("R30")
def test_silence_moves_the_table_from_the_units_list_to_the_conveners(play, now):
    complaint = play("record_tasks", "wh.zhang", play("convene", "wh.zhang", play.upto("accepted"), units=["YC"]))
    assert [lists_with(play, name) for name in ("yc.contact", "wh.zhang")] == [["to_confirm"], []]
    sweep(now.forward(hours=3))
    assert [lists_with(play, name) for name in ("yc.contact", "wh.zhang")] == [[], ["conclude_coordination"]]
    play("conclude_coordination", "wh.zhang", complaint)
