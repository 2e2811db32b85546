"""The replier asks the unit for the material they need (R34–R36); an alarm is raised while the unit is silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.files.attachments import claim
from accountability.gate.act import Act
from accountability.gate.fields import Text
from accountability.gate.verbs import verb
from accountability.models import Alarm, Attachment, TimeLimits, limits_in_force
from accountability.monitoring.reminders import WATCHES, over_matters
from complaints import permissions
from complaints.actions.notify import tell_unit
from complaints.dossier.files import MATERIAL, files_for
from complaints.models import Complaint, Round, conditions
from complaints.models.centre import is_of_centre
from complaints.models.states import State

HOURS = 4
"""The patience in hours if the time-limit table says nothing for `give_material`."""


@verb(
    Complaint, _("请首问责任部门提供材料"), Text(name="request", label=_("需要的材料")), rule="R36",
    permission=permissions.ask_material, states=[State.COMPLETED],
    when=[conditions.a_unit_answered, conditions.no_material_asked],
    icon="chat", tone="warn", timeline="talks", group="material",
)  # fmt: skip
def ask_material(act: Act, *, request: str) -> None:
    """The person who must reply (R34, R35) asks the unit that answered for what they need. Its first-inquiry person and
    the unit must help (R36). The limit of the reply keeps running.
    """
    answered = _answered(act)
    assert act.actor is not None
    answered.material_asked_at, answered.material_asked_by = act.at, act.actor.employee
    _tell_unit(act, answered, "material_asked")


def _asked(complaint: Complaint) -> list[Any]:
    """The request that a page showed."""
    return [complaint.latest_round.material_asked_at] if complaint.latest_round else []


@verb(
    Complaint, _("提供回复所需材料"),
    Text(name="material", label=_("材料说明")),
    files_for(MATERIAL),
    rule="R36",
    permission=permissions.give_material, states=[State.COMPLETED], when=[conditions.material_asked],
    icon="inbox", tone="ok", timeline="talks", waits_for_one=True,
    seen=_asked,
)  # fmt: skip
def give_material(act: Act, *, material: str, files: list[Attachment] | None = None) -> None:
    """The unit helps with the reply: words and files for the person who must reply (R36)."""
    answered = _answered(act)
    complaint: Complaint = act.subject
    claim(act, files or [], field_name="files")
    replies, asked = complaint.replies_instead_id, act.batch.person(answered.material_asked_by_id)
    told = {replies} if replies else {*complaint.told_at_centre(act.batch)}
    if asked is not None and is_of_centre(asked):
        told.add(asked.pk)
    for person_id in told:
        act.tell(person_id, "material_given", part=answered.number)
    _settle(act, answered)


def lapse_material(act: Act) -> None:
    """The customer has their reply or needs none any more: the request to the unit ends."""
    answered = act.subject.latest_round
    if answered is not None and answered.material_asked_at is not None:
        _tell_unit(act, answered, "material_over")
        _settle(act, answered)


def _answered(act: Act) -> Round:
    """The round whose result is being replied. The transition's conditions guarantee that it is the newest."""
    found = act.subject.latest_round
    assert found is not None
    return found


def _tell_unit(act: Act, answered: Round, notice: str) -> None:
    """Tell its handler and its contacts."""
    unit = act.batch.unit_by_id(answered.unit_id)
    assert unit is not None
    act.tell(answered.works_on_it, notice, part=answered.number)
    tell_unit(act, unit, notice, part=answered.number)


def _settle(act: Act, answered: Round) -> None:
    alarmed = answered.material_alarmed_at is not None
    answered.material_asked_at = answered.material_asked_by = answered.material_alarmed_at = None
    for alarm in Alarm.objects.filter(key=_key(answered), cleared_at=None) if alarmed else ():
        act.changes.watch(alarm)
        alarm.cleared_at = act.at


# The alarm


def _key(answered: Round) -> str:
    return f"material:{answered.pk}"


def _patience(limits: TimeLimits) -> timedelta:
    return timedelta(hours=float(limits.waiting.get("give_material", HOURS)))


def watch_material(at: datetime) -> int:
    """Raise an alarm, once for each request, when a unit has not answered it for too long."""
    since = at - _patience(limits_in_force(at))
    late = Round.objects.filter(material_asked_at__lte=since, material_alarmed_at=None)
    ids = late.order_by("material_asked_at").values_list("complaint_id", flat=True)
    return over_matters("material", ids, at, _alarm)


def _alarm(act: Act) -> int:
    answered = act.subject.latest_round
    if answered is None or answered.material_asked_at is None or answered.material_alarmed_at is not None:
        return 0
    if answered.material_asked_at > act.at - _patience(act.batch.limits):
        return 0
    answered.material_alarmed_at = act.at
    act.changes.new(
        Alarm(
            key=_key(answered), kind="material", matter=act.matter, unit_id=answered.unit_id,
            since=answered.material_asked_at, raised_at=act.at,
        )
    )  # fmt: skip
    _tell_unit(act, answered, "material_waits")
    unit = act.batch.unit_by_id(answered.unit_id)
    for person_id in (answered.leader_id, unit.head_id if unit else None):
        act.tell(person_id, "material_waits", part=answered.number)
    return 1


WATCHES.append(watch_material)
