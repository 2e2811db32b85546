"""The pages of bulletins (R54): who reads them, what each number leads to, what was corrected, sending by the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability.models import Paper, Unit
from assessment.actions.bulletins import draft_missing
from assessment.bulletins.columns import COLUMNS
from assessment.models import Bulletin, Case
from tests.assessment.bulletins.made_bulletins import FIRST, Bulletins
from tests.factories import Now

pytestmark = pytest.mark.rule("R54")

ClientFor = Callable[[str], Client]

READ_DRAFTS = ("kf.supervisor", "sc.officer", "sc.leader", "sj.auditor")
OTHERS = (
    "kf.agent", "kf.head", "wh.contact", "wh.deputy", "wh.head", "wh.leader", "wh.zhang", "yc.contact", "zd.head",
    "sj.plain",
)  # fmt: skip
EVERYBODY = (*READ_DRAFTS, *OTHERS)


def text_of(client: Client, place: str) -> str:
    return client.get(place).content.decode()


def statuses(client_for: ClientFor, place: str, names: tuple[str, ...] = EVERYBODY) -> dict[str, int]:
    return {name: client_for(name).get(place).status_code for name in names}


# Who reads


def test_a_draft_is_there_for_those_who_make_and_audit_it(bulletins: Bulletins, client_for: ClientFor) -> None:
    place = f"/bulletins/{bulletins.drafted()}/"
    assert statuses(client_for, place) == dict.fromkeys(READ_DRAFTS, 200) | dict.fromkeys(OTHERS, 404)
    listed = {name: len(client_for(name).get("/bulletins/").context["rows"]) for name in EVERYBODY}
    assert listed == dict.fromkeys(READ_DRAFTS, 1) | dict.fromkeys(OTHERS, 0)
    sending = statuses(client_for, f"{place}do/send_bulletin/")
    assert sending == dict.fromkeys(READ_DRAFTS, 403) | {"kf.supervisor": 200} | dict.fromkeys(OTHERS, 404)


def test_what_was_sent_is_everybodys(bulletins: Bulletins, client_for: ClientFor, now: Now) -> None:
    bulletin = bulletins.sent()
    token = Paper.objects.get(kind="bulletin").token
    for place in (f"/bulletins/{bulletin}/", f"/papers/{token}/"):
        assert statuses(client_for, place) == dict.fromkeys(EVERYBODY, 200)
    now.forward(days=1)
    bulletins("withdraw_bulletin", "kf.supervisor", bulletin)
    body = text_of(client_for("wh.zhang"), f"/bulletins/{bulletin}/")
    assert ("两件超时已免责，数字须更正。" in body, "本通报已撤回" in body) == (True, True)


def test_a_draft_lies_on_the_desk_of_the_centres_supervisors(bulletins: Bulletins, client_for: ClientFor) -> None:
    place = f'href="/bulletins/{bulletins.drafted()}/"'
    assert [name for name in EVERYBODY if place in text_of(client_for(name), "/")] == ["kf.supervisor"]
    bulletins("send_bulletin", "kf.supervisor", Bulletin.objects.get())
    assert [name for name in EVERYBODY if place in text_of(client_for(name), "/")] == []


def test_another_number_and_another_verb_are_not_there(bulletins: Bulletins, client_for: ClientFor) -> None:
    bulletin, client = bulletins.drafted(), client_for("kf.supervisor")
    places = ("/bulletins/TB2026-09/", f"/bulletins/{bulletin}/do/accept_plan/", f"/bulletins/{bulletin}-2/")
    assert [client.get(place).status_code for place in places] == [404, 404, 404]


def test_the_way_to_it_stands_in_everybodys_navigation(client_for: ClientFor) -> None:
    found = [name for name in EVERYBODY if 'href="/bulletins/"' in text_of(client_for(name), "/calendar/")]
    assert found == list(EVERYBODY)


def test_declined_sheets_are_a_number_for_those_who_read_sheets(
    bulletins: Bulletins, client_for: ClientFor, now: Now
) -> None:
    """R40: by no page of a unit's people is it known that there was a sheet."""
    made, play = bulletins.october(), bulletins.play
    told: dict[str, Any] = {"unit": "WH", "person": "wh.zhang", "description": "推诿", "evidence": ["录音"]}
    case = play("issue_sheet", "kf.supervisor", Case(), complaints=[str(made["late"].matter.number)], **told)
    play("approve", "sc.leader", play("decline_case", "sc.officer", case, reason="不成立。", approved_by="sc.leader"))
    now.set(FIRST)
    bulletin = bulletins("send_bulletin", "kf.supervisor", bulletins.drafts())
    known = {name: client_for(name).get(f"/bulletins/{bulletin}/").context["declined"] for name in EVERYBODY}
    assert known == dict.fromkeys((*READ_DRAFTS, "kf.agent"), 1) | dict.fromkeys(OTHERS[1:], None)
    bodies = [text_of(client_for(name), f"/bulletins/{bulletin}/") for name in OTHERS[1:]]
    assert [body for body in bodies if "互动单" in body.replace('href="/sheets/"', "")] == []


# What each number leads to


def links(body: str) -> list[tuple[str, int]]:
    """The addresses of the lists behind the numbers, with the number that leads there."""
    found = re.findall(r'<a href="(/figures/[^"]+)">(\d+)</a>', body)
    return [(unescape(place), int(number)) for place, number in found]


def counted(client: Client, place: str) -> int:
    """How many lines the list behind has, over all its pages."""
    total, following = 0, place
    while following:
        context = client.get(following).context
        total += len(context["rows"])
        after = context["page"].after
        following = f"{place}&after={after}" if after else ""
    return total


@pytest.mark.parametrize("username", ["sc.officer", "kf.supervisor", "wh.contact"])
def test_every_number_leads_to_as_many(bulletins: Bulletins, client_for: ClientFor, username: str) -> None:
    bulletin, client = bulletins.sent(), client_for(username)
    found = links(text_of(client, f"/bulletins/{bulletin}/"))
    assert [(place, number, counted(client, place)) for place, number in found] == [
        (place, number, number) for place, number in found
    ]
    # Marketing: every number of every unit and of the total but the zeros, which lead nowhere.
    figures = Bulletin.objects.get().figures
    told = [line for line in (*figures["lines"], figures["total"]) if username != "wh.contact" or line["unit"] == "WH"]
    columns = [column for column in COLUMNS if username != "kf.supervisor" or not column.is_of_cases]
    numbers = [line["counts"][name] for line in told for column in columns for name in column.measures]
    assert sorted(number for _place, number in found) == sorted(filter(None, numbers))
    assert 0 in numbers


@pytest.mark.rule("R53")
def test_rates_are_told_against_the_bulletin_of_the_month_before(
    bulletins: Bulletins, now: Now, client_for: ClientFor
) -> None:
    """On the page, from what is frozen in it, as on the paper."""
    client, first = client_for("kf.supervisor"), bulletins.sent()
    assert "上期" not in text_of(client, f"/bulletins/{first}/")
    now.set("2026-11-10 09:00")
    bulletins.play.upto("archived", phone="13800000009")
    now.set("2026-12-01 00:11")
    table = client.get(f"/bulletins/{bulletins.drafts()}/").context["table"]
    place = [column.name for column in COLUMNS].index("resolved")
    told = {row.unit: row.cells[place].change.words for row in (*table.rows, table.total) if row.cells[place].change}
    assert (told["WH"], told["YC"]) == ("+50.0 个百分点，好于上期", "上期 0.0%")
    assert told[""] == "+66.7 个百分点，好于上期"


def test_a_number_of_another_unit_leads_a_contact_nowhere(bulletins: Bulletins, client_for: ClientFor) -> None:
    body = text_of(client_for("yc.contact"), f"/bulletins/{bulletins.sent()}/")
    assert {place.rpartition("unit=")[2] for place, _number in links(body)} == {"YC"}
    assert links(text_of(client_for("sj.plain"), f"/bulletins/{Bulletin.objects.get()}/")) == []


# The page


def test_the_page_shows_the_frozen_figures_with_charts(bulletins: Bulletins, client_for: ClientFor) -> None:
    response = client_for("wh.head").get(f"/bulletins/{bulletins.sent()}/")
    rows = response.context["table"].rows
    told = [(row.unit, row.cells[1].text, [p.number for p in row.cells[1].parts], row.cells[10].text) for row in rows]
    assert told == [
        ("WH", "33.3%", [1, 3], "1"), ("YC", "100.0%", [1, 1], "2"), ("SJ", "—", [0, 0], "—"),
        ("WL", "—", [0, 0], "—"), ("ZD", "—", [0, 0], "—"),
    ]  # fmt: skip
    body = response.content.decode()
    assert (body.count("chart__svg"), "shouwen/charts" in body, response.context["changes"]) == (2, True, [])
    assert response.context["table"].notes[-1] == "本月没有计入解决率的轮次、不参加排名：内审部、网络部、终端公司。"


def test_what_was_corrected_since_is_shown_beside_it(bulletins: Bulletins, client_for: ClientFor, now: Now) -> None:
    made = bulletins.october()
    now.set(FIRST)
    bulletin = bulletins("send_bulletin", "kf.supervisor", bulletins.drafts())
    now.set("2026-11-04 10:00")
    told: dict[str, Any] = {"deadlines": ["handling#1"]}
    bulletins.play("propose_excuse", "sc.officer", bulletins.play.again(made["late"]), **told, reason="系统故障。")
    bulletins.play("confirm_excuse", "sc.leader", bulletins.play.again(made["late"]), **told)
    place = f"/bulletins/{bulletin}/"
    seen = {
        name: client_for(name).get(place).context["changes"] for name in ("kf.supervisor", "sj.auditor", "wh.zhang")
    }
    assert (seen["kf.supervisor"] == seen["sj.auditor"], seen["wh.zhang"]) == (True, None)
    assert client_for("wh.zhang").get(f"{place}?compare=1").context["changes"] == seen["kf.supervisor"]
    response = client_for("wh.contact").get(place)
    shown = [(change.unit, change.frozen, change.present) for change in response.context["changes"]]
    assert shown[:2] == [("WH", "33.3%（1/3）", "50.0%（1/2）"), ("WH", "2", "1")]
    assert "截止后有更正" in response.content.decode()
    assert response.context["table"].rows[0].cells[1].text == "33.3%"


def test_a_supervisor_sends_it_by_the_page(bulletins: Bulletins, client_for: ClientFor, now: Now) -> None:
    bulletin, client = bulletins.drafted(), client_for("kf.supervisor")
    page = client.get(f"/bulletins/{bulletin}/")
    assert [form.verb.name for form in page.context["forms"]] == ["send_bulletin", "draft_bulletin"]
    seen = page.context["forms"][0].initial["_seen"]
    now.set("2026-11-02 09:00")
    place = f"/bulletins/{bulletin}/do/send_bulletin/"
    bulletins("draft_bulletin", "kf.supervisor", bulletin)
    stale = client.post(place, {"_key": "a", "_seen": seen, "remarks": "已核对。"})
    assert (stale.status_code, Bulletin.objects.get().state) == (409, "drafted")
    again = stale.context["form"].data
    sent = client.post(place, {"_key": again["_key"], "_seen": again["_seen"], "remarks": "已核对。"})
    assert (sent.status_code, sent.headers["Location"]) == (302, f"/bulletins/{bulletin}/")
    assert (Bulletin.objects.get().state, Paper.objects.get(kind="bulletin").number) == ("sent", "鄂移客通〔2026〕1号")
    assert client.get(place).status_code == 409


def test_a_draft_can_be_seen_as_the_paper_it_will_be(bulletins: Bulletins, client_for: ClientFor) -> None:
    place = f"/papers/draft/bulletin/{bulletins.drafted()}/0/"
    found = {name: client_for(name).post(place).status_code for name in EVERYBODY}
    assert found == dict.fromkeys(READ_DRAFTS, 302) | dict.fromkeys(OTHERS, 404)


@pytest.mark.parametrize("username", ["kf.supervisor", "wh.contact"])
def test_as_many_statements_for_thirty_three_units(
    bulletins: Bulletins, client_for: ClientFor, now: Now, username: str
) -> None:
    """Three units with volume in the first month, thirty-three units in the second; drafting costs the same too."""
    first = bulletins.sent()
    client = client_for(username)
    client.get(f"/bulletins/{first}/")
    before = statements(lambda: client.get(f"/bulletins/{first}/"))
    Unit.objects.bulk_create(
        Unit(code=f"U{place}", name=f"第{place}分公司", kind=Unit.Kind.BRANCH) for place in range(28)
    )
    now.set("2026-12-01 00:11")
    drafting = statements(lambda: draft_missing(now.at))
    second = bulletins("send_bulletin", "kf.supervisor", Bulletin.objects.get(state="drafted"))
    assert len(second.figures["lines"]) == 33
    assert statements(lambda: client.get(f"/bulletins/{second}/")) == before
    assert drafting < 60


def statements(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        work()
    return len(queries)
