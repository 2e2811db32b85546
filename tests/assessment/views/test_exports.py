"""The pages of exports: an export's way by its pages, who sees which, and the file as it is handed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accountability.models import AccessLog, actor_for
from accountability.permissions import Actor
from assessment.actions import export_files
from assessment.exports.kinds import Scope, cells
from assessment.exports.lists import kind_of
from assessment.models import Export
from assessment.models.exports import What
from tests.assessment.exports.made_exports import Exports
from tests.factories import Now, Play
from tests.signing_in import signed_in
from tests.walking import body_of, steady

pytestmark = [pytest.mark.rule("R40"), pytest.mark.compliance(10, 16)]

ClientFor = Callable[[str], Client]
BEGIN, LIST, COUNT = reverse("begin_export"), reverse("exports"), reverse("count_export")
TYPED = {
    "what": "complaints", "format": "csv", "since": "2026-11-01", "until": "2026-11-30", "reason": "月度分析。",
}  # fmt: skip
CONCERNED = ("kf.supervisor", "kf.head", "sc.officer", "sc.leader", "sj.auditor")
OTHERS = ("kf.agent", "wh.contact", "wh.head", "wh.zhang", "sj.plain")


@pytest.fixture
def exports(play: Play) -> Exports:
    play.upto("accepted", customer="欧阳建国", phone="13871234567")
    return Exports(play)


def text_of(client: Client, place: str) -> str:
    return client.get(place).content.decode()


def place_of(export: Export, name: str = "export", *more: str) -> str:
    return reverse(name, args=[export.matter.number, *more])


def test_an_export_by_its_pages(exports: Exports, client_for: ClientFor, now: Now) -> None:
    supervisor, leader = client_for("kf.supervisor"), client_for("sc.leader")
    assert [value for value, _label in supervisor.get(BEGIN).context["choices"]] == ["complaints", "rounds"]
    asked = supervisor.get(f"{BEGIN}?what=complaints")
    assert (asked.status_code, "不脱敏的理由" in asked.content.decode()) == (200, True)
    answer = supervisor.post(BEGIN, TYPED | {"_key": "k"})
    export = Export.objects.get()
    place = place_of(export)
    assert (answer.status_code, answer.headers["location"]) == (302, place)
    assert supervisor.post(BEGIN, TYPED | {"_key": "k"}).headers["location"] == place
    assert "月度分析。" in text_of(leader, place)
    assert [form.verb.name for form in supervisor.get(place).context["forms"]] == ["withdraw_export"]
    assert {form.verb.name for form in leader.get(place).context["forms"]} == {"approve_export", "decline_export"}
    assert supervisor.post(place_of(export, "export_act", "approve_export"), {}).status_code == 403
    assert leader.post(place_of(export, "export_act", "approve_export"), {"remark": "同意。"}).status_code == 302
    assert export_files.make_pending(now.at) == 1
    shown = supervisor.get(place)
    assert (shown.context["fetch"] is not None, "同意。" in shown.content.decode()) == (True, True)
    assert leader.get(place).context["fetch"] is None
    form = shown.context["fetch"]
    typed = {"_key": form["_key"].value(), "_seen": form["_seen"].value()}
    file = supervisor.post(place_of(export, "fetch_export"), typed)
    whole = b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert (file.status_code, len(whole.encode()), "欧***" in whole, "欧阳建国" in whole) == (
        200, int(file.headers["Content-Length"]), True, False,
    )  # fmt: skip
    assert "已下载 1 次，最多 3 次" in text_of(supervisor, place)
    assert supervisor.post(place_of(export, "fetch_export"), typed).status_code == 302
    assert Export.objects.get().fetched == 1


def test_after_the_last_fetch_no_other_is_offered(exports: Exports, client_for: ClientFor) -> None:
    export, supervisor = exports.made(), client_for("kf.supervisor")
    shown = []
    for _time in range(3):
        shown.append("下载文件" in text_of(supervisor, place_of(export, "export")))
        assert supervisor.post(place_of(export, "fetch_export")).status_code == 200
    page = text_of(supervisor, place_of(export, "export"))
    assert (shown, "下载文件" in page, "最多下载 3 次；如仍需要，请重新申请。" in page) == ([True] * 3, False, True)


@pytest.mark.asvs("3.2.1", "5.4.1", "14.3.2")
def test_the_file_is_saved_and_never_shown_or_kept_by_a_browser(
    exports: Exports, client_for: ClientFor, now: Now
) -> None:
    export = exports.made()
    file = client_for("kf.supervisor").post(place_of(export, "fetch_export"))
    assert file.headers["Content-Disposition"] == f'attachment; filename="{export.matter}-2026-11-24.csv"'
    assert [file.headers[name] for name in ("X-Content-Type-Options", "Content-Type", "Content-Security-Policy")] == [
        "nosniff", "text/csv; charset=utf-8", "sandbox; default-src 'none'",
    ]  # fmt: skip
    assert "no-store" in file.headers["Cache-Control"]
    assert client_for("kf.supervisor").get(place_of(export, "fetch_export")).status_code == 405


@pytest.mark.compliance(8)
def test_nobody_gets_there_without_the_second_factor(
    exports: Exports, play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sign-in itself lets nobody of theirs further without it; and were it open, these pages still ask."""
    made, asked = exports.made(), exports.requested("sc.officer")
    places = [
        (BEGIN, TYPED),
        (place_of(asked, "export_act", "approve_export"), {}),
        (place_of(made, "fetch_export"), {}),
    ]
    bare = signed_in(play.cast["kf.supervisor"], verified=False)
    assert [bare.post(place, typed).status_code == 200 for place, typed in places] == [False, False, False]
    monkeypatch.setattr(Actor, "looks_beyond_own_work", False)
    answers = [client_for("kf.supervisor").post(place, typed).status_code for place, typed in places]
    assert (answers, client_for("kf.supervisor").get(COUNT).status_code) == ([403, 403, 403], 403)
    assert (Export.objects.count(), exports.again(made).fetched, exports.again(asked).state) == (2, 0, "requested")


@pytest.mark.compliance(2)
def test_each_fetch_and_each_attempt_is_noted(exports: Exports, client_for: ClientFor, now: Now) -> None:
    export = exports.made()
    place = place_of(export, "fetch_export")
    answers = [client_for(name).post(place).status_code for name in ("kf.supervisor", "sc.leader", "wh.zhang")]
    assert answers == [200, 403, 404]
    log = AccessLog.objects.filter(action="export").order_by("pk")
    assert list(log.values_list("actor__username", "result", "matter_id", "detail")) == [
        ("kf.supervisor", "ok", export.pk, f"complaints 1 {export.sha256[:16]}"),
        ("sc.leader", "refused", export.pk, "complaints"),
    ]
    now.forward(hours=72)
    late = client_for("kf.supervisor").post(place)
    assert (late.status_code, late.context["sentence"]) == (422, "文件已到期，将被销毁；如仍需要，请重新申请。")


def test_who_sees_the_pages(exports: Exports, client_for: ClientFor) -> None:
    export = exports.requested("sc.officer")
    cases = exports.requested("sc.officer", what="readings")
    places = (LIST, place_of(export), place_of(cases), place_of(export, "export_act", "approve_export"))
    found = {name: [client_for(name).get(place).status_code for place in places] for name in (*CONCERNED, *OTHERS)}
    assert found == {
        "kf.supervisor": [200, 200, 404, 200], "kf.head": [200, 200, 404, 200],
        "sc.officer": [200, 200, 200, 403], "sc.leader": [200, 200, 200, 200], "sj.auditor": [200, 200, 200, 403],
        **{name: [403, 404, 404, 404] for name in OTHERS},
    }  # fmt: skip


def test_what_is_not_there_is_answered_like_what_isnt_ones_own(exports: Exports, client_for: ClientFor) -> None:
    export = exports.requested("sc.officer", what="readings")
    client = client_for("kf.supervisor")
    real, unreal = (
        client.get(reverse("export", args=[number])) for number in (export.matter.number, "DC2026-AAAAAAAA")
    )
    assert (real.status_code, plain(real, str(export.matter))) == (404, plain(unreal, "DC2026-AAAAAAAA"))


def plain(answer: Any, number: str) -> str:
    return steady(body_of(answer)).replace(number, "NUMBER")


def test_the_list_and_its_chips(exports: Exports, client_for: ClientFor) -> None:
    own, other = exports.requested(), exports.requested("sc.officer")
    logs = exports.requested("sj.auditor", what="ledger")

    def rows(name: str, query: str = "") -> list[int]:
        return [export.pk for export in client_for(name).get(LIST + query).context["rows"]]

    assert {name: rows(name) for name in CONCERNED} == {
        "kf.supervisor": [other.pk, own.pk], "kf.head": [other.pk, own.pk], "sc.officer": [other.pk],
        "sc.leader": [logs.pk, other.pk, own.pk], "sj.auditor": [logs.pk, other.pk, own.pk],
    }  # fmt: skip
    assert [rows("kf.supervisor", query) for query in ("?asked=mine", "?asked=decide")] == [[own.pk], [other.pk]]
    assert [rows("sj.auditor", query) for query in ("?asked=mine", "?asked=decide")] == [[logs.pk], []]


def test_the_way_to_it_stands_where_it_concerns_somebody(exports: Exports, client_for: ClientFor) -> None:
    found = [name for name in (*CONCERNED, *OTHERS) if f'href="{LIST}"' in text_of(client_for(name), "/calendar/")]
    assert found == list(CONCERNED)


def test_the_desk_says_what_waits(exports: Exports, client_for: ClientFor) -> None:
    exports.requested("sc.officer")
    exports.made()
    shown = {name: text_of(client_for(name), "/") for name in CONCERNED}
    assert [name for name, page in shown.items() if "待批准的导出" in page] == ["kf.supervisor", "kf.head", "sc.leader"]
    assert [name for name, page in shown.items() if "待下载的导出" in page] == ["kf.supervisor"]


def test_how_many_rows_it_would_be(exports: Exports, play: Play, client_for: ClientFor) -> None:
    client = client_for("kf.supervisor")
    month = f"{COUNT}?what=complaints&since=2026-11-01&until=2026-11-30"
    said = {
        "month": month, "none": f"{COUNT}?what=complaints&since=2026-10-01&until=2026-10-02",
        "half": f"{COUNT}?what=complaints",
        "state": f"{month}&states=archived", "unit": f"{month}&unit=WH",
        "foreign": f"{COUNT}?what=ledger&since=2026-11-01",
        "wrong": f"{month}&unit=nowhere",
        "far": f"{COUNT}?what=complaints&since=0001-01-01&until=9999-12-31",
    }  # fmt: skip
    assert {name: text_of(client, place).strip() for name, place in said.items()} == {
        "month": "符合条件的有 1 行，上限 20000 行。", "none": "符合条件的有 0 行，上限 20000 行。",
        "half": "请选择时段，这里将显示行数。", "state": "符合条件的有 0 行，上限 20000 行。",
        "unit": "符合条件的有 1 行，上限 20000 行。", "foreign": "", "wrong": "请选择时段，这里将显示行数。",
        "far": "请选择时段，这里将显示行数。",
    }  # fmt: skip
    play("set_privacy_policy", "sc.leader", export_rows=1, reason="收紧")
    play("register", "kf.agent", phone="13871230001")
    assert "有 2 行，超过上限 1 行" in text_of(client, month)


def test_a_refused_beginning_keeps_what_was_typed(exports: Exports, client_for: ClientFor) -> None:
    wrong: dict[str, Any] = TYPED | {"until": "2026-10-01", "states": ["archived"], "columns": ["number"]}
    answer = client_for("kf.supervisor").post(BEGIN, wrong)
    form = answer.context["form"]
    assert (answer.status_code, form.errors["until"], form["reason"].value(), form["columns"].value()) == (
        422, ["止日不能早于起日。"], "月度分析。", ["number"],
    )  # fmt: skip
    far = client_for("kf.supervisor").post(BEGIN, TYPED | {"since": "0001-01-01", "until": "9999-12-31"})
    assert (far.status_code, dict(far.context["form"].errors)) == (
        422, {"since": ["日期不能早于1990-01-01。"], "until": ["日期不能晚于2100-12-31。"]},
    )  # fmt: skip
    foreign = client_for("kf.supervisor").post(BEGIN, TYPED | {"what": "ledger"})
    assert (foreign.status_code, Export.objects.count()) == (422, 0)


def test_what_isnt_ones_to_ask_for_is_not_offered(exports: Exports, client_for: ClientFor) -> None:
    offered = {name: [value for value, _label in client_for(name).get(BEGIN).context["choices"]] for name in CONCERNED}
    own = ["complaints", "cases", "readings"]
    assert offered == {
        "kf.supervisor": ["complaints", "rounds"], "kf.head": ["complaints"], "sc.officer": own,
        "sc.leader": ["complaints", "rounds", *own[1:]],
        "sj.auditor": ["complaints", "rounds", *own[1:], "access_log", "ledger"],
    }  # fmt: skip
    page = client_for("sc.officer").get(f"{BEGIN}?what=complaints").context["form"]
    assert (page.fields["unmasked"].widget.is_hidden, page.fields["unmask_reason"].widget.is_hidden) == (True, True)
    readings = client_for("sc.officer").get(f"{BEGIN}?what=readings").context["form"]
    assert [name for name in ("since", "until") if not readings.fields[name].widget.is_hidden] == []
    done = client_for("sc.officer").post(BEGIN, {"what": "readings", "format": "xlsx", "reason": "督促阅读。"})
    assert (done.status_code, Export.objects.get().what) == (302, "readings")


def test_words_that_are_no_verbs_of_an_export_are_not_found(exports: Exports, client_for: ClientFor) -> None:
    export = exports.requested()
    words = ("request_export", "fetch_export", "make_export", "close_case", "withdraw_export", "retry_export")
    places = [place_of(export, "export_act", word) for word in words]
    assert [client_for("kf.supervisor").get(place).status_code for place in places] == [404, 404, 404, 404, 200, 409]


def test_the_list_takes_the_same_queries_for_few_and_for_many(exports: Exports, client_for: ClientFor) -> None:
    leader, taken = client_for("sc.leader"), []
    for _time in range(2):
        exports.requested()
        exports.requested("sc.officer")
        with CaptureQueriesContext(connection) as queries:
            leader.get(LIST)
        taken.append(len(queries))
    assert taken[0] == taken[1]


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("listing", ["", "complaints"])
def test_what_the_columns_tell_is_read_with_the_rows(play: Play, bare: bool, listing: str) -> None:
    """One statement reads 500 rows; a column that needed another would ask once for each of them."""
    kind = kind_of(What.COMPLAINTS, listing)
    assert kind is not None
    for state in ("registered", "answered", "replied", "archived"):
        play.upto(state)
    taken = []
    for most in (1, 100):
        actor = actor_for(play.cast["sc.officer"].pk, play.now.at)
        assert actor is not None
        rows = kind.found(Scope(asked="state=all" if listing else ""), actor, play.now.at)[:most]
        with CaptureQueriesContext(connection) as queries:
            told = list(cells(kind.columns, rows, bare=bare))
        assert len(told) == min(most, 4)
        taken.append(len(queries))
    assert taken == [1, 1]
