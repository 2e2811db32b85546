"""The way of an event to its receiver: signed, once and again with the same id, for three days, past dead addresses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook, WebhookVerificationError

from accountability import tasks
from accountability.gate import perform as gate
from accountability.models import Alarm, LedgerEntry, Notification, WebhookDelivery, WebhookEndpoint, WebhookEvent
from accountability.webhooks import messages, outbox, sending
from complaints.models import Complaint
from tests.accountability.gate.held import away
from tests.accountability.webhooks.conftest import Add
from tests.accountability.webhooks.receiver import Receiver
from tests.factories import Now, Play

Send = Callable[..., int]


def states() -> list[tuple[str, int, str]]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("state", "attempts", "problem"))


def test_the_signature_is_that_of_the_published_example() -> None:
    """The vector of the convention's own reference implementations."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # pragma: allowlist secret
    key = "msg_p5jXN8AQM9LWM0D4loKWxJek"  # pragma: allowlist secret
    signed = messages.signature(secret, key, "1614265330", b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_of_the_convention_verifies_what_is_sent(
    play: Play, now: Now, add: Add, receiver: Receiver, send: Send
) -> None:
    _endpoint, secret = add()
    number = str(play.upto("registered").matter)
    assert send() == 1
    with time_machine.travel(now.at, tick=False):
        told: Any = Webhook(secret).verify(receiver.bodies[0], receiver.headers[0])
        with pytest.raises(WebhookVerificationError):
            Webhook(messages.new_secret()).verify(receiver.bodies[0], receiver.headers[0])
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(receiver.bodies[0].replace(b"registered", b"archived"), receiver.headers[0])
    assert receiver.headers[0]["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert told == {
        "specversion": "1.0", "id": receiver.headers[0]["webhook-id"], "source": "https://shouwen.example",
        "type": "shouwen.complaint.register", "subject": number, "time": "2026-11-24T09:00:00+08:00",
        "datacontenttype": "application/json",
        "data": {
            "number": number, "state": "registered", "priority": "P3", "round": None, "verb": "register",
            "unit": None, "facts": {"channel": "call", "priority": "P3"},
        },
    }  # fmt: skip


def test_after_a_change_of_the_secret_both_are_good_for_a_day(
    play: Play, now: Now, add: Add, receiver: Receiver, send: Send
) -> None:
    endpoint, former = add()
    new = play("rotate_webhook", "sj.security", webhook=endpoint.token).shown_once
    play.upto("registered")
    send()
    now.forward(hours=25)
    play.upto("registered")
    send()

    def good(secret: str, place: int) -> bool:
        moment = datetime.fromtimestamp(int(receiver.headers[place]["webhook-timestamp"]), UTC)
        with time_machine.travel(moment, tick=False):
            try:
                Webhook(secret).verify(receiver.bodies[place], receiver.headers[place])
            except WebhookVerificationError:
                return False
        return True

    assert [good(secret, place) for place in (0, 1) for secret in (new, former)] == [True, True, True, False]


def test_each_try_has_the_same_id_and_words(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add()
    play.upto("registered")
    receiver.answers = [500, 503, 200]
    assert [send(), send(seconds=5), send(minutes=5), send(hours=1)] == [0, 0, 1, 0]
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1
    assert len({headers["webhook-timestamp"] for headers in receiver.headers}) == 3
    assert len(set(receiver.bodies)) == 1
    assert states() == [("sent", 3, "")]


def test_it_is_tried_for_three_days_then_given_up_and_the_address_disabled_with_an_alarm(
    play: Play, now: Now, add: Add, receiver: Receiver, send: Send, reach: Any, settings: Any
) -> None:
    endpoint, _secret = add()
    reach("sj.system", {"email": "system@sj.example"})
    settings.CHANNELS = {"email": {"way": "accountability.notices.channels.mail.Email"}}
    play.upto("registered")
    receiver.answers = [500]
    tries: list[timedelta] = []
    began = now.at
    for _minute in range(4 * 24 * 60 // 5):
        before = len(receiver.bodies)
        send()
        if len(receiver.bodies) > before:
            tries.append(now.at - began)
        now.forward(minutes=5)
    assert [round(after.total_seconds() / 3600, 1) for after in tries] == [
        0.0, 0.1, 0.2, 0.7, 2.7, 7.7, 17.7, 31.7, 51.7, 75.7,
    ]  # fmt: skip
    assert timedelta(days=3) < tries[-1] < timedelta(days=3.2)
    assert states() == [("failed", 10, "HTTP 500")]
    assert WebhookEndpoint.objects.get().disabled == "failing"
    entry = LedgerEntry.objects.get(verb="disable_webhook")
    assert (entry.actor.username, entry.facts) == ("system", {"webhook": endpoint.token, "why": "failing"})
    assert Alarm.objects.get(kind="webhook").cleared_at is None
    told = Notification.objects.filter(kind="webhook_disabled")
    assert {row.recipient.username for row in told} == {"sj.system", "sj.security"}
    tasks.send_notifications()
    assert "hooks.example" in mail.outbox[-1].body
    assert "geheim" not in mail.outbox[-1].body
    play("enable_webhook", "sj.security", webhook=endpoint.token)
    assert Alarm.objects.get(kind="webhook").cleared_at is not None


def test_one_success_in_between_keeps_the_address(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add()
    play.upto("registered")
    receiver.answers = [500]
    for _day in range(2):
        send(hours=24)
    receiver.answers = [200]
    send(hours=24)
    play.upto("registered")
    receiver.answers = [500]
    send(hours=24)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.disabled, endpoint.failures) == ("", 1)


def test_who_says_gone_is_sent_nothing_more(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add()
    play.upto("registered")
    receiver.answers = [410]
    send()
    play.upto("registered")
    send(minutes=30)
    assert len(receiver.bodies) == 1
    assert WebhookEndpoint.objects.get().disabled == "gone"


def test_a_dead_address_delays_no_other(
    play: Play, now: Now, add: Add, receiver: Receiver, send: Send, names: dict[str, list[str]]
) -> None:
    """However many events wait for it: it is tried once in a run, and left in peace between them."""
    add("https://dead.example/")
    add()
    for _one in range(5):
        play.upto("registered")
    assert send() == 5
    dead = WebhookDelivery.objects.filter(endpoint__failures__gt=0)
    assert sum(dead.values_list("attempts", flat=True)) == 1
    send(seconds=4)
    assert sum(dead.values_list("attempts", flat=True)) == 1
    assert {one.problem for one in dead} == {"gaierror", ""}


def test_a_run_starts_nothing_after_its_time_and_the_next_begins_with_the_other(
    play: Play, add: Add, receiver: Receiver, now: Now
) -> None:
    for _one in range(2):
        add()
    play.upto("registered")
    assert sending.send(now.at, budget=0) == 0
    assert receiver.bodies == []
    assert sending.send(now.forward(seconds=5)) == 2


def test_a_second_worker_sends_nothing_again(play: Play, now: Now, add: Add) -> None:
    """Both have read the row; one of them claims it."""
    add()
    play.upto("registered")
    outbox.spread(now.at)
    mine, other = WebhookDelivery.objects.get(), WebhookDelivery.objects.get()
    assert (mine.claim(now.at + sending.LEASE), other.claim(now.at + sending.LEASE)) == (True, False)


def test_a_worker_that_died_is_followed_by_another(play: Play, now: Now, add: Add, send: Send) -> None:
    add()
    play.upto("registered")
    outbox.spread(now.at)
    WebhookDelivery.objects.get().claim(now.at + sending.LEASE)
    assert [send(), send(minutes=4), send(minutes=2)] == [0, 0, 1]


def test_the_event_is_written_with_the_act_or_not_at_all(play: Play, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    add()

    def fails(*_said: Any) -> None:
        raise RuntimeError("after the flush")

    monkeypatch.setattr(gate, "_log_origin", fails)
    with pytest.raises(RuntimeError):
        play.upto("registered")
    assert (Complaint.objects.count(), WebhookEvent.objects.count()) == (0, 0)
    monkeypatch.undo()


def test_a_refused_act_is_no_event(play: Play, add: Add) -> None:
    add()
    complaint = play.upto("registered")
    play.refused("hand_off", "wh.contact", complaint)
    assert [event.kind for event in WebhookEvent.objects.all()] == ["complaint.register"]


def test_switched_off_an_act_costs_no_statement_and_nothing_is_sent(
    play: Play, add: Add, settings: Any, now: Now, django_assert_num_queries: Any
) -> None:
    add()
    settings.EVENTS_OUT = False
    with django_assert_num_queries(0):
        assert sending.send(now.at) == 0
    play.upto("replied")
    assert WebhookEvent.objects.count() == 0


def test_switched_on_an_act_costs_one_statement(play: Play, now: Now, settings: Any, add: Add) -> None:
    counted = []
    for is_on in (False, True):
        settings.EVENTS_OUT = is_on
        complaint = play.upto("delivered")
        with CaptureQueriesContext(connection) as asked:
            play("hand_off", "wh.contact", complaint)
        counted.append([query["sql"] for query in asked])
    more = [one for one in counted[1] if "webhookevent" in one]
    assert (len(counted[1]) - len(counted[0]), len(more)) == (1, 1), more


def test_while_a_hold_lasts_nothing_from_before_is_sent(play: Play, now: Now, add: Add, receiver: Receiver) -> None:
    """A copy that is put back would send a second time what went out before."""
    add()
    play.upto("registered")
    away(play, 1)
    sending.send(now.at)
    assert receiver.bodies == []


def test_after_thirty_days_events_are_forgotten(play: Play, now: Now, add: Add, send: Send) -> None:
    add()
    play.upto("registered")
    send()
    send(days=29)
    assert WebhookEvent.objects.count() == 1
    send(days=2)
    assert (WebhookEvent.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


def test_an_address_is_told_nothing_of_before_it_was_enabled_and_nothing_while_disabled(
    play: Play, now: Now, add: Add, receiver: Receiver, send: Send
) -> None:
    play.upto("registered")
    now.forward(minutes=1)
    endpoint, _secret = add()
    send()
    play("disable_webhook", "sj.security", webhook=endpoint.token)
    play.upto("registered")
    send(minutes=1)
    play("enable_webhook", "sj.security", webhook=endpoint.token)
    send(minutes=1)
    assert receiver.bodies == []


def test_an_address_whose_key_is_lost_stops_no_other(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    broken, _secret = add()
    WebhookEndpoint.objects.filter(pk=broken.pk).update(sealed=b"\xff" + b"0" * 60)
    add()
    play.upto("registered")
    assert send() == 1
    assert {one[2] for one in states()} == {"InvalidTag", ""}


def test_of_an_answer_only_the_status_is_kept(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add()
    play.upto("registered")
    receiver.answers = [500]
    send()
    kept = json.dumps(list(WebhookDelivery.objects.values()), default=str)
    assert "HTTP 500" in kept
    assert "xxx" not in kept


def test_the_receiver_of_the_document_takes_what_is_sent_and_nothing_else(
    play: Play, now: Now, add: Add, receiver: Receiver, send: Send
) -> None:
    _endpoint, secret = add()
    play.upto("registered")
    send()
    written = (settings.BASE_DIR / "docs/integration.md").read_text(encoding="utf-8")
    example: dict[str, Any] = {}
    exec(written.partition("```python\n")[2].partition("```")[0], example)  # noqa: S102
    headers, body = {name.lower(): value for name, value in receiver.headers[0].items()}, receiver.bodies[0]
    with time_machine.travel(now.at, tick=False):
        assert example["event_of"](headers, body, secret) == receiver.told[0]
        with pytest.raises(ValueError, match="signature"):
            example["event_of"](headers, body + b" ", secret)
    with time_machine.travel(now.at + timedelta(minutes=6), tick=False), pytest.raises(ValueError, match="too old"):
        example["event_of"](headers, body, secret)


def test_switched_on_there_is_a_worker_a_queue_and_a_tick_of_its_own() -> None:
    """The settings are read once, so a process of its own reads them."""
    told = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from accountability.monitoring import heartbeats, system_health\n"
        "from config.management.commands import serve\n"
        "task = 'accountability.tasks.send_events'\n"
        "names = [program.name for program in serve.programs('127.0.0.1', 8123)]\n"
        "print(settings.CELERY_TASK_ROUTES[task]['queue'], 'events' in names, task in system_health.TASKS,"
        " task in heartbeats.scheduled())"
    )
    environ = os.environ | {"EVENTS_OUT": "true", "DEVELOPMENT": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=settings.BASE_DIR, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["events", "True", "True", "True"], done.stderr
