"""What is asked of the peer: the operations that both have, by the same names as ours.

A list is its page and the rows that the page's script fetches; a number is looked for as the peer's own search box does
it, by the ticket's key, and leads to the ticket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from random import Random
from urllib.parse import parse_qs, urlencode, urlsplit

from accountability.models import Employee, Unit
from complaints.models import Complaint
from config.bench.scale.corpus import CENTRE, CLOSED, PRIORITIES, RESOLVED, title_of
from config.bench.scale.operations import AGENT, FREQUENT, HANDLER, RARE, Asked, Operation, closed_ones

ROWS = re.compile(r'"url": "(/datatables_ticket_list/[^"]*)"')
SHOWN = 25
SAID = "用户反映宽带频繁掉线，已多次报障未果，要求尽快处理并给出书面答复。"
ANY = ("1", "2", "3", "4", "5")


def beside(chance: Random) -> Iterator[Operation]:
    """To be asked for on the database whose complaints are the tickets; the requests themselves need none."""
    closed = closed_ones()
    unit = Unit.objects.get(code="WH").pk

    def listed(name: str, **asked: str | list[str]) -> Operation:
        address = f"/tickets/?{urlencode(asked, doseq=True)}" if asked else "/tickets/"
        return Operation(name, AGENT, lambda: ("GET", address, None), then=its_rows)

    def number() -> Asked:
        return "GET", f"/tickets/?{urlencode({'search_type': 'header', 'q': chance.choice(closed).pk})}", None

    yield listed("queue, agent")
    yield listed("queue, filtered and sorted", queue=str(unit), status=["1", "2"], sort="due_date")
    yield listed("everything, agent, newest", status=list(ANY), sort="created", sortreverse="on")
    yield Operation("desk, agent", AGENT, lambda: ("GET", "/dashboard/", None))
    yield Operation("complaint", AGENT, lambda: ("GET", f"/tickets/{chance.choice(closed).pk}/", None))
    yield listed("word, rare", q=RARE)
    yield listed("word, frequent", q=FREQUENT)
    yield Operation("number", AGENT, number, then=the_ticket)
    yield Operation("dashboard, a month", AGENT, lambda: ("GET", "/reports/queuemonth/", None))
    yield from _acts(chance)


def its_rows(_asked: Asked, page: str) -> Asked:
    """The rows that the list's page fetches, in its first request."""
    found = ROWS.search(page)
    if found is None:
        return "GET", "/the-page-names-no-rows/", None
    return "GET", f"{unescape(found[1])}?{urlencode({'draw': 1, 'start': 0, 'length': SHOWN})}", None


def the_ticket(asked: Asked, _page: str) -> Asked:
    """Where the search for a ticket's key leads."""
    (key,) = parse_qs(urlsplit(asked[1]).query)["q"]
    return "GET", f"/tickets/{key}/", None


def _acts(chance: Random) -> Iterator[Operation]:
    """A new ticket, and updates by the ticket's page. Any open ticket will do, as the peer has no order of work. Those
    with the lowest keys were played: they are tickets, whatever was registered after the peer was filled.
    """
    still_open = list(
        Complaint.objects.filter(matter__closed_at=None, latest_round__isnull=False)
        .select_related("matter", "intake", "latest_round")
        .order_by("pk")[:100]
    )
    people = dict(Employee.objects.values_list("username", "pk"))
    units = dict(Unit.objects.values_list("code", "pk"))

    def register() -> Asked:
        return "POST", "/tickets/submit/", {
            "queue": str(units[CENTRE]), "title": "宽带频繁掉线", "priority": "3", "submitter_email": "",
            "body": f"压测用户 139{chance.randrange(10**8):08} {SAID}",
        }  # fmt: skip

    def update(**changed: str) -> Callable[[], Asked]:
        def ask() -> Asked:
            one = chance.choice(still_open)
            queue = one.latest_round.unit_id if one.latest_round else units[CENTRE]
            form = {
                "queue": str(queue),
                "priority": str(PRIORITIES[one.priority]),
                "title": title_of(one),
                "public": "1",
            }
            return "POST", f"/tickets/{one.pk}/update/", form | changed

        return ask

    yield Operation("register", AGENT, register, "create", 302)
    for name, changed in (
        ("add_note", {"comment": "已向营业厅核实。"}),
        ("dispatch", {"comment": "属地处理", "queue": str(units["WH"])}),
        ("hand_off", {"comment": "请处理", "owner": str(people[HANDLER])}),
        ("contact_customer", {"comment": "已电话联系，约定上门。"}),
        ("answer", {"comment": "已更换光猫并测试速率，用户认可。光猫老化。", "new_status": str(RESOLVED)}),
        ("reply", {"comment": "已为您更换光猫，如有问题请再联系。"}),
        ("record_satisfaction", {"comment": "用户满意。", "new_status": str(CLOSED)}),
    ):
        yield Operation(name, AGENT, update(**changed), "create", 302)
