"""The pages of the ranking: who sees them when, a year's way by its pages, the workbook (R53)."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accountability.models import AccessLog, Notification
from assessment.models import Ranking
from tests.assessment.rankings.made_rankings import FOUR, Rankings
from tests.factories import Now, Play
from tests.looking import writes

pytestmark = pytest.mark.rule("R53")

ClientFor = Callable[[str], Client]

READERS = ("sc.officer", "sc.leader", "sj.auditor", "kf.supervisor")
OTHERS = ("kf.agent", "kf.head", "wh.contact", "wh.head", "wh.zhang", "yc.head", "sj.plain")
PLACES = ("/ranking/2026/", "/ranking/of/PM2026/", "/ranking/of/PM2026/table.xlsx", "/ranking/of/PM2026/check/")
DO = "/ranking/of/PM2026/do/confirm_barred/"


def statuses(client_for: ClientFor, *places: str) -> dict[str, list[int]]:
    return {name: [client_for(name).get(place).status_code for place in places] for name in (*READERS, *OTHERS)}


def everybody(readers: list[int], others: list[int]) -> dict[str, list[int]]:
    return dict.fromkeys(READERS, readers) | dict.fromkeys(OTHERS, others)


def test_a_draft_is_nobodys_but_its_readers(rankings: Rankings, client_for: ClientFor) -> None:
    rankings.draft(FOUR)
    assert statuses(client_for, *PLACES) == everybody([200] * 4, [404] * 4)
    listed = {name: len(client_for(name).get("/ranking/").context["page"].rows) for name in (*READERS, *OTHERS)}
    assert listed == dict.fromkeys(READERS, 1) | dict.fromkeys(OTHERS, 0)


def test_what_is_published_is_everybodys_but_the_rounds(rankings: Rankings, client_for: ClientFor) -> None:
    rankings.published(FOUR)
    assert statuses(client_for, *PLACES) == everybody([200] * 4, [200, 200, 200, 404])


def test_what_was_withdrawn_stays_readable_and_says_so(rankings: Rankings, client_for: ClientFor) -> None:
    rankings.second_leader()
    rankings("withdraw_ranking", "sc.officer2", rankings.published(FOUR), reason="漏计13871234567一轮。")
    page = client_for("wh.zhang").get("/ranking/2026/").content.decode()
    assert [text in page for text in ("本排名已撤回", "138****4567", "13871234567")] == [True, True, False]
    rankings("draft_ranking", "sc.officer")
    found = {
        name: client_for(name).get("/ranking/2026/").context["ranking"].attempt for name in ("sc.officer", "wh.head")
    }
    assert found == {"sc.officer": 2, "wh.head": 1}
    others = {
        name: [str(other.matter) for other in client_for(name).get("/ranking/of/PM2026/").context["others"]]
        for name in ("sc.officer", "wh.head")
    }
    assert others == {"sc.officer": ["PM2026-2"], "wh.head": []}


def test_a_year_that_runs_is_previewed_without_keeping_anything(rankings: Rankings, client_for: ClientFor) -> None:
    rankings.year(FOUR)
    assert statuses(client_for, "/ranking/2026/", "/ranking/2027/") == everybody([200, 404], [404, 404])
    officer, before = client_for("sc.officer"), writes(without=(AccessLog, Session))
    page = officer.get("/ranking/2026/")
    assert (page.context["is_preview"], page.context["forms"], page.context["ranking"].rounds) == (True, [], 7)
    assert writes(without=(AccessLog, Session)) == before


def test_a_year_by_its_pages(rankings: Rankings, client_for: ClientFor, now: Now) -> None:
    rankings.year(FOUR)
    officer, leader = client_for("sc.officer"), client_for("sc.leader")
    refused = officer.post("/ranking/begin/draft_ranking/", {"year": "2026", "_key": "a"})
    assert (refused.status_code, "2026 年尚未结束" in refused.content.decode()) == (422, True)
    now.set("2027-01-04 09:00")
    assert officer.get("/ranking/begin/draft_ranking/").context["form"]["year"].value() == 2026
    answer = officer.post("/ranking/begin/draft_ranking/", {"year": "2026", "_key": "b"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/ranking/of/PM2026/")
    assert [form.verb.name for form in officer.get("/ranking/2026/").context["forms"]] == ["redraft_ranking"]
    assert officer.get(DO).status_code == 403
    (form, _redraft) = leader.get("/ranking/2026/").context["forms"]
    assert (form.verb.name, form.is_awaited, form.fields["barred"].widget.is_hidden) == ("confirm_barred", True, True)
    officer.post("/ranking/of/PM2026/do/redraft_ranking/", {"reason": "复核。", "_key": "c"})
    stale = leader.post(DO, {"_key": "d", "_seen": form["_seen"].value()})
    assert (stale.status_code, Ranking.objects.get().state) == (409, "drafted")
    seen = stale.context["form"]["_seen"].value()
    done = leader.post(DO, {"_key": "e", "_seen": seen})
    assert (done.status_code, Ranking.objects.get().state) == (302, "confirmed")
    (told,) = Notification.objects.filter(kind="ranking_published", recipient__username="wh.head")
    inbox = client_for("wh.head").get("/inbox/").content.decode()
    assert ("2026 年问题解决率排名已公布" in inbox, 'href="/ranking/of/PM2026/"' in inbox) == (True, True)
    assert told.matter_id is None


def test_where_a_person_decides_the_tied_are_chosen_beforehand(rankings: Rankings, client_for: ClientFor) -> None:
    rankings.draft(FOUR | {"YC": (1, 1), "ZD": (1, 1)})
    leader = client_for("sc.leader")
    (form, _redraft) = leader.get("/ranking/2026/").context["forms"]
    assert form["barred"].value() == ["WH", "YC", "ZD"]
    refused = leader.post(DO, {"barred": ["WH", "YC"], "_key": "a", "_seen": form["_seen"].value()})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    leader.post(DO, {"barred": ["WH", "YC"], "reason": "见会议纪要。", "_key": "b", "_seen": form["_seen"].value()})
    page = client_for("wh.zhang").get("/ranking/2026/")
    barred = [row["line"].unit.code for row in page.context["lists"][0]["rows"] if row["is_barred"]]
    assert (barred, "见会议纪要。" in page.content.decode()) == (["WH", "YC", "WL"], True)


def test_barred_is_told_by_a_word(rankings: Rankings, client_for: ClientFor) -> None:
    ranking = rankings.draft(FOUR)
    drafted = client_for("sc.officer").get("/ranking/2026/").content.decode()
    rankings("confirm_barred", "sc.leader", ranking)
    published = client_for("wh.zhang").get("/ranking/2026/").content.decode()
    assert [page.count("拟不能参加") for page in (drafted, published)] == [3, 0]
    assert published.count("不能参加\n") == 3


def test_the_trend_is_told_against_the_year_before(rankings: Rankings, client_for: ClientFor, now: Now) -> None:
    rankings.published(FOUR)
    rankings.year({"WH": (0, 1), "YC": (1, 2), "WL": (1, 1)}, judged="2027-03-02 09:00")
    rows = client_for("sc.officer").get("/ranking/2027/").context["lists"][0]["rows"]
    found = {row["line"].unit.code: row["trend"] and (row["trend"]["sign"], row["trend"]["place"]) for row in rows}
    assert found == {"WL": ("↑", 3), "YC": ("→", 2), "WH": ("↓", 1)}


def test_the_check_names_what_changed_since(rankings: Rankings, client_for: ClientFor, now: Now) -> None:
    late = rankings.late("WL")
    rankings.published(FOUR)
    auditor = client_for("sj.auditor")
    quiet = auditor.get("/ranking/of/PM2026/check/")
    assert (quiet.context["result"].holds, quiet.context["differences"], quiet.context["moved"]) == (True, [], [])
    now.forward(days=2)
    rankings.excuse(late)
    found = auditor.get("/ranking/of/PM2026/check/")
    page = found.content.decode()
    assert found.context["result"].holds is True
    (row,) = found.context["moved"]
    assert (row["then"].unit.code, row["percent_then"], row["percent_now"]) == ("WL", "25.00%", "33.33%")
    assert [text in page for text in (f"{late.matter.number}#1", "批准免责", "未计入", "严守诚")] == [True] * 4
    assert "台账中没有对应的操作" not in page


def test_the_workbook_holds_the_table_and_no_formula(
    rankings: Rankings, play: Play, client_for: ClientFor, now: Now
) -> None:
    play("set_unit", "sc.officer", code="WH", name="=1+1", kind="branch")
    rankings.published(FOUR)
    answer = client_for("wh.zhang").get("/ranking/of/PM2026/table.xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="PM2026.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "张伟民（wh.zhang）于 2027-01-04 09:00 导出，仅限本人因公使用，不得外传。"
    assert rows[2:7] == [
        [1, "=1+1", 1, 1, "1", "100.00%", "—"],
        [2, "宜昌分公司", 1, 2, "1/2", "50.00%", "不能参加"],
        [3, "网络部", 1, 3, "1/3", "33.33%", "不能参加"],
        [4, "终端公司", 0, 1, "0", "0.00%", "不能参加"],
        ["不排名", "内审部", 0, 0, "—", "—", "—"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s", "n"}
    # Sums alone: nothing after the watermark names a person or a complaint.
    text = " ".join(f"{value}" for row in rows[1:] for value in row)
    known = {person.name for person in play.cast} | {person.username for person in play.cast} | {"TS2026"}
    assert [word for word in known if word in text] == []
    log = AccessLog.objects.get(action="export_ranking")
    assert (log.actor is not None and log.actor.username, log.result, log.at) == ("wh.zhang", "ok", now.at)


def test_the_page_takes_the_same_queries_for_few_units_and_for_more(rankings: Rankings, client_for: ClientFor) -> None:
    rankings.second_leader()
    few = rankings("confirm_barred", "sc.leader", rankings.draft({"WH": (1, 1)}), reason="单位不足四个。")
    taken = [queries(client_for("wh.head"), "/ranking/2026/")]
    rankings("withdraw_ranking", "sc.officer2", few)
    rankings("confirm_barred", "sc.leader", rankings.draft(FOUR | {"WH": (1, 2), "SJ": (1, 1)}), reason="并列。")
    taken.append(queries(client_for("wh.head"), "/ranking/2026/"))
    assert taken[0] == taken[1]


def queries(client: Client, place: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(place).status_code == 200
    return len(captured)


def test_each_number_leads_to_its_rounds(rankings: Rankings, client_for: ClientFor) -> None:
    """As far as the reader may see them: the unit its own, a stranger none."""
    rankings.published(FOUR)
    officer = client_for("sc.officer")
    rows = officer.get("/ranking/2026/").context["lists"][0]["rows"]
    (row,) = [row for row in rows if row["line"].unit.code == "WL"]
    query = "from=2026-01-01&to=2026-12-31&unit=WL"
    assert (row["behind_resolved"], row["behind_asked"]) == (
        f"/figures/resolved/?{query}",
        f"/figures/closed_in_scope/?{query}",
    )
    found = [len(officer.get(row[name]).context["page"].rows) for name in ("behind_resolved", "behind_asked")]
    assert found == [1, 3]


def test_the_check_is_paged(rankings: Rankings, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two a page; what is no round's key gives the first page."""
    monkeypatch.setattr("assessment.views.rankings.PAGE_SIZE", 2)
    late = [rankings.late(unit) for unit in ("WL", "WL", "WL")]
    rankings.published(FOUR)
    for complaint in late:
        rankings.excuse(complaint)
    auditor, place = client_for("sj.auditor"), "/ranking/of/PM2026/check/"
    first = auditor.get(place)
    second = auditor.get(f"{place}?from={first.context['after']}")
    found = [[row.round.complaint_id for row in page.context["differences"]] for page in (first, second)]
    assert found == [[late[0].pk, late[1].pk], [late[2].pk]]
    assert (first.context["before"], second.context["after"], first.context["number"]) == (None, None, 3)
    assert second.context["before"] == first.context["differences"][0].round.pk
    for odd in ("x", "²", "-1", "9" * 5000):
        assert auditor.get(place, {"from": odd}).context["differences"] == first.context["differences"]
