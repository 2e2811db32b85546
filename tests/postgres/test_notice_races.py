"""An act and the notices of its matter, while somebody reads one of them."""

from __future__ import annotations

import pytest
from django.db import connection

from accountability.models import Notification
from tests.factories import Cast, Now, Play

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_an_act_waits_for_no_notice_that_is_being_read(transactional_db: None, now: Now) -> None:
    play = Play(Cast(), now)
    complaint = play.upto("delivered")
    being_read = Notification.objects.get(recipient__username="wh.deputy", matter=complaint.pk)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE accountability_notification SET read_at = now() WHERE id = %s", [being_read.pk])
        with connection.cursor() as own:
            own.execute("SET lock_timeout = '200ms'")
            play("hand_off", "wh.contact", complaint)
            own.execute("RESET lock_timeout")
        cursor.execute("COMMIT")
    other.close()
    being_read.refresh_from_db()
    assert (being_read.read_at is None, being_read.over_at) == (False, None)
    assert Notification.objects.get(recipient__username="wh.contact", matter=complaint.pk).over_at == now.at
