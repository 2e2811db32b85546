"""The frame of a page is the reader's own and of this very request, however cheaply it is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy, override

from accountability.models import Appointment, Employee, Notification
from accountability.templatetags.bar import in_the_bar, under_more
from accountability.web.middleware import ArrivalMiddleware
from tests.factories import Now

ClientFor = Callable[[str], Client]


def bar_of(client: Client, **more: Any) -> str:
    page = client.get("/units/", **more).content.decode()
    return page[page.index("<header") : page.index("</header>")]


def places(client: Client) -> list[str]:
    return re.findall(r'href="([^"#]+)"', bar_of(client))


def test_who_takes_turns_with_others_sees_their_own_frame(client_for: ClientFor) -> None:
    names = ("kf.agent", "wh.contact", "sc.officer", "wh.leader", "kf.agent")
    clients = {name: client_for(name) for name in names}
    alone = {name: set(places(clients[name])) for name in names}
    assert len({frozenset(each) for each in alone.values()}) == 4
    for name in names * 2:
        bar = bar_of(clients[name])
        assert set(places(clients[name])) == alone[name]
        assert [other for other in set(names) if f"<strong>{_name(other)}</strong>" in bar] == [name]


def _name(username: str) -> str:
    return Employee.objects.get(username=username).name


def test_an_appointment_that_ends_is_gone_from_the_next_page(client_for: ClientFor, cast: Any, now: Now) -> None:
    client = client_for("sc.officer")
    assert "/admin/" in places(client)
    Appointment.objects.filter(employee=cast["sc.officer"]).update(ends_on=(now.at - timedelta(days=2)).date())
    assert "/admin/" not in places(client)


def test_who_is_disabled_is_out_with_the_next_page(client_for: ClientFor, cast: Any) -> None:
    client = client_for("wh.contact")
    assert client.get("/units/").status_code == 200
    Employee.objects.filter(pk=cast["wh.contact"].pk).update(is_active=False)
    assert client.get("/units/").status_code == 302


def test_the_language_is_that_of_the_request(client_for: ClientFor, settings: Any) -> None:
    client = client_for("kf.agent")
    for language, word in (("en", "Units"), ("zh-hans", "单位"), ("en", "Units")):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        assert word in bar_of(client)


def test_the_number_at_the_bell_is_that_of_the_request(client_for: ClientFor, cast: Any, now: Now) -> None:
    client, told = client_for("kf.agent"), []
    for n in range(3):
        told.append(client.get("/units/").context["unread_count"])
        Notification.objects.create(recipient=cast["kf.agent"], kind=f"none-{n}", facts={}, created_at=now.at)
    assert told == [0, 1, 2]


def test_the_request_has_the_actor_itself_once_somebody_asked(cast: Any, now: Now, monkeypatch: Any) -> None:
    """Through the object that waits each of a page's hundreds of questions would go."""
    request, found = _asked(monkeypatch, cast)
    waiting = request.actor
    assert (waiting.pk, request.actor is found, type(request.actor) is SimpleLazyObject) == (found.pk, True, False)


def test_whoever_was_put_there_meanwhile_stays(cast: Any, now: Now, monkeypatch: Any) -> None:
    """Who is known by a token is put there after the middleware."""
    request, found = _asked(monkeypatch, cast)
    waiting, request.actor = request.actor, "another"
    assert (waiting.pk, request.actor) == (found.pk, "another")


def test_of_a_stranger_the_request_says_that_nobody_asks(monkeypatch: Any) -> None:
    request, _found = _asked(monkeypatch, None)
    assert (bool(request.actor), request.actor) == (False, None)


def _asked(monkeypatch: Any, cast: Any) -> tuple[Any, Any]:
    """A request, as a view gets it, and its actor."""
    request: Any = RequestFactory().get("/")
    request.user, request.session, found = AnonymousUser(), {}, cast and cast["kf.agent"]
    monkeypatch.setattr(ArrivalMiddleware, "_actor", staticmethod(lambda _request: found))
    ArrivalMiddleware(lambda arrived: arrived)(request)  # type: ignore[arg-type, return-value]
    return request, found


NAV = [
    {"label": "甲 & 乙", "url": "/a/?x=1&y=2", "current": True, "aside": False},
    {"label": gettext_lazy("搜索"), "url": "/b/", "current": False, "aside": True},
    *({"label": f"{n}", "url": f"/{n}/", "current": False, "aside": False} for n in range(3)),
]


def test_places_are_in_the_bar_or_under_more_and_escaped() -> None:
    bar, more = (" ".join(drawn(NAV).split()) for drawn in (in_the_bar, under_more))
    assert bar.startswith(
        '<li > <a class="bar__item" href="/a/?x=1&amp;y=2" aria-current="page">甲 &amp; 乙</a> </li> <li > '
        '<a class="bar__item" href="/0/" >0</a> </li>'
    )
    assert bar.endswith('<li class="hide-s"> <a class="bar__item" href="/2/" >2</a> </li>')
    assert re.findall('href="([^"]+)"', more) == ["/b/", "/1/", "/2/"]
    assert more.startswith('<li > <a href="/b/" >搜索</a> </li> <li class="only-s">')
    with override("en"):
        assert ">Search</a>" in under_more(NAV)
