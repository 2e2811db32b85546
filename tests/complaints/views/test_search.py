"""One box: what it finds by number, telephone number, name, unit and word; for whom, in which order, marked how."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from accountability.models import AccessLog, Alarm, Matter
from accountability.search import finders
from complaints.models import Complaint
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
EVERYBODY = ("kf.agent", "kf.supervisor", "kf.head", "sc.officer", "sj.auditor")


def ask(client: Client, q: str, **more: str) -> Any:
    return client.get(f"/search/?{urlencode({'q': q} | more)}")


def names(row: Any) -> str:
    """What a reader calls it by."""
    if isinstance(row, finders.FoundPaper):
        return row.paper.number
    row = getattr(row, "line", row)
    row = getattr(row, "complaint", getattr(row, "case", row)) if hasattr(row, "clock") else row
    return str(getattr(row, "matter", row))


def found(client: Client, q: str, **more: str) -> dict[str, list[str]]:
    """The numbers or names found, by kind."""
    groups = ask(client, q, **more).context["groups"]
    return {group.finder.name: [names(row) for row in group.page.rows] for group in groups}


def number(complaint: Complaint) -> str:
    return str(complaint.matter.number)


# What is found


@pytest.mark.parametrize(
    "asked", ["{n}", "{l}", " {n} ", "{p}", "{f}"], ids=["exact", "lower case", "blanks", "how it begins", "full width"]
)
def test_a_complaint_by_its_number(asked: str, play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    n = number(complaint)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in n)
    q = asked.format(n=n, l=n.lower(), p=n[:-2], f=wide)
    assert found(client_for("kf.agent"), q) == {"complaints": [n]}


def test_numbers_that_begin_alike_come_newest_first(play: Play, client_for: ClientFor) -> None:
    first, second = play.upto("registered"), play.upto("registered", phone="13900001111")
    assert found(client_for("kf.agent"), "TS2026") == {"complaints": [number(second), number(first)]}


def test_a_complaint_by_the_last_digits_of_the_customers_number(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("delivered")
    play.upto("registered", phone="13900001111")
    for username in (*EVERYBODY, "wh.contact"):
        assert found(client_for(username), "4567") == {"complaints": [number(complaint)]}


@pytest.mark.parametrize("last", [4, 5, 6])
def test_a_complaint_by_the_last_digits_of_its_own_number(last: int, play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("delivered")
    play.upto("registered", phone="13900001111")
    for username in (*EVERYBODY, "wh.contact"):
        assert found(client_for(username), number(complaint)[-last:]) == {"complaints": [number(complaint)]}
        assert not AccessLog.objects.filter(action="look_up").exists() or last == 4
    assert found(client_for("yc.contact"), number(complaint)[-last:]) == {}


# By a whole number: an unmasking

WHOLE = ("13871234567", "138 7123-4567", "+86 13871234567", "１３８７１２３４５６７")
REASON = {"purpose": "check", "reason": "客户来访核对身份"}


def by_number(client: Client, q: str = WHOLE[0], **more: str) -> Any:
    """The number is typed in the box, then the reason in the form that comes back."""
    form = client.get(client.post("/search/", {"q": q}).headers["Location"])
    return client.post("/search/", {"s": form.context["veiled"]} | REASON | more)


def numbers_in(response: Any) -> list[str]:
    return [names(row) for group in response.context["groups"] for row in group.page.rows]


@pytest.mark.compliance(13)
@pytest.mark.parametrize("username", ["kf.supervisor", "kf.head", "sc.officer"])
def test_who_may_unmask_finds_by_a_whole_number_for_a_reason(username: str, play: Play, client_for: ClientFor) -> None:
    complaint, client = play.upto("delivered"), client_for(username)
    play.upto("registered", phone="13900001111")
    for q in WHOLE:
        asked = ask(client, q)
        assert (asked.context["groups"], asked.context["reason_form"].is_bound) == ([], False)
        assert AccessLog.objects.filter(action="unmask").count() == WHOLE.index(q)
        assert numbers_in(by_number(client, q)) == [number(complaint)]
    rows = AccessLog.objects.filter(action="unmask").values_list("result", "actor__username", "detail")
    assert list(rows) == [("ok", username, "number check 客户来访核对身份")] * len(WHOLE)


@pytest.mark.compliance(13)
@pytest.mark.parametrize("username", ["kf.agent", "wh.contact", "wh.zhang", "sj.auditor", "sj.plain"])
@pytest.mark.usefixtures("sent_as_written")
def test_to_nobody_else_an_answer_tells_whether_a_number_is_there(
    username: str, play: Play, client_for: ClientFor
) -> None:
    """Otherwise the four digits that the mask hides are found by guessing."""
    play.upto("accepted")
    client = client_for(username)
    pages = []
    for q in (WHOLE[0], "13899994567"):
        with CaptureQueriesContext(connection) as captured:
            body = plain(client, q)
        assert not [query["sql"] for query in captured if "phone_digest" in query["sql"]]
        pages.append(re.sub(r"value=\"[^\"]*\"", "", body))
        forced = client.post("/search/", {"s": ask(client, q).context["veiled"]} | REASON)
        assert (forced.status_code, forced.context["groups"]) == (403, [])
    assert pages[0] == pages[1]
    assert AccessLog.objects.filter(action="unmask", result="refused").exists() == (username != "kf.agent")
    assert AccessLog.objects.filter(action="unmask", result="ok").count() == 0


def test_an_agent_is_sent_to_the_callers_number(play: Play, client_for: ClientFor) -> None:
    complaint, client = play.upto("delivered"), client_for("kf.agent")
    assert 'action="/complaints/lookup/"' in ask(client, WHOLE[0]).content.decode()
    assert number(complaint) in client.post("/complaints/lookup/", {"phone": WHOLE[0]}).content.decode()


@pytest.mark.parametrize("wrong", [{"reason": "核对"}, {"purpose": ""}, {"purpose": "lunch"}])
def test_without_a_reason_nothing_is_looked_for(wrong: dict[str, str], play: Play, client_for: ClientFor) -> None:
    play.upto("registered")
    answer = by_number(client_for("sc.officer"), **wrong)
    assert (answer.status_code, answer.context["groups"], bool(answer.context["reason_form"].errors)) == (422, [], True)
    assert AccessLog.objects.filter(action="unmask").count() == 0


@pytest.mark.compliance(13)
def test_searches_by_number_are_counted_alarmed_and_stopped_with_the_looks(play: Play, client_for: ClientFor) -> None:
    play.upto("registered")
    client = client_for("sc.officer")
    play("set_privacy_policy", "sc.leader", unmask_per_hour=2, unmask_stop_per_hour=3, reason="收紧")
    answers = [by_number(client, f"138{guess:04d}4567") for guess in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert Alarm.objects.filter(kind="unmasking", cleared_at=None).count() == 1
    stopped = by_number(client)
    assert (stopped.status_code, stopped.context["groups"]) == (429, [])
    assert "一小时内凭理由查看已达 3 次" in stopped.content.decode()


def test_digits_that_were_looked_up_are_noted_and_stand_nowhere(play: Play, client_for: ClientFor) -> None:
    play.upto("registered")
    client = client_for("kf.agent")
    ask(client, "扣费")
    response = ask(client, "4567")
    row = AccessLog.objects.get()
    assert (row.action, row.result, row.actor.username if row.actor else "", row.detail) == (
        "look_up", "ok", "kf.agent", "",
    )  # fmt: skip
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_name_that_was_found_is_noted_like_a_number_and_stands_nowhere(play: Play, client_for: ClientFor) -> None:
    play.upto("registered", customer="欧阳建国")
    client = client_for("kf.agent")
    for q in ("欧阳", "扣费", "欧阳建国", "欧阳建国"):
        ask(client, q)
    rows = AccessLog.objects.values_list("action", "result", "actor__username", "detail")
    assert list(rows) == [("look_up", "ok", "kf.agent", "")] * 2
    ask(client_for("wh.contact"), "欧阳建国")
    assert AccessLog.objects.count() == 2


@pytest.mark.parametrize("q", ["VoLTE", "ＶｏＬＴＥ", "5G", "５Ｇ", "②号", "2号楼"])
def test_wide_letters_and_digits_are_found_however_they_are_typed(q: str, play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered", content="ＶｏＬＴＥ 打不通，５Ｇ 也没有（②号楼）。")
    assert found(client_for("kf.agent"), q) == {"texts": [number(complaint)]}


def test_a_name_in_wide_letters_is_masked_however_it_was_taken_in(play: Play, client_for: ClientFor) -> None:
    play.upto("registered", customer="Ｔｏｍ", content="Tom 说没有信号。")
    play.upto("registered", customer="Bob", phone="13900001111", content="Ｂｏｂ 说没有信号。")
    client = client_for("kf.agent")
    assert [list(found(client, q)) for q in ("Tom 说", "Bob 说", "没有信号")] == [[], [], ["texts"]]


def test_where_more_match_than_are_looked_at_the_page_says_so(
    play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finders, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr("accountability.views.search.MOST_LOOKED_AT", 2)
    client, said = client_for("kf.agent"), "只看了最新的 2 条"
    told = []
    for phone in ("13900001111", "13900002222", "13900003333"):
        play.upto("registered", phone=phone, content="宽带断网。")
        told.append(said in ask(client, "断网").content.decode())
    assert told == [False, False, True]


def test_a_complaint_by_the_exact_name_and_by_no_part_of_it(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered", customer="欧阳建国")
    client = client_for("kf.agent")
    asked = {q: found(client, q) for q in ("欧阳建国", "欧阳", "建国", "欧阳建")}
    assert asked == {"欧阳建国": {"complaints": [number(complaint)]}, "欧阳": {}, "建国": {}, "欧阳建": {}}


def test_a_unit_by_its_name_or_code(cast: Any, client_for: ClientFor) -> None:
    client = client_for("sj.plain")
    assert [found(client, q) for q in ("武汉", "wl")] == [{"units": ["武汉分公司"]}, {"units": [str(cast.unit("WL"))]}]


@pytest.mark.parametrize("q", ["扣费", "两笔扣费", "五月账单", "要求退费。"])
def test_a_complaint_by_two_signs_and_more_of_what_was_said(q: str, play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    play.upto("registered", phone="13900001111", content="宽带三天没有修好。")
    assert found(client_for("kf.agent"), q) == {"texts": [number(complaint)]}


def test_signs_that_only_neighbour_elsewhere_are_no_match(play: Play, client_for: ClientFor) -> None:
    """Each pair of 扣费账单 stands in the text, the whole doesn't."""
    play.upto("registered", content="扣费，费账有误，账单未出。")
    assert found(client_for("kf.agent"), "扣费账单") == {}


def test_what_stands_in_patterns_of_the_database_is_taken_as_it_is(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered", content="优惠100%_没到账")
    client = client_for("kf.agent")
    assert [found(client, q) for q in ("0%_没", "优_100", "优%", r"\%")] == [{"texts": [number(complaint)]}, {}, {}, {}]


# Order and marks


def test_most_terms_first_then_the_newest(play: Play, client_for: ClientFor) -> None:
    phones = (f"1390000{place:04d}" for place in range(9))
    said = ("宽带断网。", "宽带断网，要求退费。", "要求退费。", "无关。")
    one, both, newest, _none = (number(play.upto("registered", phone=next(phones), content=text)) for text in said)
    assert found(client_for("kf.agent"), "断网　退费 退费") == {"texts": [both, newest, one]}


def test_terms_in_several_texts_of_one_complaint_count_together(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered", content="宽带断网。")
    other = play.upto("registered", phone="13900001111", content="要求退费。")
    play("dispatch", "kf.agent", complaint, reason="客户要求退费。")
    assert found(client_for("kf.agent"), "断网 退费") == {"texts": [number(complaint), number(other)]}


def test_number_hits_come_before_words(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    other = play.upto("registered", phone="13900001111", content=f"与{number(complaint)}同一件事。")
    groups = found(client_for("kf.agent"), number(complaint))
    assert list(groups.items()) == [("complaints", [number(complaint)]), ("texts", [number(other)])]


def test_matches_are_marked_and_everything_is_escaped(play: Play, client_for: ClientFor) -> None:
    play.upto("registered", content="<b>账单</b>多出<script>扣费</script>，再扣费&lt;")
    body = ask(client_for("kf.agent"), "扣费 <b>").content.decode()
    assert (
        "<mark>&lt;b&gt;</mark>账单&lt;/b&gt;多出&lt;script&gt;<mark>扣费</mark>&lt;/script&gt;，再<mark>扣费</mark>&amp;lt;"
        in body
    )
    assert 'value="扣费 &lt;b&gt;"' in body
    assert "<script>扣费" not in body


@pytest.mark.parametrize(
    ("text", "terms", "pieces"),
    [
        ("账单", [], [("账单", False)]),
        ("VoLTE断网", ["volte"], [("VoLTE", True), ("断网", False)]),
        ("断网断网", ["断网", "网断网"], [("断网", True), ("断网", True)]),
        ("甲" * 40 + "断网" + "乙" * 80, ["断网"],
         [("…", False), ("甲" * 36, False), ("断网", True), ("乙" * 72, False), ("…", False)]),
    ],
)  # fmt: skip
def test_pieces(text: str, terms: list[str], pieces: list[finders.Piece]) -> None:
    assert finders.marked(text, terms) == pieces


# For whom


def plain(client: Client, q: str) -> str:
    """The answer without what was asked and what differs from one request to the next."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(client, q))
    return body.replace(urlencode({"q": q}), "Q").replace(q, "Q")


def text_of(client: Client, q: str) -> str:
    return str(ask(client, q).content.decode())


ASKED = ("{n}", "{p}", "13871234567", "4567", "王建国", "扣费", "退费", "武汉办理", "王**")


@pytest.mark.rule("R40")
@pytest.mark.parametrize("username", ["yc.contact", "wh.li", "sj.plain", "yc.head"])
def test_nothing_foreign_is_found_and_the_answer_is_that_of_nonsense(
    username: str, play: Play, client_for: ClientFor
) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"), reason="王建国在武汉办理。")
    complaint = play("answer", "wh.zhang", play("hand_off", "wh.contact", complaint))
    client = client_for(username)
    for asked in ASKED:
        q = asked.format(n=number(complaint), p=number(complaint)[:8])
        nonsense = "TS1999" if "{" in asked else "9" * len(asked) if asked.isdigit() else "子虚乌有"
        assert plain(client, q) == plain(client, nonsense)
        assert q == "13871234567" or found(client_for("wh.contact"), q) != {}


def test_a_unit_finds_its_own_rounds_words_and_no_others(play: Play, client_for: ClientFor) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered", content="话费争议。"), reason="归属甲地。")
    complaint = play("request_return", "wh.contact", complaint, reason="非我甲方。", guidance="转乙方。")
    complaint = play(
        "dispatch", "kf.agent", play("rule_on_return", "kf.agent", complaint), unit="YC", reason="归属乙地。"
    )
    n = number(complaint)
    asked = ("话费争议", "归属甲地", "非我甲方", "归属乙地")
    seen = {
        name: [q for q in asked if found(client_for(name), q)] for name in ("wh.contact", "yc.contact", "wl.contact")
    }
    assert seen == {"wh.contact": list(asked[:3]), "yc.contact": ["话费争议", "归属乙地"], "wl.contact": []}
    assert found(client_for("yc.contact"), "归属甲地 归属乙地") == {"texts": [n]}


def test_a_forwarder_finds_what_they_forwarded_and_not_what_others_wrote(play: Play, client_for: ClientFor) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", content="话费争议。"))
    complaint = play("dispatch", "kf.agent", complaint, reason="归属甲地。")
    client = client_for("yc.chen")
    assert [found(client, q) for q in ("话费争议", "归属甲地")] == [{"texts": [number(complaint)]}, {}]


def test_an_invited_unit_finds_its_own_share_of_the_table(play: Play, client_for: ClientFor) -> None:
    complaint = play("convene", "wh.zhang", play.upto("accepted"), units=["YC", "WL"], problem="甲问题。")
    due = "2026-11-24 15:00"
    tasks = [{"unit": code, "task": text, "due": due} for code, text in (("YC", "乙任务。"), ("WL", "丙任务。"))]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks)
    for unit, by, text in (("YC", "yc.contact", "乙异议。"), ("WL", "wl.contact", "丙异议。")):
        complaint = play("confirm_task", by, complaint, unit=unit, objection=text)
    play("propose_solution", "wh.zhang", complaint, solution="戊方案。")
    asked = ("甲问题", "乙异议", "丙异议", "丙任务", "戊方案")
    seen = {
        name: [q for q in asked if found(client_for(name), q)] for name in ("wh.contact", "yc.contact", "wl.contact")
    }
    assert seen == {"wh.contact": list(asked), "yc.contact": ["甲问题", "乙异议"], "wl.contact": ["甲问题", "丙异议"]}


# Pages, statements, what was typed badly


def test_a_kind_is_paged_by_key(play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountability.views.search.PAGE_SIZE", 2)
    monkeypatch.setattr("accountability.views.search.SHOWN", 2)
    numbers = [number(play.upto("registered", phone=f"139{place:04d}4567")) for place in range(5)][::-1]
    client = client_for("kf.agent")
    for q, kind in (("4567", "complaints"), ("扣费", "texts"), ("TS", "complaints")):
        if q == "TS":
            q = numbers[0][:6]
        assert found(client, q)[kind] == numbers[:2]
        pages, page = [], ask(client, q, kind=kind)
        for _turn in range(3):
            (group,) = page.context["groups"]
            pages.append([names(row) for row in group.page.rows])
            last = group.page
            page = ask(client, q, kind=kind, after=group.page.after or "")
        assert (pages, last.after) == ([numbers[:2], numbers[2:4], numbers[4:]], None)
        assert found(client, q, kind=kind, before=last.before) == {kind: numbers[2:4]}
        assert found(client, q, kind=kind, after="forged") == {kind: numbers[:2]}


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact", "sc.officer"])
def test_the_number_of_statements_is_constant(username: str, play: Play, now: Now, client_for: ClientFor) -> None:
    client = client_for(username)

    def statements() -> list[int]:
        counts = []
        for q in ("扣费 退费", "4567", number(first)[:6]):
            with CaptureQueriesContext(connection) as captured:
                assert found(client, q) != {}
            counts.append(len(captured))
        return counts

    first = play.upto("answered")
    play.upto("answered", phone="13900014567")
    few = statements()
    for place in range(6):
        play.upto("answered", phone=f"1391{place:03d}4567")
    assert all(later <= before for later, before in zip(statements(), few, strict=True))


def test_nothing_found_says_what_can_be_searched(cast: Any, client_for: ClientFor) -> None:
    client = client_for("kf.agent")
    blank, nothing = client.get("/search/"), ask(client, "子虚乌有")
    assert (blank.status_code, nothing.status_code) == (200, 200)
    assert ["可以搜索什么" in blank.content.decode(), "没有找到您可以查看的内容" in blank.content.decode()] == [
        True,
        False,
    ]
    assert "没有找到您可以查看的内容" in nothing.content.decode()
    assert all("客户号码后四位，凭理由可用全号" in page.content.decode() for page in (blank, nothing))


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("断", "请至少输入两个字。"),
        ("", "请输入要搜索的内容。"),
        ("　", "请输入要搜索的内容。"),
        ("断" * 61, "最多 60 个字。"),
    ],
)
def test_what_is_too_short_or_too_long_is_told_at_the_box_and_kept(
    q: str, said: str, cast: Any, client_for: ClientFor
) -> None:
    response = ask(client_for("kf.agent"), q)
    assert response.context["form"].errors == {"q": [said]}
    assert (f'value="{q}"' in response.content.decode()) == bool(q)
    assert Matter.objects.filter(kind="complaint").count() == 0


def test_an_unknown_kind_is_all_kinds(play: Play, client_for: ClientFor) -> None:
    complaint = play.upto("registered")
    assert found(client_for("kf.agent"), "扣费", kind="lunch") == {"texts": [number(complaint)]}


def test_what_is_typed_stands_in_no_address_and_is_veiled_for_one_person(play: Play, client_for: ClientFor) -> None:
    play.upto("registered")
    agent, other = client_for("kf.agent"), client_for("kf.supervisor")
    answer: Any = agent.post("/search/", {"q": "王建国"})
    assert (answer.status_code, urlencode({"q": "王建国"})[2:] in answer.url) == (302, False)
    assert [len(group.page.rows) for group in agent.get(answer.url).context["groups"]] == [1]
    assert (other.get(answer.url).context["groups"], agent.get("/search/?s=forged").context["groups"]) == ([], [])


def test_too_little_typed_is_told_at_the_field_and_kept(client_for: ClientFor) -> None:
    answer = client_for("kf.agent").post("/search/", {"q": "断"})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"q": ["请至少输入两个字。"]})
    assert 'value="断"' in answer.content.decode()
