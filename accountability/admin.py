"""The foundation's records in the administration, and the rules that marketing revises there.

Personal data are never registered here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accountability.administration.record_words import (
    alarm_label,
    alarm_words,
    detail_words,
    facts_words,
    matter_words,
)
from accountability.administration.site import GuardedAdmin, by_label
from accountability.administration.verbs import RevisedAdmin
from accountability.audit.access_labels import action_label, result_label
from accountability.deadlines.day_names import spans_of
from accountability.deadlines.limits import day_of, show_instant
from accountability.deadlines.words import limit_words
from accountability.documents.phrases import PHRASES
from accountability.documents.template_fields import in_words
from accountability.gate.subjects import REVISE_LIMITS
from accountability.models import (
    AccessLog,
    Alarm,
    Appointment,
    CalendarYear,
    Category,
    Deadline,
    Delivery,
    Employee,
    LedgerEntry,
    PaperWording,
    Region,
    TimeLimits,
    Unit,
    limits_in_force,
)
from accountability.notices.sentences import verb_label
from accountability.permissions import actor_of
from accountability.web.versions import PRIORITIES, note_changes, present_of, values_of


@admin.register(Unit)
class UnitAdmin(GuardedAdmin):
    desk, place, about = "organisation", 1, _("首问责任单位与负责人")
    list_display = ["code", "name", "kind", "head"]
    list_filter = ["kind"]
    list_select_related = ["head"]
    search_fields = ["code", "name"]


@admin.register(Region)
class RegionAdmin(GuardedAdmin):
    desk, place, about = "organisation", 4, _("归属地与分公司")
    names_nobody = True
    list_display = ["name", "unit"]
    list_select_related = ["unit"]
    search_fields = ["name"]


@admin.register(Employee)
class EmployeeAdmin(GuardedAdmin):
    desk, place, about = "organisation", 2, _("在职人员与分管领导")
    fields = ["username", "name", "unit", "supervisor", "is_active"]
    list_display = ["username", "name", "unit", "supervisor", "is_active"]
    names_of_people = ("name",)
    list_filter = ["is_active"]
    list_select_related = ["unit", "supervisor"]
    search_fields = ["username", "name"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse lookups by password: a list narrowed by it would reveal the hash letter by letter."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)


@admin.register(Appointment)
class AppointmentAdmin(GuardedAdmin):
    desk, place, about = "organisation", 3, _("接口人、客服、市场部的任职起止")
    list_display = ["employee", "role", "starts_on", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["employee"]
    search_fields = ["employee__username", "employee__name"]


def who_may_answer() -> list[tuple[str, Any]]:
    """The branch of the customer's region, or one unit for all regions."""
    units = Unit.objects.order_by("kind", "code")
    return [("branch", _("客户归属地分公司")), *((unit.code, str(unit)) for unit in units)]


class CategoryForm(forms.ModelForm):
    """A leaf of the catalogue and the reason for changing it, which goes to its history."""

    answered_by = forms.ChoiceField(label=_("建议首问责任部门"), choices=who_may_answer)
    reason = forms.CharField(label=_("修订理由"), max_length=100)

    class Meta:
        model = Category
        fields = ["parent", "name", "name_en", "words", "answered_by", "is_active"]
        help_texts: ClassVar[dict[str, Any]] = {
            "words": _("客户常用的说法，用空格或顿号隔开，如：乱扣费 多扣钱。登记时输入其中一个即可找到本类。")
        }

    def clean_words(self) -> str:
        """Each word once, whatever parts them."""
        return " ".join(dict.fromkeys(re.split(r"[\s,，、;；/]+", self.cleaned_data["words"].strip()))).strip()


@admin.register(Category)
class CategoryAdmin(GuardedAdmin):
    """The only catalogue edited here: marketing adds and renames leaves (R8, R15). The heads come from the notice and
    are fixed.
    """

    desk, place, about = "rules", 3, _("投诉类别目录：市场部增改小类，须写明理由")
    names_nobody = True
    is_edited = True
    form = CategoryForm
    list_display = ["named", "words", "answered", "network_limits", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["parent"]
    search_fields = ["name", "words", "parent__name"]
    history_list_display = ["history_change_reason"]

    @admin.display(description=_("类别"))
    def named(self, row: Category) -> str:
        return str(row)

    @admin.display(description=_("建议首问责任部门"), ordering="answered_by")
    def answered(self, row: Category) -> Any:
        return _("客户归属地分公司") if row.answered_by == "branch" else row.answered_by

    def has_add_permission(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor is not None and actor.is_marketing

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request) and (obj is None or obj.parent_id is not None)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        named = ["parent", "name", "name_en", "words", "answered_by", "is_active"]
        return [*named, "reason"] if self.has_change_permission(request, obj) else [*named, "network_limits"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A leaf can't move to another head: that would change what earlier complaints were about."""
        return ["parent", "network_limits"] if obj else ["network_limits"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            kwargs |= {"queryset": Category.objects.filter(parent=None), "required": True}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def on_the_desk(self, request: HttpRequest) -> list[Any]:
        heads = Category.objects.filter(parent=None, is_active=True).count()
        leaves = Category.objects.filter(is_active=True).exclude(parent=None).count()
        return [gettext("在用 %(heads)s 个大类，%(leaves)s 个小类") % {"heads": heads, "leaves": leaves}]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data["reason"]
        obj._history_date = request.at  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


class VersionList(ChangeList):
    """A page of versions, each with what it changed; two more queries, however many versions there are."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        note_changes(self.result_list)


class VersionAdmin(RevisedAdmin):
    """Read-only versions, each shown next to the one before it."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return VersionList

    def prepared(self, rows: list[Any]) -> list[Any]:
        note_changes(rows)
        return rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        note_changes([found] if found else [])
        return found


@admin.register(CalendarYear)
class CalendarYearAdmin(VersionAdmin):
    desk, place, about = "rules", 2, _("每年放假与调休；未公布的年份不作推测")
    begins = ("publish_calendar",)
    beside_template = "admin/beside_calendar.html"
    fields = ["year", "version", "in_force_from", "author", "reason", "changed", "off", "worked", "holidays"]
    list_display = ["named", "in_force_from", "author", "reason", "changed"]
    list_select_related = ["author"]

    @admin.display(description=_("版本"), ordering="-pk")
    def named(self, row: Any) -> str:
        return str(row)

    @admin.display(description=_("修订内容"), empty_value="—")
    def changed(self, row: Any) -> Any:
        return lines_of(row.changes)

    @admin.display(description=_("放假的工作日"), empty_value="—")
    def off(self, row: Any) -> str:
        return "、".join(row.days_off)

    @admin.display(description=_("上班的周末"), empty_value="—")
    def worked(self, row: Any) -> str:
        return "、".join(row.days_worked)

    @admin.display(description=_("节日名称"), empty_value="—")
    def holidays(self, row: Any) -> Any:
        return lines_of(map(str, spans_of(row.day_names)))

    def get_beside(self, request: Any, entry: Any, subject: Any) -> dict[str, Any]:
        return {"years": _years(request)}

    def on_the_desk(self, request: Any) -> list[Any]:
        return [
            gettext("%(year)s 年 v%(version)s 已公布") % {"year": year, "version": last.version}
            if last
            else gettext("%(year)s 年尚未公布") % {"year": year}
            for year, last in _years(request)
        ]


def _years(request: Any) -> list[tuple[int, CalendarYear | None]]:
    """This year and the next, each with the version in force."""
    this = day_of(request.at).year
    rows = CalendarYear.objects.filter(year__in=[this, this + 1]).select_related("author").order_by("version")
    last = {row.year: row for row in rows}
    return [(year, last.get(year)) for year in (this, this + 1)]


@admin.register(TimeLimits)
class TimeLimitsAdmin(VersionAdmin):
    desk, place, about = "rules", 1, _("各项时限与规则参数；修订只适用于之后开始的时限")
    begins = REVISE_LIMITS
    beside_template = "admin/beside_limits.html"
    fields = ["version", "in_force_from", "author", "reason", "changed", "in_it"]
    list_display = ["version", "in_force_from", "author", "reason", "changed"]
    list_select_related = ["author"]
    ordering = ["-version"]

    @admin.display(description=_("修订内容"), empty_value="—")
    def changed(self, row: Any) -> Any:
        return lines_of(f"{what} {before} → {after}" for what, before, after in row.changes)

    @admin.display(description=_("全部内容"))
    def in_it(self, row: Any) -> Any:
        return lines_of(f"{what} {value}" for what, value in values_of(row))

    def get_beside(self, request: Any, entry: Any, subject: Any) -> dict[str, Any]:
        current = limits_in_force(request.at)
        rows = [(key, current.limit("handling", key), current.limit("return", key)) for key in PRIORITIES]
        return {
            "current": current,
            "by_priority": rows if entry.name == "set_limits" else [],
            "present": present_of(current, entry),
        }

    def on_the_desk(self, request: Any) -> list[Any]:
        current = limits_in_force(request.at)
        told = {"version": current.version, "since": show_instant(current.in_force_from), "author": current.author}
        return [gettext("现行 v%(version)s，自 %(since)s，%(author)s") % told]


@admin.register(PaperWording)
class PaperWordingAdmin(VersionAdmin):
    """The words of papers that marketing changed; the others are the program's defaults."""

    desk, place, about = "rules", 4, _("公文的发文代字、部门名称和固定用语；修订只适用于之后印发的公文")
    begins = ("set_papers",)
    beside_template = "admin/beside_papers.html"
    fields = ["version", "in_force_from", "author", "reason", "changed"]
    list_display = ["version", "in_force_from", "author", "reason", "changed"]
    list_select_related = ["author"]
    ordering = ["-version"]

    @admin.display(description=_("修订内容"))
    def changed(self, row: Any) -> Any:
        return lines_of(f"{what}：{before} → {after}" for what, before, after in row.changes)

    def get_beside(self, request: Any, entry: Any, subject: Any) -> dict[str, Any]:
        current = PaperWording.objects.select_related("author").first()
        changed = current.phrases if current else {}
        return {
            "current": current,
            "phrases": [
                (phrase.label, in_words(changed.get(phrase.name, "")), in_words(phrase.default))
                for phrase in PHRASES.values()
            ],
        }

    def on_the_desk(self, request: Any) -> list[Any]:
        current = PaperWording.objects.select_related("author").first()
        if current is None:
            return [gettext("全部为默认用语")]
        told = {"version": current.version, "since": show_instant(current.in_force_from), "author": current.author}
        return [gettext("现行 v%(version)s，自 %(since)s，%(author)s") % told]


def lines_of(texts: Iterable[Any]) -> Any:
    """The items, one below the other; empty where there are none."""
    lines = format_html_join("", "<div>{}</div>", ((text,) for text in texts))
    return format_html("<div>{}</div>", lines) if lines else ""


@admin.register(Deadline)
class DeadlineAdmin(GuardedAdmin):
    exclude = ["is_window", "excuse_reason", "excuse_proposed_by", "excused_by", "limit_text", "calendar"]
    readonly_fields = ["length", "calendars", "proposer", "approver"]
    place, about = 4, _("每项时限的起算、到期、履行与超时")
    list_display = ["matter", "kind", "part", "unit", "due_at", "met_at", "missed_at", "voided_at"]
    list_filter = ["kind"]
    list_select_related = ["matter", "unit"]
    search_fields = ["matter__number"]

    @admin.display(description=_("期限"))
    def length(self, row: Deadline) -> str:
        return limit_words(row.limit)

    @admin.display(description=_("日历版本"))
    def calendars(self, row: Deadline) -> str:
        versions = row.calendar.items()
        return "、".join(gettext("%(year)s 年第 %(version)s 版") % {"year": y, "version": v} for y, v in versions)

    @admin.display(description=_("提请免责人"))
    def proposer(self, row: Deadline) -> Any:
        return row.excuse_proposed_by

    @admin.display(description=_("批准免责人"))
    def approver(self, row: Deadline) -> Any:
        return row.excused_by


@admin.register(LedgerEntry)
class LedgerEntryAdmin(GuardedAdmin):
    place, about = 5, _("谁在何时对何事做了什么")
    fields = ["of_matter", "seq", "act", "actor", "at", "recorded_at", "part", "told", "hmac"]
    list_display = ["of_matter", "seq", "act", "actor", "at", "part"]
    list_select_related = ["matter", "actor"]
    search_fields = ["matter__number"]

    @admin.display(description=_("事项"), ordering="matter")
    def of_matter(self, row: LedgerEntry) -> Any:
        return matter_words(row.matter)

    @admin.display(description=_("操作"), ordering="verb")
    def act(self, row: LedgerEntry) -> Any:
        return verb_label(row.verb, row.matter.kind)

    @admin.display(description=_("内容"))
    def told(self, row: LedgerEntry) -> Any:
        return lines_of(facts_words(row))


@admin.register(AccessLog)
class AccessLogAdmin(GuardedAdmin):
    """Who looked at what: for auditors only."""

    desk, place, about = "running", 3, _("查看号码、导出与被拒绝的操作")
    auditors_only = True
    fields = ["at", "actor", "done", "ended", "of_matter", "about_what", "address"]
    list_display = ["at", "actor", "done", "ended", "of_matter", "about_what", "address"]
    list_filter = [("result", by_label(result_label))]
    list_select_related = ["actor", "matter"]
    search_fields = ["actor__username", "matter__number"]

    @admin.display(description=_("动作"), ordering="action")
    def done(self, row: AccessLog) -> Any:
        return action_label(row.action)

    @admin.display(description=_("结果"), ordering="result")
    def ended(self, row: AccessLog) -> Any:
        return result_label(row.result)

    @admin.display(description=_("事项"), ordering="matter")
    def of_matter(self, row: AccessLog) -> Any:
        return row.matter and matter_words(row.matter)

    @admin.display(description=_("说明"))
    def about_what(self, row: AccessLog) -> str:
        return detail_words(row)


@admin.register(Alarm)
class AlarmAdmin(GuardedAdmin):
    desk, place, about = "running", 1, _("等待过久、缺日历、缺接口人")
    fields = ["told", "matter", "unit", "since", "raised_at", "cleared_at"]
    list_display = ["told", "matter", "unit", "since", "raised_at", "cleared_at"]
    list_filter = [("kind", by_label(alarm_label))]
    list_select_related = ["matter", "unit"]

    @admin.display(description=_("内容"), ordering="key")
    def told(self, row: Alarm) -> str:
        return alarm_words(row)


@admin.register(Delivery)
class DeliveryAdmin(GuardedAdmin):
    """What was sent off-screen to whom; the addresses are never shown."""

    desk, place, about = "running", 2, _("短信、邮件等发出的情况")
    fields = ["recipient", "channel", "state", "attempts", "planned_at", "next_try_at", "sent_at", "problem"]
    list_display = ["recipient", "channel", "state", "attempts", "sent_at", "problem"]
    list_filter = ["channel", "state"]
    list_select_related = ["recipient"]
    search_fields = ["recipient__username"]
