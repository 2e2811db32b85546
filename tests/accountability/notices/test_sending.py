"""Which notices leave the screen, on which channel: planned once, with the stamp of the inbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.declarations.notices import NOTICES, Notice, Topic, is_of_the_clock, topic_of
from accountability.gate.act import Refused
from accountability.models import Delivery, Notification, Preferences
from accountability.notices import sending
from accountability.notices.channels import queue
from accountability.notices.channels.queue import claim_next
from accountability.notices.channels.topics import is_quiet
from tests.factories import Cast, Now, Play, instant_of

CHANNELS = {
    "email": {"way": "accountability.notices.channels.mail.Email"},
    "sms": {"way": "accountability.notices.channels.http.SmsGateway", "url": "http://127.0.0.1:9/"},
}
BOTH = {"email": "contact@wh.example", "mobile": "13800000001"}


@pytest.fixture(autouse=True)
def _channels(settings: Any) -> None:
    settings.CHANNELS = CHANNELS


def reach(cast: Cast, username: str, addresses: dict[str, str] = BOTH, **chosen: list[str]) -> Preferences:
    found = Preferences(employee=cast[username], chosen=chosen)
    found.addresses = addresses
    found.save()
    return found


def tell(cast: Cast, now: Now, username: str = "wh.contact", kind: str = "chased", **facts: Any) -> Notification:
    return Notification.objects.create(recipient=cast[username], kind=kind, facts=facts, created_at=now.at)


def planned() -> list[tuple[str, str, bool]]:
    rows = Delivery.objects.order_by("pk").values_list("recipient__username", "channel", "is_clock")
    return list(rows)


def test_a_hand_over_to_be_done_goes_out_on_the_channels_of_the_clock(play: Play, cast: Cast, now: Now) -> None:
    reach(cast, "wh.contact")
    play.upto("delivered")
    assert sending.send(now.at) == Notification.objects.count()
    assert planned() == [("wh.contact", "sms", True), ("wh.contact", "email", True)]


def test_planning_twice_plans_once(cast: Cast, now: Now) -> None:
    reach(cast, "wh.contact")
    tell(cast, now)
    assert [sending.send(now.at), sending.send(now.at)] == [1, 0]
    assert planned() == [("wh.contact", "email", False)]


def test_somebody_who_gave_no_address_is_told_in_the_inbox_alone(cast: Cast, now: Now) -> None:
    reach(cast, "wh.contact", {})
    told = tell(cast, now)
    sending.send(now.at)
    told.refresh_from_db()
    assert (planned(), told.sent_at) == ([], now.at)


@pytest.mark.parametrize(
    ("addresses", "chosen", "expected"),
    [
        (BOTH, {"work": ["sms", "email"]}, ["sms", "email"]),
        (BOTH, {"work": []}, []),
        (BOTH, {"news": ["sms"]}, ["email"]),
        ({"email": "a@b.example"}, {"work": ["sms", "email"]}, ["email"]),
        ({"mobile": "13800000001"}, {"work": ["sms", "email", "robot"]}, ["sms"]),
    ],
)
def test_the_person_chooses_by_topic(addresses: dict, chosen: dict, expected: list[str], cast: Cast, now: Now) -> None:
    reach(cast, "wh.contact", addresses, **chosen)
    tell(cast, now)
    sending.send(now.at)
    assert [channel for _who, channel, _clock in planned()] == expected


def test_what_was_read_already_and_who_has_left_are_not_written_to(cast: Cast, now: Now) -> None:
    reach(cast, "wh.contact")
    reach(cast, "wh.zhang")
    Notification.objects.filter(pk=tell(cast, now).pk).update(read_at=now.at)
    tell(cast, now, "wh.zhang")
    cast["wh.zhang"].is_active = False
    cast["wh.zhang"].save()
    assert sending.send(now.at) == 2
    assert planned() == []


def test_that_a_channel_fails_is_told_on_the_others(cast: Cast, now: Now) -> None:
    reach(cast, "sc.officer", BOTH, waiting=["sms", "email"])
    tell(cast, now, "sc.officer", "channel_failed", channel="sms")
    sending.send(now.at)
    assert planned() == [("sc.officer", "email", False)]


def test_the_number_of_statements_is_constant(cast: Cast, now: Now) -> None:
    counts = []
    for username in ("wh.contact", "wh.zhang", "wh.leader", "yc.contact"):
        reach(cast, username)
    for rows in (1, 10, 50):
        for place in range(rows):
            tell(cast, now, ("wh.contact", "wh.zhang", "wh.leader", "yc.contact")[place % 4])
        with CaptureQueriesContext(connection) as found:
            assert sending.send(now.at) == rows
        counts.append(len(found))
    assert counts == [counts[0]] * 3


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    ("kind", "facts", "topic"),
    [
        ("to_do", {"verb": "hand_off"}, Topic.CLOCK),
        ("to_do", {"verb": "answer"}, Topic.WORK),
        ("warned", {"kind": "handoff", "percent": 80}, Topic.CLOCK),
        ("missed", {"kind": "handoff"}, Topic.CLOCK),
        ("missed", {"kind": "handling"}, Topic.LIMITS),
        ("overdue", {"kind": "handoff"}, Topic.CLOCK),
        ("urged", {"kind": "handoff"}, Topic.LIMITS),
        ("criticism_proposed", {"kind": "handoff"}, Topic.LIMITS),
        ("excused", {"kind": "handoff"}, Topic.NEWS),
        ("no_contact", {}, Topic.CLOCK),
        ("told_denied", {}, Topic.CLOCK),
        ("deemed_confirmed", {}, Topic.WAITING),
        ("waiting", {"verb": "hand_off"}, Topic.WAITING),
        ("unheard_of", {}, Topic.NEWS),
    ],
)
def test_only_the_thirty_minutes_are_the_clocks(kind: str, facts: dict, topic: str) -> None:
    assert topic_of(kind, facts) == topic


FACTS: list[dict[str, Any]] = [
    {}, {"verb": "hand_off"}, {"verb": "answer"}, {"kind": "handoff", "part": 1}, {"kind": "handling"},
]  # fmt: skip


@pytest.mark.rule("R19")
def test_the_database_knows_the_clock_by_the_same_words(cast: Cast, now: Now) -> None:
    rows = [
        Notification.objects.create(recipient=cast["wh.contact"], kind=kind, facts=facts, created_at=now.at)
        for kind in NOTICES for facts in FACTS
    ]  # fmt: skip
    clock = {row.pk for row in rows if topic_of(row.kind, row.facts) == Topic.CLOCK}
    assert set(Notification.objects.filter(is_of_the_clock()).values_list("pk", flat=True)) == clock
    assert 0 < len(clock) < len(rows)


@pytest.mark.rule("R19")
def test_the_thirty_minutes_overtake_whatever_waits(cast: Cast, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told last, it is in the first batch; its message is claimed first, however long the others have waited."""
    monkeypatch.setattr(sending, "BATCH", 2)
    for username in ("wh.contact", "wh.zhang"):
        reach(cast, username)
    waits = [tell(cast, now, "wh.zhang") for _n in range(5)]
    now.forward(minutes=1)
    urgent = tell(cast, now, kind="to_do", verb="hand_off")
    sending.send(now.at)
    assert set(Notification.objects.exclude(sent_at=None)) == {waits[0], urgent}
    now.forward(minutes=1)
    sending.send(now.at)
    Delivery.objects.exclude(notification=urgent).update(next_try_at=now.at - timedelta(hours=1))
    claims = [claim_next(now.at, ["email", "sms"]) for _n in range(3)]
    assert [claim is not None and claim.deliveries[0].notification_id for claim in claims] == [
        urgent.pk, urgent.pk, waits[0].pk,
    ]  # fmt: skip


@pytest.mark.rule("R19")
def test_thirty_minutes_that_run_overtake_those_that_have_passed(
    cast: Cast, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage thousands of hand-overs are told to be missed: before all other notices, and after these."""
    monkeypatch.setattr(sending, "BATCH", 1)
    tell(cast, now, "wh.zhang")
    told = [tell(cast, now, kind=kind, verb="hand_off") for kind in ("missed", "overdue", "to_do", "warned")]
    order = []
    for _batch in told:
        sending.send(now.at)
        order += [row.kind for row in Notification.objects.exclude(sent_at=None) if row.kind not in order]
    assert order == ["to_do", "warned", "missed", "overdue"]


def test_a_claim_reads_its_order_from_an_index(cast: Cast, now: Now) -> None:
    """Fifty thousand messages that wait are neither read nor sorted to find the one that goes first."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty here
    with CaptureQueriesContext(connection) as asked:
        assert claim_next(now.at, ["email", "sms"]) is None
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + asked[0]["sql"])
        plan = str(cursor.fetchall())
    assert ("delivery_due" in plan, "TEMP B-TREE" in plan) == (True, False), plan


def test_many_who_must_wait_end_the_run(cast: Cast, now: Now, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DIGEST_ABOVE = 1
    monkeypatch.setattr(queue, "MOST_HELD_BACK", 2)
    people = ("wh.contact", "wh.zhang", "wh.leader")
    for username in people:
        reach(cast, username)
        tell(cast, now, username)
    sending.send(now.at)
    Delivery.objects.update(state="sent", sent_at=now.at, message="earlier")
    for username in people:
        tell(cast, now, username)
    sending.send(now.at)
    assert claim_next(now.at, ["email"]) is None
    assert Delivery.objects.filter(state="waiting", next_try_at__lte=now.at).count() == 1


def test_what_is_urgent_is_never_among_the_news() -> None:
    """The news go nowhere off-screen unless somebody chooses so: a 催办通知书 must not be lost there."""
    assert [one.name for one in NOTICES.values() if one.tone != "info" and topic_of(one.name, {}) == Topic.NEWS] == []
    with pytest.raises(ValueError, match="'lost' is urgent"):
        Notice("lost", "", Topic.NEWS, "danger")


@pytest.mark.parametrize(
    ("instant", "quiet"),
    [
        ("2026-11-24 21:59:59", False),
        ("2026-11-24 22:00", True),
        ("2026-11-25 00:00", True),
        ("2026-11-25 06:59:59", True),
        ("2026-11-25 07:00", False),
        ("2026-11-24 14:00", False),
    ],
)
def test_night_is_that_of_shanghai(instant: str, quiet: bool) -> None:
    assert is_quiet(instant_of(instant)) is quiet


def test_quiet_hours_may_lie_within_one_day(settings: Any) -> None:
    settings.QUIET_HOURS = ("12:00", "14:00")
    assert [is_quiet(instant_of(f"2026-11-24 {hour}")) for hour in ("11:59", "12:00", "14:00", "23:00")] == [
        False, True, False, False,
    ]  # fmt: skip


def test_addresses_are_sealed_for_their_person_alone(cast: Cast) -> None:
    mine = reach(cast, "wh.contact")
    mine.refresh_from_db()
    sealed = bytes(mine.sealed or b"")
    assert (mine.addresses, [text for text in BOTH.values() if text.encode() in sealed]) == (BOTH, [])
    moved = Preferences(employee=cast["wh.zhang"], sealed=mine.sealed)
    with pytest.raises(InvalidTag):
        assert moved.addresses


def test_whoever_leaves_takes_their_addresses_along(play: Play, cast: Cast, now: Now) -> None:
    """In the same act; what they chose stays, a colleague's addresses stay, and whoever comes back finds none."""
    left, stays = (reach(cast, name, work=["sms"]) for name in ("wh.li", "wh.zhang"))
    with pytest.raises(Refused):
        play("dismiss", "wh.head", employee="wh.li")
    left.refresh_from_db()
    assert left.addresses == BOTH
    play("dismiss", "sc.officer", employee="wh.li")
    for row in (left, stays):
        row.refresh_from_db()
    assert (left.sealed, left.addresses, left.chosen, left.changed_at) == (None, {}, {"work": ["sms"]}, now.at)
    assert stays.addresses == BOTH
    play("dismiss", "sc.officer", employee="wh.zhang")
    play("admit", "sc.officer", username="wh.zhang", name="张伟", unit="WH")
    stays.refresh_from_db()
    assert stays.addresses == {}
