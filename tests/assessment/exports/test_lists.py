"""Lists as files: each list page offers them, with its filters in force, by the door that its rows allow."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accountability.administration.site import LISTED, GuardedAdmin, OfficeAdminSite
from accountability.gate.act import Refused
from accountability.gate.sweeper import sweep
from accountability.models import (
    SYSTEM_USERNAME,
    AccessLog,
    Employee,
    LedgerEntry,
    PrivacyPolicy,
    Region,
    Unit,
    actor_for,
    privacy_in_force,
)
from accountability.web import listings
from accountability.web.listings import LISTINGS, Listing, asked_in
from assessment.actions import export_files
from assessment.exports.lists import KIND_OF, what_of
from assessment.models import Export
from tests.assessment.docket import Docket
from tests.assessment.exports.made_exports import Exports, content, table
from tests.factories import Now, Play
from tests.planted import planted, raw_in

pytestmark = [pytest.mark.rule("R40"), pytest.mark.compliance(10, 16)]

ClientFor = Callable[[str], Client]

WITHOUT: dict[str, str] = {
    "accountability/deadlines/calendar.html": "the records of its versions in the administration are the list",
    "accountability/deadlines/limits.html": "the same",
    "accountability/documents/page.html": "the same",
    "accountability/monitoring/holds.html": "the limits are in the records of limits",
    "accountability/notices/alarms.html": "the records of alarms in the administration are the list",
    "accountability/notices/inbox.html": "one person's own notices, nobody's report",
    "accountability/organisation/changes.html": "what waits for a second person; each stands in the ledger",
    "accountability/organisation/roster.html": "one unit's coming duties by name",
    "accountability/privacy/privacy.html": "versions of a policy",
    "accountability/rules/page.html": "versions of a text",
    "accountability/search/search.html": "what was searched for is not a report",
    "accountability/signin/accounts.html": "administrators may not export; the records of people are the list",
    "accountability/signin/sign_in_policy.html": "versions of a policy",
    "accountability/audit/record.html": "each seal is a file of its own",
    "accountability/views/templates.html": "one's own texts",
    "accountability/webhooks/webhook.html": "tries of thirty days; whoever receives the events has them",
    "accountability/webhooks/webhooks.html": "a few addresses, whose changes the ledger has",
    "accountability/rules/parts/versions.html": "versions of a text",
    "includes/versions.html": "versions of a policy",
    "assessment/cases/own_penalties.html": "a person's own rows, which nobody else reads there",
    "assessment/dashboards/parts/risk.html": "what is due now; the queue narrowed by its clock is the list",
    "assessment/exports/exports.html": "requests for files; the ledger's export has them",
    "assessment/figures/figures_behind.html": "leads to the request for the rounds of the same period",
    "complaints/views/mass.html": "an event's members; the report of the event is a paper",
}
"""List pages that give no file, each with its reason."""

OF_TEMPLATE = {
    "accountability/audit/access_log.html": {"access_log"},
    "accountability/rules/readings.html": {"rule_readings"},
    "admin/assessment/case/list.html": {"case-records"},
    "assessment/bulletins/bulletins.html": {"bulletins"},
    "assessment/lists/cases.html": {"cases"},
    "assessment/cases/circulars.html": {"circulars"},
    "assessment/cases/leads.html": {"leads", "leads-aside"},
    "assessment/cases/sheets.html": {"sheets"},
    "assessment/plans/plan_list.html": {"plans"},
    "assessment/rankings/rankings.html": {"rankings"},
    "complaints/data_rights/rights_list.html": {"rights"},
    "complaints/lists/parts/lines.html": {"complaints"},
    "complaints/views/mass_list.html": {"mass_events"},
}
GROWS = {"accesslog-records", "access_log", "ledgerentry-records"}
"""Reading the page and asking for the file add to them."""

SKELETONS = {"includes/list_page.html"}
AT_ONCE = {"bulletins", "rankings", "region-records", "category-records"}
"""Lists whose rows lead to nobody."""


@pytest.fixture(autouse=True)
def _files_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "on_commit", lambda work: work())


@pytest.fixture
def exports(play: Play) -> Exports:
    return Exports(play)


def place_of(name: str) -> str:
    if name == "leads-aside":
        return f"{reverse('leads')}?aside=1"
    if not name.endswith("-records"):
        return reverse(name)
    model = next(model for model in admin.site._registry if model._meta.model_name == name.removesuffix("-records"))
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def asked_for(name: str, query: str = "", **facts: Any) -> dict[str, Any]:
    return {"what": what_of(LISTINGS[name]).value, "listing": name, "asked": query, "since": "", "until": ""} | facts


def lines(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline="")))


def offered(client: Client, place: str) -> list[str]:
    """The addresses of the files that a page offers."""
    body = client.get(place).content.decode()
    found = re.search(r'<nav class="pager" aria-label="列表文件".*?</nav>', body, re.S)
    return re.findall(r'<a [^>]*href="([^"]*)"', found.group(0).replace("&amp;", "&")) if found else []


# Every list


def paging_templates() -> Iterator[str]:
    folder = Path(settings.BASE_DIR) / "templates"
    for path in sorted(folder.rglob("*.html")):
        if "includes/pager.html" in path.read_text() or "includes/list_page.html" in path.read_text():
            yield path.relative_to(folder).as_posix()


def test_every_list_page_has_files_or_says_why_not() -> None:
    pages = set(paging_templates()) - SKELETONS
    assert {"left": sorted(pages - {*WITHOUT, *OF_TEMPLATE}), "gone": sorted({*OF_TEMPLATE} - pages)} == {
        "left": [], "gone": [],
    }  # fmt: skip
    records = {f"{model._meta.model_name}-records" for model in admin.site._registry}
    assert set(LISTINGS) == records | {name for names in OF_TEMPLATE.values() for name in names}
    assert {name for name, listing in LISTINGS.items() if listing.names_nobody} == AT_ONCE


def test_every_list_says_what_its_file_holds() -> None:
    assert [name for name, listing in LISTINGS.items() if not listing.columns and name not in KIND_OF] == []
    for listing in LISTINGS.values():
        names = [column.name for column in listing.columns]
        assert len(names) == len(set(names)), listing.name


def test_a_file_has_the_rows_of_its_page(
    exports: Exports, play: Play, docket: Docket, client_for: ClientFor, now: Now
) -> None:
    """For every list that is asked for: made by the worker, masked, nobody's name in it, and as many rows as the page
    shows; the first column is on the page.
    """
    people = set()
    for employee in Employee.objects.exclude(username=SYSTEM_USERNAME):
        employee.name = f"慕容{chr(0x5000 + employee.pk)}"
        employee.save()
        people.add(employee.name)
    planted(play)
    docket.upto("penalised")
    play.upto("accepted")
    now.forward(days=30)
    sweep(now.at)
    client_for("sc.officer").get(reverse("list_file", args=["rankings", "csv"]))
    client, wrong, filled = client_for("sj.auditor"), {}, set()
    for name in sorted(set(LISTINGS) - AT_ONCE):
        answer = client.get(place_of(name))
        shown = answer.context["page"].rows if "page" in answer.context else list(answer.context["cl"].result_list)
        if not shown:
            continue
        filled.add(name)
        export = exports.made("sj.auditor", **asked_for(name))
        _mark, _heads, *rows = table(export)
        body = answer.content.decode()
        named = [name for row in rows for cell in row for name in people if name in str(cell)]
        missing = [row[0] for row in rows[: len(shown)] if row[0].split("(")[0][:1] not in body]
        raw = raw_in(content(export).decode())
        same = len(rows) == len(shown) or (len(rows) > len(shown) and (len(shown) >= 25 or name in GROWS))
        if named or missing or raw or not same or not any(any(row) for row in rows):
            wrong[name] = (len(rows), len(shown), missing, raw, named)
    assert wrong == {}
    assert {"complaints", "cases", "case-records", "sheets", "leads", "rule_readings", "access_log"} <= filled
    assert {"penalty-records", "round-records", "timelimits-records", "employee-records"} <= filled


def test_the_file_has_the_page_s_filters_and_order(
    exports: Exports, play: Play, now: Now, client_for: ClientFor
) -> None:
    made = []
    for place in range(4):
        made.append(play("register", "kf.agent", **({"region": "宜昌"} if place == 3 else {})))
        now.forward(minutes=1)
    client = client_for("kf.supervisor")
    query = "state=&order=newest&region=武汉&after=forged&flag="
    page = client.get(reverse("complaints"), QueryDict(query).dict())
    numbers = [line.complaint.matter.number for line in page.context["lines"]]
    csv_link, xlsx_link = (link.url for link in page.context["page"].files)
    filled = client.get(csv_link)
    assert (filled.status_code, filled.context["filters"]) == (200, "状态：未归档、归属地市：武汉")
    typed = {
        field.html_name: field.value() for field in filled.context["form"] if field.value() not in (None, "", [])
    }  # fmt: skip
    assert (typed["asked"], typed["format"]) == ("order=newest&region=%E6%AD%A6%E6%B1%89", "csv")
    assert "format=xlsx" in xlsx_link
    answer = client.post(reverse("begin_export"), typed | {"reason": "核对。"})
    assert answer.status_code == 302
    export = Export.objects.get()
    assert "归属地市：武汉" in client_for("sc.leader").get(answer.headers["location"]).content.decode()
    exports("approve_export", "sc.leader", export)
    export_files.make_pending(now.at)
    assert [row[0] for row in table(exports.again(export))[2:]] == numbers == [str(each.matter) for each in made[2::-1]]


def test_what_was_typed_as_a_filter_is_sealed(exports: Exports) -> None:
    """A filter is anybody's text: neither the ledger nor the export's row or history holds it in clear."""
    exports.play.upto("accepted")
    export = exports.requested(**asked_for("complaints", "person=kf.agent&number=&state=all"))
    entry = LedgerEntry.objects.get(matter_id=export.pk, verb="request_export")
    rows = [str(entry.facts), *(str(row) for row in Export.objects.values())]
    rows += [str(row) for row in Export.history.values()]
    assert [row for row in rows if "kf.agent" in row] == []
    assert entry.facts["listing"] == "complaints"


def test_more_rows_than_allowed_are_refused(exports: Exports, play: Play, now: Now) -> None:
    play("register", "kf.agent")
    play("register", "kf.agent")
    policy = privacy_in_force(now.at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assessment.actions.exports.privacy_in_force", lambda at: _with_rows(policy, 1))
        with pytest.raises(Refused) as refused:
            exports.requested(**asked_for("complaints"))
    assert "超过上限 1 行" in str(refused.value)


def _with_rows(policy: PrivacyPolicy, rows: int) -> PrivacyPolicy:
    policy.export_rows = rows
    return policy


# Who


def test_who_is_offered_a_list_that_leads_to_people(play: Play, docket: Docket, client_for: ClientFor) -> None:
    docket.upto("notified")
    play.upto("accepted")
    people = ("kf.agent", "wh.contact", "wh.zhang", "kf.supervisor", "sc.officer", "sj.auditor")
    places = {
        "complaints": {"kf.supervisor", "sc.officer", "sj.auditor"},
        "cases": {"sc.officer", "sj.auditor"},
        "sheets": {"sc.officer", "sj.auditor", "kf.supervisor"},
    }
    for name, allowed in places.items():
        found = {who for who in people if client_for(who).get(place_of(name)).status_code == 200}
        assert {who for who in found if offered(client_for(who), place_of(name))} == allowed, name


def test_a_list_whose_page_one_may_not_open_is_refused(exports: Exports, play: Play, client_for: ClientFor) -> None:
    play.upto("accepted")
    for by, name in (
        ("sc.officer", "access_log"), ("kf.supervisor", "case-records"), ("kf.supervisor", "employee-records"),
        ("kf.agent", "complaints"), ("sc.officer", "rights"), ("kf.supervisor", "circular-records"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            exports.requested(by, **asked_for(name))
        begun = client_for(by).get(reverse("begin_export"), {"what": what_of(LISTINGS[name]).value, "listing": name})
        assert begun.status_code == 403 or begun.context["what"] == "", name
    with pytest.raises(Refused):
        exports.requested("sj.auditor", **asked_for("access_log", what="complaints"))
    with pytest.raises((Refused, ValidationError)):
        exports.requested("sj.auditor", **asked_for("complaints", listing="nothing"))


def test_who_lost_the_page_gets_no_file(exports: Exports, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    play.upto("accepted")
    export = exports.made("sc.officer", **asked_for("employee-records"))
    approved = exports.approved("sc.officer", **asked_for("employee-records"))
    monkeypatch.setattr("accountability.administration.site.keeps_the_books", lambda actor: False)
    with pytest.raises(Refused) as refused:
        exports("fetch_export", "sc.officer", export)
    assert refused.value.code == "forbidden"
    export_files.make_pending(play.now.at)
    assert exports.again(approved).state == "failed"


def test_a_list_whose_filters_are_erased_is_not_made(exports: Exports, play: Play, client_for: ClientFor) -> None:
    """Without them it would have more than was approved."""
    play("register", "kf.agent", region="宜昌")
    play("register", "kf.agent")
    approved = exports.approved(**asked_for("complaints", "region=宜昌"))
    assert approved.asked_rows == 1
    Export.objects.filter(pk=approved.pk).update(reason=None)
    assert given_up(exports, approved) == "filters"
    page = client_for("kf.supervisor").get(reverse("export", args=[approved])).content.decode()
    assert "不再保存" in page
    assert "<dd>全部</dd>" not in page


def given_up(exports: Exports, export: Export) -> str:
    """Why the worker gave the file up, in one try; empty if it made it."""
    export_files.make_pending(exports.play.now.at)
    found = exports.again(export)
    if found.state == "made":
        return ""
    assert (found.state, found.made_rows, found.pieces, found.work.failures) == ("failed", None, 0, 1)
    return str(LedgerEntry.objects.get(matter_id=export.pk, verb="fail_export").facts["why"])


# What the decider reads


def test_the_decider_reads_the_filters_as_their_requester_asked_for_them(
    exports: Exports, play: Play, client_for: ClientFor
) -> None:
    """The centre's own list is none of marketing's; and a column that the page has no filter for narrows as well."""
    play("register", "kf.agent")
    for by, name, query, said in (
        ("kf.supervisor", "complaints", "list=dispatch", "待派单、状态：未归档"),
        ("kf.supervisor", "complaints", "state=all", "状态：全部"),
        ("sj.auditor", "employee-records", "username__startswith=wh&q=a&is_active__exact=1&o=1&p=9",
         "a、在职：是、username__startswith=wh"),
        ("sj.auditor", "rule_readings", "read=no", "read=no"),
    ):  # fmt: skip
        export = exports.requested(by, **asked_for(name, query))
        scope = dict(client_for("sc.leader").get(reverse("export", args=[export])).context["scope"])
        assert scope["列表的筛选条件"] == said
        Export.objects.filter(pk=export.pk).update(reason=None)
        scope = dict(client_for("sc.leader").get(reverse("export", args=[export])).context["scope"])
        assert scope["列表的筛选条件"] == "不再保存"


def test_a_page_of_the_administration_asks_for_all_pages(client_for: ClientFor, play: Play) -> None:
    query = "p=1&all=1&e=1&_popup=1&_to_field=id&_facets=True&q=武"
    for name in ("region-records", "employee-records"):
        links = offered(client_for("sj.auditor"), f"{place_of(name)}?{query}")
        left = [QueryDict(link.split("?")[1]) for link in links]
        assert [(one if name in AT_ONCE else QueryDict(one["asked"])).dict() for one in left] == [{"q": "武"}] * 2


def test_two_models_do_not_share_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LISTED, "region-records", Unit)
    with pytest.raises(ValueError, match="region-records"):
        OfficeAdminSite(name="another").register(Region, type("Regions", (GuardedAdmin,), {}))


# At once


def test_a_list_that_leads_to_nobody_is_streamed(client_for: ClientFor, play: Play) -> None:
    Region.objects.create(name='=HYPERLINK("http://a")', unit=Unit.objects.get(code="WH"))
    client, place = client_for("sc.officer"), place_of("region-records")
    csv_link, xlsx_link = offered(client, f"{place}?q=HYPER")
    assert "q=HYPER" in csv_link
    answer = client.get(csv_link)
    (mark,), heads, *rows = lines(answer)
    assert (answer.streaming, "sc.officer" in mark) == (True, True)
    assert heads == [str(column.label) for column in LISTINGS["region-records"].columns]
    assert [row[0] for row in rows] == ['\'=HYPERLINK("http://a")']
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (answer.headers["X-Content-Type-Options"], "no-store" in answer.headers["Cache-Control"]) == (
        "nosniff",
        True,
    )
    book = load_workbook(io.BytesIO(b"".join(client.get(xlsx_link).streaming_content)))  # type: ignore[attr-defined]
    sheet: Any = book.active
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["A3"].quotePrefix) == ('=HYPERLINK("http://a")', "s", True)
    noted = list(AccessLog.objects.filter(action="export").values_list("detail", "result", "actor__username"))
    assert noted == [("list region-records 1", "ok", "sc.officer")] * 2


def test_other_lists_are_not_at_that_address(client_for: ClientFor, play: Play) -> None:
    play.upto("accepted")
    client = client_for("sj.auditor")
    names = sorted(set(LISTINGS) - AT_ONCE)
    assert {client.get(reverse("list_file", args=[name, "csv"])).status_code for name in [*names, "none"]} == {404}
    assert client.get(reverse("list_file", args=["rankings", "pdf"])).status_code == 404
    assert client_for("wh.zhang").get(reverse("list_file", args=["region-records", "csv"])).status_code == 403
    assert client_for("wh.zhang").get(reverse("list_file", args=["rankings", "csv"])).status_code == 200


def test_too_many_rows_at_once_are_refused(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, now: Now) -> None:
    policy = _with_rows(privacy_in_force(now.at), 1)
    monkeypatch.setattr("assessment.views.list_files.privacy_in_force", lambda at: policy)
    answer = client_for("sc.officer").get(reverse("list_file", args=["category-records", "csv"]))
    assert (answer.status_code, AccessLog.objects.filter(action="export").exists()) == (422, False)


def test_a_filter_that_the_page_refuses_gives_no_file(client_for: ClientFor, play: Play) -> None:
    client = client_for("sc.officer")
    place = reverse("list_file", args=["region-records", "csv"])
    told = {"parent__name__regex=.": 422, "password__startswith=a": 422, "o=zzz": 200, "p=9": 200}
    for query, status in told.items():
        answer = client.get(f"{place}?{query}")
        assert answer.status_code == status, query


# Pieces


def statements(listing: Listing, play: Play, piece: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(listings, "AT_ONCE", piece)
    actor = actor_for(play.cast["sj.auditor"].pk, play.now.at)
    assert actor is not None
    found = listing.found(asked_in(QueryDict(), listing), actor, play.now.at)
    keys = listings.keys_of(found, 1000)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        rows = [row for part in listings.in_pieces(listing, found.rows, keys, actor, play.now.at) for row in part]
    assert len(rows) == len(keys)
    return len(captured)


@pytest.mark.parametrize("name", ["complaints", "leads", "round-records", "rule_readings"])
def test_statements_grow_with_pieces_and_not_with_rows(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for _time in range(3):
        play.upto("accepted")
    now.forward(days=30)
    sweep(now.at)
    few = statements(LISTINGS[name], play, 2, monkeypatch)
    many = statements(LISTINGS[name], play, 500, monkeypatch)
    assert 0 < many <= 5
    assert few > many


def test_rows_that_left_meanwhile_are_left_out(play: Play, now: Now) -> None:
    """The keys are of one instant; what the person may no longer see by the time a piece is read isn't in it."""
    found = [play("register", "kf.agent") for _time in range(2)]
    actor = actor_for(play.cast["sj.auditor"].pk, now.at)
    assert actor is not None
    listing = LISTINGS["complaints"]
    found_now = listing.found(QueryDict(), actor, now.at)
    rows, keys = found_now.rows, listings.keys_of(found_now, 10)
    first = [found[0].pk, found[1].pk]
    (piece,) = listings.in_pieces(listing, rows.exclude(pk=found[0].pk), first, actor, now.at)
    assert [row.pk for row in piece] == [found[1].pk]
    assert set(keys) == set(first)
