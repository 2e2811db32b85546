"""The limits that a list may show to its reader, and how urgent they make a complaint."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet

from accountability.db.probes import Probe
from accountability.declarations.limits import ending_by_miss
from accountability.models import Deadline
from accountability.models.timekeeping import DeadlineQuerySet
from accountability.permissions import Actor
from accountability.web.desk import Clock
from complaints.declarations.limits import ANSWERS_TO_OUTSIDE, Kind
from complaints.models import OF_THE_INVITED, Round, State


def clocks_of(actor: Actor) -> DeadlineQuerySet:
    """The limits that can still be kept, of open complaints and their running rounds, as far as this person may know.

    Left out are misses of rounds that are over, what an archived complaint owed besides an answer to a body outside,
    and limits settled by being missed (a return whose ruling never came).
    A unit whose round isn't the newest sees no present limit. A forwarder sees the reply they owe.
    """
    running = Q(part=F("matter__part"), matter__complaint__state=State.DISPATCHED)
    found = Deadline.objects.outstanding().filter(Q(part=0) | running, matter__closed_at=None)
    found = found.exclude(kind__in=ending_by_miss(), missed_at__isnull=False)
    found = found.filter(~Q(matter__complaint__state=State.ARCHIVED) | Q(kind__in=ANSWERS_TO_OUTSIDE))
    if actor.reads_every_complaint:
        return found
    own_rounds = Round.objects.visible_to(actor)
    newest = own_rounds.filter(complaint_id=OuterRef("matter_id"), number=OuterRef("matter__part"))
    own = Q(kind=Kind.FIRST_REPLY, person_id=actor.pk)
    own |= Q(kind__in=OF_THE_INVITED, unit__in=actor.units)
    return found.filter(Q(Probe(newest)) | own)


def pressing_of(actor: Actor) -> QuerySet[Deadline]:
    """Of these, the limits that decide how urgent a complaint is."""
    return clocks_of(actor).pressing()


def in_clock(clock: str, actor: Actor, at: datetime) -> Q:
    """For a query over complaints: their clock by the limits this person may know, as in the tone of a line.

    For people who know every limit, an index on values kept at the matter answers. The filter for late ones names both
    values of `work_warned`, so that the same index is used.
    """
    if actor.reads_every_complaint:
        late = Q(matter__work_due_at__lt=at)
        return {
            Clock.LATE: late & Q(matter__work_warned__in=(False, True)),
            Clock.WARN: Q(matter__work_due_at__gte=at, matter__work_warned=True),
            Clock.OK: Q(matter__work_due_at__gte=at, matter__work_warned=False),
        }[Clock(clock)]
    pressing = pressing_of(actor).filter(matter_id=OuterRef("pk"))
    any_late, any_warned, waits = may_stand_out(at)
    late = any_late & Q(Probe(pressing.filter(due_at__lt=at)))
    warned = any_warned & Q(Probe(pressing.filter(warned__gt=0)))
    warned |= waits & present_to(actor) & Q(~Probe(pressing))
    return {Clock.LATE: late, Clock.WARN: warned & ~late, Clock.OK: ~warned & ~late}[Clock(clock)]


def may_stand_out(at: datetime) -> tuple[Q, Q, Q]:
    """For a query over complaints: those with a limit that is over, those that were warned of, and those that waited
    too long, by what the gate keeps at the matter of all limits, known to the reader or not. A complaint that is late
    or warned of for anybody is among them, so that only the limits of these are read.
    """
    waits = Q(matter__waiting_since__isnull=False, matter__alarm_at=None)
    return Q(matter__work_due_at__lt=at), Q(matter__work_warned=True), waits


def present_to(actor: Actor) -> Q:
    """For a query over complaints: those whose present holder this person may know, as in `Line.knows_present`."""
    newest = Round.objects.visible_to(actor).filter(pk=OuterRef("latest_round"))
    return Q(Probe(newest)) | Q(matter__holder=actor.pk)
