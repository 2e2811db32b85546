"""What people still have to do on complaints: what must be given to somebody else when they leave (R3, R17)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.organisation.succession import OPEN_WORK, OpenWork
from complaints.models import Channel, Complaint, Cooperation, Round, RoundState, Tier
from complaints.models.rounds import OVER
from complaints.models.states import State


def open_work(person_ids: Collection[int]) -> Iterator[tuple[int, OpenWork]]:
    """The open rounds that these people handle, coordinate, lead or must hand over, the tasks of other units' rounds
    that bind them (R32), the replies they owe, and the calls they promised.
    """
    people = set(person_ids)
    for found in rounds_of(people).select_related("complaint__matter"):
        for person_id, _verb, role in parts_in(found):
            if person_id in people:
                yield person_id, _work(found.complaint, role)
    for part in _tasks_of(people).select_related("coordination__round__complaint__matter"):
        for person_id, role in ((part.handler_id, _("配合处理人")), (part.leader_id, _("配合单位分管领导"))):
            if person_id in people:
                yield person_id, _work(part.coordination.round.complaint, role)
    for complaint in replies_of(people).select_related("matter"):
        yield complaint.reply_by_id or complaint.forwarded_by_id or 0, _work(complaint, _("回复客户"))
    for complaint in _calls_of(people).select_related("matter"):
        yield complaint.call_back_by_id or 0, _work(complaint, _("回电人"))


def rounds_of(people: set[int]) -> Any:
    named = Q()
    for column in ("contact", "handler", "leader", "reported_to", "acting_handler", "acting_leader"):
        named |= Q(**{f"{column}__in": people})
    return Round.objects.exclude(state__in=OVER).filter(named).order_by("pk")


def _tasks_of(people: set[int]) -> Any:
    """Confirmed and not finished, while the coordination is open."""
    stamped = Q(handler__in=people) | Q(leader__in=people)
    return Cooperation.objects.filter(stamped, finished_at=None, coordination__finished_at=None).order_by("pk")


def parts_in(found: Round) -> Iterator[tuple[int | None, str, Any]]:
    """Who has which part in an open round, and the verb that gives it to another (empty if automatic or stamped)."""
    if found.state == RoundState.DELIVERED:
        yield found.contact_id, "", _("接口人，待交办")
    elif found.state == RoundState.REPORTED:
        yield found.coordinates_it, "reassign_report", _("协调的分管领导")
    else:
        yield found.works_on_it, "reassign", _("办理人")
        if found.is_under_review:
            yield found.leader_id, "withdraw_review", _("审核答复的分管领导")
        else:
            yield found.leader_id, "", _("分管领导")


def replies_of(people: set[int]) -> Any:
    owed = Complaint.objects.filter(channel=Channel.FORWARD, tier=Tier.VIP).exclude(
        state__in=[State.FORWARDED, State.REPLIED, State.ARCHIVED]
    )
    return owed.filter(Q(reply_by__in=people) | Q(reply_by=None, forwarded_by__in=people)).order_by("pk")


def _calls_of(people: set[int]) -> Any:
    """Complaints whose customer one of them has promised a call."""
    return Complaint.objects.filter(call_back_by__in=people).order_by("pk")


def _work(complaint: Complaint, role: Any) -> OpenWork:
    number = str(complaint.matter.number)
    return OpenWork(number, reverse("complaint", args=[number]), role)


OPEN_WORK.append(open_work)
