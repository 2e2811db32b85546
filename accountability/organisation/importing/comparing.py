"""Compares each kind of table with the present organisation, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accountability.deadlines.limits import day_of, read_instant, show_instant
from accountability.models import SYSTEM_USERNAME, Appointment, DutyRoster, Unit
from accountability.organisation.importing.columns import ROLES, STATUSES, UNIT_KINDS, Kind, Row
from accountability.organisation.importing.known import KnownPerson, KnownUnit
from accountability.organisation.importing.plan import Change, Line, Planner, Status
from accountability.permissions import Role
from accountability.security import telephone
from accountability.security.masking import mask_text

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


# Values


def _day(text: str) -> date:
    """2026-11-24, 2026/11/24, 2026.11.24 or 2026年11月24日; ValueError for anything else."""
    written = _DAY.fullmatch(text.strip())
    if written is None:
        raise ValueError(text)
    return date(*map(int, written.groups()))


def _instant(text: str) -> datetime:
    """A day as above and a time; a day alone means its beginning. ValueError for anything else."""
    day, _space, time = re.sub(r"[T\s]+", " ", text.strip()).partition(" ")
    hour, colon, rest = (time or "00:00").partition(":")
    return read_instant(f"{_day(day)} {hour.zfill(2)}{colon}{rest}")


def _read(line: Line, reader: Callable[[str], Any], text: str, sentence: str) -> Any:
    """The value, or None for an empty cell; an unreadable value fails the line."""
    try:
        return reader(text) if text else None
    except ValueError:
        line.fail(sentence % {"text": text})
        return None


def _read_day(line: Line, text: str) -> date | None:
    found: date | None = _read(line, _day, text, _("“%(text)s”不是日期，应如 2027-01-01。"))
    return found


def _read_instant(line: Line, text: str) -> datetime | None:
    found: datetime | None = _read(line, _instant, text, _("“%(text)s”不是时刻，应如 2026-11-24 17:30。"))
    return found


def _known_person(planner: Planner, line: Line, username: str) -> KnownPerson | None:
    found = planner.known.person(username)
    if username and found is None:
        line.fail(_("没有工号为“%(username)s”的在职员工。") % {"username": username})
    if username in planner.known.administrators:
        line.fail(_("系统、安全和审计管理员不办理业务。"))
    return found


def _of_unit(planner: Planner, line: Line, row: Row) -> KnownPerson | None:
    """The person of the row, who must be in the row's unit."""
    person = _known_person(planner, line, row["username"])
    if person is not None and row["unit"] and person.unit != row["unit"]:
        line.fail(_("该员工不在单位 %(unit)s。") % {"unit": row["unit"]})
    return person


# Units


def units(planner: Planner, kind: Kind, rows: list[Row]) -> None:
    """Names, kind and head; heads are checked once the people of the file are known."""
    for row in rows:
        _unit(planner, planner.begin(kind, row, row["code"]), row)


def _unit(planner: Planner, line: Line, row: Row) -> None:
    unit_kind = UNIT_KINDS.get(row["kind"], "")
    if row["kind"] and not unit_kind:
        line.fail(_("没有单位类别“%(kind)s”。") % {"kind": row["kind"]})
    planner.check(line, "set_unit", code=row["code"], name=row["name"], name_en=row["name_en"])
    if line.error:
        return
    known = planner.known.units.get(row["code"])
    line.status = Status.ADDED if known is None else Status.UNCHANGED
    before = known or KnownUnit(row["code"], "", "")
    renamed = line.change(_("名称"), before.name, row["name"])
    translated = line.change(_("英文名称"), before.name_en, row["name_en"])
    if line.change(_("类别"), _kind_label(before.kind), _kind_label(unit_kind)) or renamed or translated:
        line.do("set_unit", code=row["code"], name=row["name"], kind=unit_kind, name_en=row["name_en"])
    if line.change(_("负责人"), planner.known.titled(before.head), planner.known.titled(row["head"])):
        line.do("set_head", unit=row["code"], head=row["head"])
    if line.changes and known is not None:
        line.status = Status.CHANGED
    head, name_en = row["head"] or before.head, row["name_en"] or before.name_en
    planner.known.units[row["code"]] = KnownUnit(row["code"], row["name"], unit_kind, head, name_en)


def _kind_label(kind: str) -> str:
    return str(Unit.Kind(kind).label) if kind else ""


def check_heads(planner: Planner) -> None:
    """A head must be in the unit once the whole file is done."""
    for line in planner.lines:
        for step in [step for step in line.steps if step.verb == "set_head"]:
            person = _known_person(planner, line, step.facts["head"])
            if person is not None and person.unit != step.facts["unit"]:
                line.fail(_("负责人应是本单位员工。"))


# People


def employees(planner: Planner, kind: Kind, rows: list[Row]) -> None:
    """People who join, change and leave; supervisors are checked once everybody in the file is known."""
    lines = [(_employee(planner, planner.begin(kind, row, row["username"]), row), row) for row in rows]
    for line, row in lines:
        _supervisor(planner, line, row)
    if planner.complete:
        _unlisted_people(planner, kind, _spoken_for(lines), {row["username"] for row in rows})


def _spoken_for(lines: list[tuple[Line, Row]]) -> set[str]:
    """The units that a complete list covers: not those with a failed row, since it may be the row of the person who
    seems to be missing; nor the people without a unit, whom an empty cell would mean.
    """
    return {row["unit"] for _line, row in lines} - {row["unit"] for line, row in lines if line.error} - {""}


def _employee(planner: Planner, line: Line, row: Row) -> Line:
    username = row["username"]
    line.title = _titled(username, row["name"])
    stays = STATUSES.get(row["status"])
    if stays is None:
        line.fail(_("在职状态应为“在职”或“离职”。"))
    if row["unit"] and row["unit"] not in planner.known.units:
        line.fail(_("没有单位“%(unit)s”。") % {"unit": row["unit"]})
    if username == SYSTEM_USERNAME:
        line.fail(_("这一工号由系统保留。"))
    planner.check(line, "admit", username=username, name=row["name"])
    office = _office(line, row["office"])
    if line.error:
        return line
    before = planner.known.person(username)
    if not stays:
        _leaver(planner, line, before)
    elif before is None:
        line.status = Status.ADDED
        line.change(_("姓名"), "", row["name"])
        line.change(_("单位"), "", planner.known.titled_unit(row["unit"]))
        line.do("admit", username=row["username"], name=row["name"], unit=row["unit"])
        if line.change(_("办公电话"), "", office):
            line.do("update_employee", employee=row["username"], office=office)
        planner.known.people[row["username"]] = KnownPerson(row["username"], row["name"], row["unit"], moved=True)
    else:
        _colleague(planner, line, row, before, office)
    return line


def _office(line: Line, typed: str) -> str:
    """The number as the verb keeps it."""
    try:
        return telephone.as_recorded(typed) if typed else ""
    except telephone.NoNumber as wrong:
        line.fail(_("办公电话：%(why)s") % {"why": wrong})
        return ""


def _titled(username: str, name: str) -> str:
    return " · ".join(part for part in (username, name) if part) or "—"


def _leaver(planner: Planner, line: Line, person: KnownPerson | None) -> None:
    if person is None:
        return  # gone already
    if person.username == planner.by.username:
        line.fail(_("不能登记本人离职。"))
        return
    line.status, line.person, line.username = Status.LEAVER, person.pk, person.username
    line.change(_("在职状态"), _("在职"), _("离职"))
    line.do("dismiss", employee=person.username)
    person.is_active = False


def _colleague(planner: Planner, line: Line, row: Row, before: KnownPerson, office: str) -> None:
    renamed = line.change(_("姓名"), before.name, row["name"])
    moved = line.change(_("单位"), planner.known.titled_unit(before.unit), planner.known.titled_unit(row["unit"]))
    called = line.change(_("办公电话"), before.office, office)
    if renamed or moved or called:
        line.status = Status.CHANGED
        name, unit = row["name"] if renamed else "", row["unit"] if moved else ""
        line.do("update_employee", employee=row["username"], name=name, unit=unit, office=office if called else "")
    if moved:
        line.person, line.username = before.pk, before.username
        before.moved = True
        planner.known.untie(before)
    before.name, before.unit = row["name"], row["unit"]


def _supervisor(planner: Planner, line: Line, row: Row) -> None:
    person = planner.known.person(row["username"])
    if line.error or person is None:
        return
    if not row["supervisor"]:
        if person.supervisor != person.led_by:
            line.changes.append(Change(_("分管领导"), planner.known.titled(person.led_by), ""))
            line.status = Status.CHANGED if line.status == Status.UNCHANGED else line.status
        return
    if row["supervisor"] == person.username:
        line.fail(_("分管领导不能是本人。"))
    leader = _known_person(planner, line, row["supervisor"])
    if leader is not None and leader.username != person.supervisor:
        line.change(_("分管领导"), planner.known.titled(person.led_by), planner.known.titled(leader.username))
        line.do("set_supervisor", employee=person.username, supervisor=leader.username)
        person.supervisor = leader.username
        line.status = Status.CHANGED if line.status == Status.UNCHANGED else line.status


def _unlisted_people(planner: Planner, kind: Kind, codes: set[str], listed: set[str]) -> None:
    """On a complete list, people of these units who aren't listed have left."""
    gone = [p for p in planner.known.people.values() if p.is_active and p.unit in codes and p.username not in listed]
    for person in sorted(gone, key=lambda p: p.username):
        line = planner.unlisted(kind, _titled(person.username, person.name), Status.LEAVER)
        _leaver(planner, line, person)


# Contacts


def contacts(planner: Planner, kind: Kind, rows: list[Row]) -> None:
    """Contacts and deputies with their days of service (R17)."""
    lines = [(_contact(planner, kind, row), row) for row in rows]
    if planner.complete:
        listed = {(row["username"], ROLES.get(row["role"])) for row in rows}
        # A complete list: today's contacts of these units who aren't on it serve until today.
        codes, today = _spoken_for(lines), day_of(planner.known.at)
        for one in planner.known.appointments:
            person = planner.known.person(one.employee.username)
            if person is None or person.moved or person.unit not in codes or (person.username, one.role) in listed:
                continue
            if one.serves_on(today) and one.ends_on != today:
                label = str(Role(one.role).label)
                line = planner.unlisted(kind, f"{person.unit} · {person.username} · {label}", Status.ENDED)
                _new_end(line, person, one.role, one, today)
                line.status = Status.ENDED


def _contact(planner: Planner, kind: Kind, row: Row) -> Line:
    line = planner.begin(kind, row, row["unit"], row["username"], row["role"], row["starts_on"])
    _compare_term(planner, line, row)
    return line


def _compare_term(planner: Planner, line: Line, row: Row) -> None:
    person, role = _of_unit(planner, line, row), ROLES.get(row["role"])
    if row["role"] and role is None:
        line.fail(_("角色应为“接口人”或“副接口人”。"))
    today = day_of(planner.known.at)
    starts, ends = _read_day(line, row["starts_on"]) or today, _read_day(line, row["ends_on"])
    if ends is not None and ends < starts:
        line.fail(_("结束日期不能早于开始日期。"))
    if line.error or person is None or role is None:
        return
    if person.moved:
        starts = max(starts, today)
    serving = None if person.moved else _serving(planner, person, role, starts)
    if serving is None:
        if person.username == planner.by.username:
            line.fail(_("不能任命本人。"))
        line.status = Status.ERROR if line.error else Status.ADDED
        _appoint(line, person, role, starts, ends)
    else:
        _new_end(line, person, role, serving, ends)


def _serving(planner: Planner, person: KnownPerson, role: str, day: date) -> Appointment | None:
    mine = [a for a in planner.known.appointments if a.employee_id == person.pk and a.role == role]
    return next((a for a in mine if a.serves_on(day)), None)


def _appoint(line: Line, person: KnownPerson, role: str, starts: date, ends: date | None) -> None:
    line.change(str(Role(role).label), "", " – ".join([str(starts), str(ends or _("今"))]))
    until = ends.isoformat() if ends else ""
    line.do("appoint", employee=person.username, role=role, starts_on=starts.isoformat(), ends_on=until)


def _new_end(line: Line, person: KnownPerson, role: str, serving: Appointment, ends: date | None) -> None:
    """End the appointment earlier, or prolong the service: that is a new appointment, and the old one stays."""
    old = serving.ends_on.isoformat() if serving.ends_on else ""
    if ends is None or ends.isoformat() == old:
        return
    line.status = Status.CHANGED
    if serving.ends_on is not None and ends > serving.ends_on:
        _appoint(line, person, role, serving.ends_on + timedelta(days=1), ends)
        return
    line.change(_("结束日期"), old or "—", ends.isoformat())
    line.do("end_appointment", employee=person.username, role=role, ends_on=ends.isoformat())


# Turns of duty


def roster(planner: Planner, kind: Kind, rows: list[Row]) -> None:
    """Turns of duty; those that are already over are left alone."""
    lines, listed = [], set()
    for row in rows:
        line = planner.begin(kind, row, row["unit"], row["username"], row["starts_at"])
        listed.add((row["username"], _turn(planner, line, row)))
        lines.append((line, row))
    if planner.complete:
        _unlisted_turns(planner, kind, _spoken_for(lines), listed)


def _turn(planner: Planner, line: Line, row: Row) -> datetime | None:
    person = _of_unit(planner, line, row)
    starts, ends = _read_instant(line, row["starts_at"]), _read_instant(line, row["ends_at"])
    planner.check(line, "roster", note=row["note"])
    if line.error or person is None or starts is None or ends is None:
        return starts
    if ends <= starts:
        line.fail(_("值班结束应晚于开始。"))
        return starts
    if ends <= planner.known.at:
        return starts
    mine = [d for d in planner.known.duties if d.employee.username == person.username and d.unit.code == row["unit"]]
    same = next((d for d in mine if d.starts_at == starts), None)
    if any(d is not same and d.starts_at < ends and starts < d.ends_at for d in mine):
        line.fail(_("该员工在此期间已有值班。"))
    _compare_turn(line, row, same, starts, ends)
    return starts


def _compare_turn(line: Line, row: Row, same: DutyRoster | None, starts: datetime, ends: datetime) -> None:
    changed = [
        line.change(_("值班结束"), show_instant(same.ends_at) if same else "", show_instant(ends)),
        line.change(_("班次"), same.shift if same else "", mask_text(row["note"])),
    ]
    if line.error or not any(changed):
        return
    line.status = Status.CHANGED if same else Status.ADDED
    line.do(
        "roster", unit=row["unit"], employee=row["username"],
        starts_at=show_instant(starts), ends_at=show_instant(ends),
        note=row["note"] or (same.named if same else ""),
    )  # fmt: skip


def _unlisted_turns(planner: Planner, kind: Kind, codes: set[str], listed: set[tuple[str, datetime | None]]) -> None:
    """On a complete list, turns of these units that are still to come and aren't listed are called off."""
    for turn in planner.known.duties:
        username = turn.employee.username
        if turn.unit.code not in codes or turn.starts_at <= planner.known.at or (username, turn.starts_at) in listed:
            continue
        begins = show_instant(turn.starts_at)
        line = planner.unlisted(kind, f"{turn.unit.code} · {username} · {begins}", Status.ENDED)
        line.do("cancel_roster", unit=turn.unit.code, employee=username, starts_at=begins)


COMPARE: dict[str, Callable[[Planner, Kind, list[Row]], None]] = {
    "units": units,
    "employees": employees,
    "contacts": contacts,
    "roster": roster,
}
