"""The pages of the addresses: two people, a secret shown once, the way of each event, resending, and who may what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.audit.reconciliation import reconcile
from accountability.models import AccessLog, Notification, PersonalData, WebhookDelivery, WebhookEndpoint
from tests.accountability.webhooks.conftest import Add
from tests.accountability.webhooks.receiver import Receiver
from tests.factories import Now, Play

ClientFor = Callable[[str], Client]
LIST = reverse("webhooks")


def place(verb: str) -> str:
    return reverse("organisation_act", args=[verb])


def test_one_adds_it_and_another_enables_it(client_for: ClientFor, receiver: Receiver, now: Now) -> None:
    security, second = client_for("sj.security"), client_for("sj.auditadmin")
    shown = security.post(place("add_webhook"), {"url": receiver.url, "types": ["complaint.reply"]}).text
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.disabled, endpoint.types) == ("new", ["complaint.reply"])
    assert endpoint.opened["secret"] in shown
    listed = security.get(LIST).text
    assert endpoint.opened["secret"] not in listed
    assert "hooks.example" in listed
    assert "geheim" not in listed, "a query may be a key"
    enable = {"webhook": endpoint.token}
    alone = security.post(place("enable_webhook"), enable)
    assert (alone.status_code, "须由添加人以外的另一人启用。" in alone.text) == (422, True)
    assert WebhookEndpoint.objects.get().disabled == "new"
    assert second.post(place("enable_webhook"), enable).status_code == 302
    assert WebhookEndpoint.objects.get().disabled == ""
    told = Notification.objects.filter(kind="webhook_added")
    assert [row.recipient.username for row in told] == ["sj.auditadmin"]


def test_address_and_secret_stand_nowhere_unsealed(play: Play, add: Add, receiver: Receiver) -> None:
    endpoint, secret = add()
    assert PersonalData.objects.get(kind="add_webhook").opened == {"url": receiver.url}
    row = str(WebhookEndpoint.objects.values().get(pk=endpoint.pk))
    assert "hooks.example" not in row
    assert secret not in row


@pytest.mark.parametrize("url", ["http://hooks.example/", "https://169.254.169.254/latest/", "https://[::1]/", "x"])
def test_an_address_that_is_none_is_told_at_its_field(client_for: ClientFor, receiver: Receiver, url: str) -> None:
    answer = client_for("sj.security").post(place("add_webhook"), {"url": url})
    assert (answer.status_code, WebhookEndpoint.objects.count()) == (422, 0)
    assert "地址须以 https:// 开头" in answer.text


def test_a_type_that_is_none_is_refused(play: Play, receiver: Receiver) -> None:
    refused = play.refused("add_webhook", "sj.security", url=receiver.url, types=["case.admit"])
    assert refused.fields == {"types": "没有这种事件。"}


@pytest.mark.parametrize("username", ["sj.system", "sj.auditadmin", "sj.auditor", "sc.leader", "kf.supervisor"])
@pytest.mark.rule("R15")
def test_nobody_else_adds_one_or_changes_its_secret(play: Play, add: Add, receiver: Receiver, username: str) -> None:
    endpoint, _secret = add()
    assert play.refused("add_webhook", username, url=receiver.url).code == "forbidden"
    assert play.refused("rotate_webhook", username, webhook=endpoint.token).code == "forbidden"


@pytest.mark.parametrize("username", ["sj.system", "sj.auditor", "sc.leader", "kf.supervisor"])
@pytest.mark.rule("R15")
def test_nobody_else_enables_or_disables_one(play: Play, add: Add, username: str) -> None:
    endpoint, _secret = add()
    for verb in ("enable_webhook", "disable_webhook"):
        assert play.refused(verb, username, webhook=endpoint.token).code == "forbidden"


def test_a_new_secret_is_shown_once_on_its_page(play: Play, client_for: ClientFor, add: Add) -> None:
    endpoint, former = add()
    shown = client_for("sj.security").post(place("rotate_webhook"), {"webhook": endpoint.token}).text
    new = WebhookEndpoint.objects.get().opened["secret"]
    assert (new in shown, former in shown, new == former) == (True, False, False)


def test_there_are_not_more_than_twenty(play: Play, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountability.actions.webhooks.MOST", 1)
    play("add_webhook", "sj.security", url=receiver.url)
    assert "最多 1 个" in str(play.refused("add_webhook", "sj.security", url=receiver.url))


def test_switched_off_there_is_no_page_and_no_verb(
    play: Play, client_for: ClientFor, receiver: Receiver, settings: Any, add: Add
) -> None:
    endpoint, _secret = add()
    settings.EVENTS_OUT = False
    security = client_for("sj.security")
    assert [security.get(url).status_code for url in (LIST, reverse("webhook", args=[endpoint.token]))] == [404, 404]
    assert "EVENTS_OUT" in str(play.refused("add_webhook", "sj.security", url=receiver.url))
    assert LIST not in security.get(reverse("accounts")).text


def test_the_log_shows_each_event_and_resends_it_with_its_id(
    play: Play, client_for: ClientFor, add: Add, receiver: Receiver, send: Callable[..., int]
) -> None:
    endpoint, _secret = add()
    number = str(play.upto("registered").matter)
    receiver.answers = [400]
    send()
    system, log = client_for("sj.system"), reverse("webhook", args=[endpoint.token])
    shown = system.get(log).text
    assert all(word in shown for word in (number, "complaint.register", "HTTP 400", "待发送"))
    delivery = WebhookDelivery.objects.get()
    receiver.answers = [200]
    resend = reverse("resend_event", args=[endpoint.token, delivery.pk])
    send(minutes=1)
    assert WebhookDelivery.objects.get().state == "sent"
    assert system.post(resend).status_code == 302
    send(minutes=1)
    assert len(receiver.bodies) == 3
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1
    row = AccessLog.objects.get(action="resend_event")
    assert row.detail == f"{endpoint.token} {delivery.event.key}"
    other, _secret = add()
    assert system.post(reverse("resend_event", args=[other.token, delivery.pk])).status_code == 404


@pytest.mark.parametrize(("username", "status"), [("sj.auditadmin", 403), ("sj.auditor", 403), ("sj.security", 302)])
def test_who_resends(
    play: Play, client_for: ClientFor, add: Add, send: Callable[..., int], username: str, status: int
) -> None:
    endpoint, _secret = add()
    play.upto("registered")
    send()
    delivery = WebhookDelivery.objects.get()
    resend = reverse("resend_event", args=[endpoint.token, delivery.pk])
    assert client_for(username).post(resend).status_code == status


def test_the_log_is_read_with_as_many_statements_however_long_it_is(
    play: Play, client_for: ClientFor, add: Add, send: Callable[..., int], django_assert_max_num_queries: Any
) -> None:
    endpoint, _secret = add()
    counted = []
    client, log = client_for("sj.system"), reverse("webhook", args=[endpoint.token])
    for _round in range(2):
        for _one in range(14):
            play.upto("registered")
        while send(minutes=1):
            pass
        with django_assert_max_num_queries(40) as asked:
            answer = client.get(log)
        counted.append(len(asked))
    assert counted[0] == counted[1]
    assert answer.text.count("complaint.register") == 25


@pytest.mark.compliance(1)
def test_the_ledger_proves_the_addresses(play: Play, add: Add) -> None:
    """Somebody with the database's rights alone can't send events elsewhere unseen."""
    endpoint, _secret = add()
    assert _found() == []
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(unit=None, types=["complaint.x"])
    assert len(_found()) == 1


def _found() -> list[str]:
    return [str(one) for one in reconcile() if "webhook" in str(one).lower() or "推送" in str(one)]
