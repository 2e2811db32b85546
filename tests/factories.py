"""People, a clock and acts for tests: everything is made by the real verbs, nothing by inserting rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from simple_history.utils import bulk_create_with_history

from accountability.deadlines.limits import day_of, read_instant
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import Appointment, Employee, GuardedChange, Region, TimeLimits, Unit
from accountability.organisation.guarded_changes import Deciders
from accountability.permissions import Role
from complaints.models import Complaint
from config.replay.reader import Scenario
from config.replay.stage import set_stage, standing_cast
from tests.looking import refusal_of

MORNING = "2026-11-24 09:00"
"""A Tuesday in an ordinary working week: where every test begins unless it says otherwise."""

AUDIT: dict[str, list[dict[str, Any]]] = {
    "units": [{"code": "SJ", "name": "内审部", "kind": "department", "head": "sj.head"}],
    "employees": [
        {"username": "sj.auditor", "unit": "SJ", "roles": ["auditor"]},
        {"username": "sj.plain", "unit": "SJ"},
        {"username": "sj.head", "unit": "SJ"},
        {"username": "sj.system", "unit": "SJ", "roles": ["system_admin"]},
        {"username": "sj.security", "unit": "SJ", "roles": ["security_admin"]},
        {"username": "sj.auditadmin", "unit": "SJ", "roles": ["audit_admin"]},
    ],
}
"""Beside the standing cast: an auditor, somebody with no part in anything, and the three administrators."""


ADMINISTRATORS = {"sj.system", "sj.security", "sj.auditadmin"}


def of_the_business(people: Iterable[Employee]) -> list[Employee]:
    """Without the system and the three administrators, who have no part in it."""
    return [person for person in people if person.username not in ADMINISTRATORS | {"system"}]


class Now:
    """The clock of a test: stands still until it is moved. The edge (middleware, tasks) reads it too."""

    def __init__(self) -> None:
        self.at = read_instant(MORNING)

    def __call__(self) -> datetime:
        return self.at

    def set(self, instant: str | datetime) -> datetime:
        self.at = instant_of(instant)
        return self.at

    def forward(self, **span: float) -> datetime:
        """`now.forward(minutes=31)`."""
        self.at += timedelta(**span)
        return self.at


def instant_of(instant: str | datetime) -> datetime:
    return read_instant(instant) if isinstance(instant, str) else instant


REGIONS = {"武汉": "WH", "宜昌": "YC", "荆州": "YC"}
"""The list of regions, and who serves each."""


def listed(places: Mapping[str, str]) -> None:
    """Put these places on the list of regions."""
    units = {unit.code: unit for unit in Unit.objects.all()}
    bulk_create_with_history([Region(name=name, unit=units[code]) for name, code in places.items()], Region)


class CastRows:
    """The rows of the cast. The first test of a process makes them, the others insert the same rows again.

    They are made again after a flush, which seeds another account of the system, and beside people who are there.
    """

    TABLES = (Unit, Employee, Appointment, TimeLimits, Region, Region.history.model)

    def __init__(self) -> None:
        self.found: list[int] = []
        self.statements: list[tuple[str, list[Any]]] = []

    def insert(self) -> None:
        found = list(Employee.objects.order_by("pk").values_list("pk", flat=True))
        if found == self.found:
            with transaction.atomic(), connection.cursor() as cursor:
                for statement, values in self.statements:
                    cursor.execute(statement, values)
            return
        before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in self.TABLES}
        standing = standing_cast()
        set_stage(Scenario(Path(), "tests", {key: [*standing[key], *AUDIT[key]] for key in standing}))
        listed(REGIONS)
        made = [(model, list(model._base_manager.exclude(pk__in=before[model]))) for model in self.TABLES]
        heads = [statement for model, rows in made for statement in _setting(model, rows, self.TABLES)]
        self.found, self.statements = found, [*(_inserting(model, rows, self.TABLES) for model, rows in made), *heads]


def _later(model: Any, tables: tuple[Any, ...]) -> list[Any]:
    """The columns that lead to rows which are inserted with these or after them: units to heads, people to superiors.

    They are set at the end. As long as such a key is open, SQLite looks through all tables that refer to a row for each
    row that it inserts.
    """
    after = tables[tables.index(model) :]
    return [field for field in model._meta.concrete_fields if field.null and field.related_model in after]


def _setting(model: Any, rows: list[Any], tables: tuple[Any, ...]) -> Iterator[tuple[str, list[Any]]]:
    """The statements that set what was left open, one for each row that somebody is set over."""
    quote, key = connection.ops.quote_name, model._meta.pk
    for row in rows:
        if told := [field for field in _later(model, tables) if getattr(row, field.attname) is not None]:
            columns = ", ".join(f"{quote(field.column)} = %s" for field in told)
            statement = f"UPDATE {quote(model._meta.db_table)} SET {columns} WHERE {quote(key.column)} = %s"
            yield statement, [getattr(row, field.attname) for field in (*told, key)]


def _inserting(model: Any, rows: list[Any], tables: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """The statement that inserts these rows with the keys they have."""
    fields, quote, later = model._meta.concrete_fields, connection.ops.quote_name, _later(model, tables)
    columns, marks = (", ".join(each) for each in zip(*((quote(field.column), "%s") for field in fields), strict=True))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES {', '.join([f'({marks})'] * len(rows))}"
    values = [
        None if f in later else f.get_db_prep_save(getattr(row, f.attname), connection) for row in rows for f in fields
    ]
    return statement, values


ROWS = CastRows()


class Cast:
    """The standing cast: `cast.wh_contact` or `cast["wh.contact"]` is a person, `cast.unit("WH")` a unit."""

    def __init__(self) -> None:
        ROWS.insert()
        self.read_again()

    @classmethod
    def standing(cls) -> Cast:
        """The cast that another process has made."""
        found = cls.__new__(cls)
        found.read_again()
        return found

    def read_again(self) -> None:
        self.people = {person.username: person for person in Employee.objects.select_related("unit")}
        self.units = {unit.code: unit for unit in Unit.objects.all()}

    def __getitem__(self, username: str) -> Employee:
        return self.people[username]

    def __getattr__(self, name: str) -> Employee:
        try:
            return self.__dict__["people"][name.replace("_", ".", 1)]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[Employee]:
        return iter(self.people.values())

    def unit(self, code: str) -> Unit:
        return self.units[code]


INTAKE = {
    "customer": "王建国",
    "phone": "13871234567",
    "tier": "none",
    "region": "武汉",
    "content": "五月账单多出两笔扣费，要求退费。",
}

USUAL: dict[str, dict[str, Any]] = {
    "forward": INTAKE,
    "register": INTAKE | {"channel": "call", "category": "资费与收费争议", "priority": "P3"},
    "handle_directly": {"result": "已当场说明扣费来源。"},
    "dispatch": {"unit": "WH"},
    "hand_off": {"to": "wh.zhang", "method": "system"},
    "report_to_leader": {"leader": "wh.leader", "reason": "责任人不明。"},
    "name_handler": {"to": "wh.zhang"},
    "request_return": {"reason": "不属本单位职责。", "guidance": "建议由网络部处理。"},
    "rule_on_return": {"accepted": True, "reason": "理由成立。"},
    "contact_customer": {"note": "已电话联系。"},
    "propose_solution": {"solution": "退还两笔扣费。"},
    "answer": {"result": "已退费。", "cause": "套餐变更时未告知。"},
    "submit_for_review": {"result": "已退费。", "cause": "套餐变更时未告知。"},
    "send_back_answer": {"remarks": "请补充整改措施。"},
    "ask_material": {"request": "请提供退费凭证。"},
    "give_material": {"material": "退费凭证编号 88。"},
    "judge_complete": {"complete": True},
    "reply": {"content": "已为您退费。"},
    "record_satisfaction": {"satisfied": True},
    "rate_reply": {"satisfied": True},
    "archive_unsatisfied": {"reason": "客户诉求超出政策。"},
    "escalate": {"source": "省通信管理局", "reason": "客户再次申诉。"},
    "chase": {"round": 1, "message": "请尽快处理。"},
    "convene": {"units": ["YC"], "problem": "合约归档地与计费配置不一致。"},
    "record_tasks": {
        "tasks": [{"unit": "YC", "task": "提供合约原件。", "due": "2026-11-24 15:00"}],
        "attendees": ["wh.zhang"],
    },
    "confirm_task": {"unit": "YC"},
    "call_off_coordination": {"reason": "已自行查清。"},
    "finish_task": {"unit": "YC", "result": "合约已上传。"},
    "request_extension": {"until": "2026-11-27 12:00", "reason": "客户外出，约定周五上门。"},
    "extend": {"round": 1, "until": "2026-11-27 12:00", "reason": "情况属实。"},
    "decline_extension": {"reason": "理由不足。"},
    "recall": {"reason": "派错单位。"},
    "correct": {"region": "宜昌", "reason": "登记有误。"},
    "withdraw": {"reason": "客户自行撤回。", "said": "不用再处理了。"},
    "set_flags": {"flags": ["third_party"], "reason": "涉及第三方。"},
    "correct_satisfaction": {"satisfied": False, "kind": "result", "reason": "点错了，客户说没退够。"},
    "mark_duplicate": {"reason": "同一件事登记了两次。"},
    "record_attempt": {"note": "无人接听。"},
    "archive_unreachable": {"reason": "多次联系不上。"},
    "reassign": {"to": "wh.li", "reason": "请假。"},
    "reassign_report": {"to": "wh.head", "reason": "出差。"},
    "reassign_reply": {"to": "yc.leader", "reason": "已离职。"},
    "record_told": {"to": "wh.zhang"},
    "deny_told": {"reason": "没有接到电话。"},
    "propose_excuse": {"deadlines": ["handoff#1"], "reason": "系统故障。"},
    "confirm_excuse": {"deadlines": ["handoff#1"]},
    "reject_excuse": {"deadlines": ["handoff#1"], "reason": "理由不成立。"},
    "set_aside_lead": {"leads": ["handoff#1"], "reason": "客户未受影响。"},
    "restore_lead": {"leads": ["handoff#1"], "reason": "误操作。"},
    "import_complaint": {
        "source": "旧系统",
        "source_key": "A-1",
        "received": "2026-11-20 10:00",
        "content": "资费争议。",
        "region": "武汉",
        "closed": True,
    },
    "record_outside_case": {"body": "miit", "outside_number": "鄂通申〔2026〕118号", "received": "2026-11-24 08:30"},
    "answer_outside_case": {"body": "miit", "content": "已退还多扣费用并告知客户。"},
    "drop_outside_case": {"body": "miit", "reason": "登记到了另一件投诉上。"},
    "decide_criticism": {"criticised": True, "reason": "两次催办后仍未办理。"},
    "add_note": {"note": "已向营业厅核实。"},
    "supplement": {"content": "客户来电补充：六月也多扣了一笔。"},
    "plan_call_back": {"day": "2026-12-31"},
    "finish_call_back": {"result": "已回电，客户知悉进度。"},
    "move_call_back": {"day": "2027-01-04", "reason": "客户改约。"},
    "cancel_call_back": {"reason": "客户不再需要回电。"},
}
"""What a verb is told where a test doesn't care. What a test gives is put over it."""

WAY: dict[str, tuple[tuple[str, str], ...]] = {
    "forwarded": (("forward", "yc.chen"),),
    "registered": (("register", "kf.agent"),),
    "handling": (("register", "kf.agent"), ("handle_directly", "kf.agent")),
    "delivered": (("register", "kf.agent"), ("dispatch", "kf.agent")),
}
WAY["reported"] = (*WAY["delivered"], ("report_to_leader", "wh.contact"))
WAY["handed_off"] = (*WAY["delivered"], ("hand_off", "wh.contact"))
WAY["accepted"] = (*WAY["handed_off"], ("accept", "wh.zhang"))
WAY["return_requested"] = (*WAY["handed_off"], ("request_return", "wh.zhang"))
WAY["returned"] = (*WAY["return_requested"], ("rule_on_return", "kf.agent"))
WAY["under_review"] = (*WAY["accepted"], ("submit_for_review", "wh.zhang"))
WAY["answered"] = (*WAY["accepted"], ("answer", "wh.zhang"))
WAY["completed"] = (*WAY["answered"], ("judge_complete", "kf.agent"))
WAY["replied"] = (*WAY["completed"], ("reply", "kf.agent"))
WAY["archived"] = (*WAY["replied"], ("record_satisfaction", "kf.agent"))
WAY["forwarded and completed"] = (*WAY["forwarded"], *WAY["completed"])
"""How a complaint comes to a state, by whose hands: of WH, its contact and wh.zhang (leader wh.leader). Of a VIP's that
was forwarded, the forwarder owes the reply once its result is judged complete.
"""

TO_THE_TABLE: dict[str, tuple[tuple[str, str], ...]] = {}
TO_THE_TABLE["convened"] = (*WAY["accepted"], ("convene", "wh.zhang"))
TO_THE_TABLE["recorded"] = (*TO_THE_TABLE["convened"], ("record_tasks", "wh.zhang"))
TO_THE_TABLE["confirmed"] = (*TO_THE_TABLE["recorded"], ("confirm_task", "yc.contact"))
TO_THE_TABLE["concluded"] = (*TO_THE_TABLE["confirmed"], ("conclude_coordination", "wh.zhang"))
TO_THE_TABLE["finished"] = (*TO_THE_TABLE["concluded"], ("finish_task", "yc.chen"))
"""How far a coordination of WH with YC has come; the complaint itself stays accepted."""


class Play:
    """`play("dispatch", "kf.agent", complaint, unit="YC")` runs a verb through the gate and gives the subject anew.

    A verb of the organisation finds the standing matter by itself. Raises Refused like the gate.
    """

    def __init__(self, cast: Cast, now: Now) -> None:
        self.cast, self.now = cast, now

    def __call__(
        self, verb: str, by: str, complaint: Any = None, at: str | datetime | None = None, **facts: Any
    ) -> Any:
        """The subject after the act. `at` is the clock's present where it isn't given."""
        instant = instant_of(at) if at is not None else self.now.at
        subject = complaint if complaint is not None else self._new_subject(verb)
        usual = USUAL.get(verb, {}) if getattr(complaint, "state", None) != "forwarded" else self._correction(verb)
        return perform(subject, verb, by=self.cast[by], at=instant, **(usual | facts)).subject

    def by_two(self, verb: str, by: str, second: str, **facts: Any) -> Any:
        """A guarded change: requested by one person, approved by the second."""
        self(verb, by, **facts)
        return self("approve_change", second, change=GuardedChange.objects.waiting().latest("pk").pk)

    def ended_by_two(self, username: str, by: str) -> None:
        """Requested by one person, approved by whoever may: the end of the person's office of a marketing leader."""
        served = Appointment.objects.serving(self.now.at).filter(role=Role.MARKETING_LEADER)
        if served.filter(employee__username=username).exists():
            today = day_of(self.now.at)
            self("end_appointment", by, employee=username, role="marketing_leader", ends_on=today, reason="离职")
            change = GuardedChange.objects.waiting().latest("pk")
            second = Deciders(self.now.at).of(change)[0]
            self("approve_change", Employee.objects.get(pk=second).username, change=change.pk)

    def upto(self, state: str, *, at: str | datetime | None = None, **of_intake: Any) -> Complaint:
        """A new complaint brought to the state (a complaint's or a round's) by the usual hands."""
        complaint = None
        for place, (verb, by) in enumerate((WAY | TO_THE_TABLE)[state]):
            complaint = self(verb, by, complaint, at=at, **(of_intake if place == 0 else {}))
        assert complaint is not None
        return complaint

    def refused(self, verb: str, by: str, complaint: Any = None, **facts: Any) -> Refused:
        """The refusal of the verb. Checks that it changed nothing."""
        return refusal_of(lambda: self(verb, by, complaint, **facts))

    def again(self, complaint: Complaint) -> Complaint:
        """The complaint, freshly read."""
        return Complaint.of_matter(complaint.matter_id)

    @staticmethod
    def _new_subject(verb: str) -> Any:
        return Organisation.standing() if ("organisation", verb) in VERBS else Complaint()

    @staticmethod
    def _correction(verb: str) -> dict[str, Any]:
        return {"category": "资费与收费争议", "priority": "P3"} if verb == "register" else USUAL.get(verb, {})
