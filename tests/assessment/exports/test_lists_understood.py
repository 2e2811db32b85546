"""Filters of a list that aren't understood, or mean something else by the time: no file holds more than was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accountability.gate.act import Refused
from accountability.models import (
    Employee,
    Region,
    Unit,
    actor_for,
)
from accountability.web.listings import LISTINGS
from assessment.actions import exports as export_actions
from assessment.models import Export
from tests.assessment.docket import Docket
from tests.assessment.exports.made_exports import Exports
from tests.assessment.exports.test_lists import (
    AT_ONCE,
    _files_go_at_once,
    asked_for,
    exports,
    given_up,
)
from tests.factories import Now, Play

__all__ = ["_files_go_at_once", "exports"]

pytestmark = [pytest.mark.rule("R40"), pytest.mark.compliance(10, 16)]

ClientFor = Callable[[str], Client]

STRANGE: dict[str, tuple[str, ...]] = {
    "complaints": (
        "list=forged", "region=forged", "person=forged", "state=forged", "unit=forged", "received_from=forged",
        "holder=kf.agent", "clock=forged", "category=0", "order=forged", "number=%00",
    ),
    "cases": ("all=2", "asked=forged"),
    "plans": ("asked=forged", "clock=forged"),
    "leads": ("unit=forged", "kind=forged", "aside=1"),
    "leads-aside": ("unit=forged",),
    "rule_readings": ("read=forged",),
    "access_log": ("person=forged", "day=forged", "action=forged"),
    "case-records": ("scope=forged", "unit=forged", "state=forged", "q=%00"),
    "alarm-records": ("q=forged",),
    "employee-records": ("password__startswith=a", "q=%00", "is_active__exact=forged", "forged__exact=1"),
}  # fmt: skip
UNDERSTOOD: dict[str, tuple[str, ...]] = {
    "complaints": (
        "list=overdue&order=newest", "overdue=1", "region=武汉&person=kf.agent&state=all&mine=on", "number=1234",
        "received_from=2026-11-01&clock=late&flag=escalated",
    ),
    "cases": ("all=1",),
    "plans": ("all=1&asked=owed&clock=late",),
    "rights": ("all=1",),
    "mass_events": ("all=1",),
    "leads": ("unit=WH&focus=on",),
    "leads-aside": ("aside=1&unit=WH",),
    "rule_readings": ("read=no&unit=WH",),
    "access_log": ("person=kf.agent&day=2026-11-02&result=ok",),
    "case-records": ("scope=late&unit=WH&q=123",),
    "employee-records": ("q=wh&is_active__exact=1&o=-1", "username__startswith=wh", "p=99&all=1"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(LISTINGS)))
def test_what_a_list_does_not_understand_makes_no_file(
    exports: Exports, play: Play, client_for: ClientFor, name: str
) -> None:
    """The page leaves it out; a file would have everything."""
    play.upto("accepted")
    client = client_for("sj.auditor")
    for query in (*STRANGE.get(name, ()), "forged=1"):
        if name in AT_ONCE:
            answer = client.get(f"{reverse('list_file', args=[name, 'csv'])}?{query}")
            assert (answer.status_code, "无法识别" in answer.content.decode()) == (422, True), query
            continue
        with pytest.raises(Refused, match="无法识别"):
            exports.requested("sj.auditor", **asked_for(name, query))
        told = asked_for(name, query) | {"format": "csv", "reason": "核对。"}
        begun = client.get(reverse("begin_export"), told)
        assert (begun.status_code, begun.context["filters"], "无法识别" in begun.context["said"]) == (422, "", True)
        assert client.post(reverse("begin_export"), told).status_code == 422
        assert "无法识别" in client.get(reverse("count_export"), told).content.decode()
    assert not Export.objects.exists()


def test_what_a_list_understands_is_not_refused(play: Play, now: Now) -> None:
    actor = actor_for(play.cast["sj.auditor"].pk, now.at)
    assert actor is not None
    for name, listing in LISTINGS.items():
        for query in ("", *UNDERSTOOD.get(name, ())):
            assert listing.for_file(QueryDict(query), actor, now.at), (name, query)


def a_namesake(play: Play) -> str:
    agent = play.cast["kf.agent"]
    Employee.objects.create(username="kf.hired", name=agent.name, unit=agent.unit)
    return agent.name


@pytest.mark.parametrize(
    ("name", "query", "meanwhile"),
    [
        ("complaints", "person={agent}", a_namesake),
        ("complaints", "region=宜昌", lambda play: Region.objects.filter(name="宜昌").delete()),
        ("complaints", "unit=YC", lambda play: Unit.objects.filter(code="YC").update(code="YX")),
        ("cases", "all=1", lambda play: None),
        ("case-records", "unit=WH", lambda play: Unit.objects.filter(code="WH").update(code="WX")),
        ("leads", "unit=WH", lambda play: Unit.objects.filter(code="WH").update(code="WX")),
    ],
)
def test_a_filter_that_means_nothing_any_more_gives_the_file_up(
    exports: Exports, play: Play, docket: Docket, monkeypatch: pytest.MonkeyPatch, name: str, query: str, meanwhile: Any
) -> None:
    """What was approved was narrowed; made without the filter, the file would have every row of the list."""
    monkeypatch.setattr("assessment.actions.exports.refuse_unless", lambda *_given: None)  # an empty list is as good
    docket.upto("notified")
    play("register", "kf.agent", region="宜昌")
    export = exports.approved("sj.auditor", **asked_for(name, query.format(agent=play.cast["kf.agent"].name)))
    done = meanwhile(play)
    assert given_up(exports, export) == ("filters" if done else "")


def test_a_list_of_an_office_that_one_left_gives_the_file_up(
    exports: Exports, play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    play("register", "kf.agent")
    export = exports.approved(**asked_for("complaints", "list=dispatch"))
    monkeypatch.setattr("complaints.lists.queue.lists_of", lambda actor, at: [])
    assert given_up(exports, export) == "filters"
    page = client_for("kf.supervisor").get(reverse("export", args=[export])).content.decode()
    assert "筛选条件已不能识别" in page


@pytest.mark.parametrize(("more", "why"), [(1, ""), (2, "grown")])
def test_a_list_that_grew_far_beyond_what_was_counted_is_not_made(
    exports: Exports, play: Play, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch, more: int, why: str
) -> None:
    assert export_actions.MAY_GROW == 100
    monkeypatch.setattr(export_actions, "MAY_GROW", 0)
    play("register", "kf.agent")
    export = exports.approved(**asked_for("complaints"))
    for _time in range(more):
        play("register", "kf.agent")
    assert given_up(exports, export) == why
    page = client_for("kf.supervisor").get(reverse("export", args=[export])).content.decode()
    assert ("比申请时多出很多" in page) == bool(why)


def test_a_list_that_a_release_renames_is_given_up_once(exports: Exports, play: Play, client_for: ClientFor) -> None:
    play("register", "kf.agent")
    export = exports.approved(**asked_for("complaints"))
    Export.objects.filter(pk=export.pk).update(listing="renamed")
    place = reverse("export", args=[export])
    before = client_for("sc.leader").get(place)
    assert (before.status_code, "系统已没有这个列表" in before.content.decode()) == (200, True)
    assert given_up(exports, export) == "gone"
    assert client_for("kf.supervisor").get(place).status_code == 200
