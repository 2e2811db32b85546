"""The notices and alarms of complaints, of mass events and of customers' requests about their data."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accountability.declarations.limits import deadline_label
from accountability.declarations.notices import ALARMS, NOTICES, AlarmKind, Count, Notice, Topic
from accountability.declarations.own_notices import WAITING_COUNT, of_limit
from accountability.declarations.registry import Facts, Words

MASS = _("疑似大面积投诉：%(region)s“%(head)s”已有 %(count)s 件。")
CRITICISM = _("催办通知书后仍未办理“%(limit)s”%(round)s，建议书面批评，请市场部决定。")
EXCUSES = _("提请免责等待过久，仍待批准。")


def _to_the_list(facts: Facts) -> str:
    return f"{reverse('complaints')}?list={facts['list']}" if "list" in facts else ""


def _return_ruled(facts: Facts) -> Words:
    return _("退回申请已获同意。") if facts.get("accepted") else _("退回申请未获同意，由本单位继续处理。")


def _mass_level(facts: Facts) -> Words:
    level = {1: _("一级"), 2: _("二级"), 3: _("三级")}.get(facts.get("level", 0), "")
    told = {name: facts.get(name, "") for name in ("region", "head", "count")} | {"level": level}
    return _("大面积投诉升至%(level)s：%(region)s“%(head)s”24小时内 %(count)s 件。") % told


def _deemed_confirmed(facts: Facts) -> Words:
    if "unit" in facts:
        return _("%(unit)s逾期未确认协调记录，视为确认（R30）。") % facts
    return _("本单位逾期未确认协调记录，视为确认；仍可补充确认一次（R30）。")


def _lapsed(facts: Facts) -> Words:
    """A concluded task may still be finished; what was missed before the end stays missed (R32)."""
    if facts.get("concluded"):
        return _("本轮已结束，未到期的协调任务不再计时，已超时的记录保留。")
    return _("本轮已结束，未议定的协调随之结束，本单位无需办理。")


def _chased(facts: Facts) -> Words:
    """Chased by the centre, or by marketing where it coordinates (R14)."""
    return _("市场部催办（R14）。") if facts.get("by") == "coordinator" else _("客服中心催办。")


def _outside_case(facts: Facts) -> Words:
    return _("%(limit)s：有转办件待答复。") % {"limit": deadline_label(facts["kind"])}


NOTICES.add(
    # The round
    Notice("no_contact", _("本单位没有接口人，由负责人接收并交办（R17）。"), Topic.CLOCK, "warn"),
    Notice("joint", _("您是本轮首问责任人的分管领导，承担连带责任。")),
    Notice("return_ruled", _return_ruled),
    Notice("recalled", _("派单已撤回%(round)s，无需再办。")),
    Notice("reassigned", _("已改由他人办理%(round)s。")),
    Notice("told_confirmed", _("电话交办已由本人确认%(round)s。")),
    Notice("told_denied", _("电话交办被本人否认%(round)s，不作数，请重新交办。"), Topic.CLOCK, "danger"),
    Notice(
        "told_lapsed", _("电话交办登记24小时内未经本人确认%(round)s，已失效，不作数。"),
        Topic.WORK, "warn", ends_with=(),
    ),
    Notice("answer_approved", _("分管领导已审核通过，您的答复已送客服中心%(round)s。")),
    Notice("answer_sent_back", _("分管领导退回了您送审的答复%(round)s，请按审核意见修改。"), Topic.WORK, "warn"),
    Notice("review_over", _("送您审核的答复已收回%(round)s，无需审核。")),
    # The complaint
    Notice("corrected", _("登记内容已更正。")),
    Notice("ended", _("投诉已归档，无需再办。")),
    Notice("mentioned", _("有一条备注请您查看。"), Topic.WORK, ends_with=()),
    Notice(
        "outside_case", _outside_case, Topic.WORK, "warn", ends_with=("answer_outside_case", "drop_outside_case"),
    ),
    Notice("supplemented", _("客户有补充，请查看。"), Topic.WORK, "warn", ends_with=()),
    Notice(
        "call_back", _("约定 %(day)s 由您给客户回电。"), Topic.WORK,
        ends_with=("finish_call_back", "cancel_call_back", "move_call_back"),
    ),
    Notice("call_back_over", _("约定的回电不再由您办理。"), takes_back="call_back"),
    Notice("duplicate", _("有投诉标记为与 %(number)s 重复，由后者继续办理。")),
    Notice("archived", _("您转交的投诉已归档。")),
    Notice("opened_again", _("您转交的投诉因满意度记录更正，已重新打开。")),
    # The reply
    Notice("owes_reply", _("处理完毕后由您回复客户（R34）。"), Topic.WORK),
    Notice("reply_reassigned", _("已改由他人回复客户。")),
    Notice("unreachable", _("多次联系不上客户，可以归档。"), Topic.WORK),
    Notice("unsatisfied", _("客户对处理结果不满意%(round)s。")),
    Notice("satisfaction_corrected", _("客户满意度的记录已更正%(round)s。")),
    Notice(
        "material_asked", _("回复客户需要本单位提供材料%(round)s，请尽快提供（R36）。"),
        Topic.WORK, "warn", ends_with=("give_material", "reply"),
    ),
    Notice("material_given", _("首问责任部门已提供回复所需材料%(round)s。"), Topic.WORK, ends_with=()),
    Notice("material_over", _("回复客户所需的材料不再需要提供%(round)s。")),
    Notice(
        "material_waits", _("回复客户所需的材料久未提供%(round)s，请督促提供（R36）。"),
        Topic.WAITING, "danger", ends_with=("give_material", "reply"),
    ),
    # Coordination
    Notice(
        "coordinate", _("需市场部协调（重大、特急，或紧急且跨省、他网，R14）。"),
        Topic.WORK, "warn", ends_with=(),
    ),
    Notice("coordinate_no_more", _("登记已更正，不再需要市场部协调。")),
    Notice("coordinator_convened", _("市场部就本轮召集了跨部门协调（R14）。")),
    Notice("coordinator_concluded", _("市场部召集的协调已议定，请查看各单位任务（R14）。")),
    Notice(
        "convened", _("邀请本单位参加跨部门协调（R29）。"),
        Topic.WORK, ends_with=("conclude_coordination", "call_off_coordination"),
    ),
    Notice(
        "to_confirm", _("协调任务已书面明确，请本单位确认（R30）。"),
        Topic.WORK, "warn", ends_with=(), limit="confirmation",
    ),
    Notice("deemed_confirmed", _deemed_confirmed, Topic.WAITING, "danger", ends_with=()),
    Notice("task_confirmed", _("%(unit)s已确认协调任务。")),
    Notice("objected", _("%(unit)s已确认协调任务，并提出异议。"), Topic.WORK, "warn", ends_with=()),
    Notice(
        "to_finish", _("协调已议定，请在期限内完成本单位的任务（R32）。"),
        Topic.WORK, "warn", ends_with=(), limit="cooperation",
    ),
    Notice("task_finished", _("%(unit)s已完成协调任务。")),
    Notice("coordination_called_off", _("协调已取消，本单位无需办理。")),
    Notice("coordination_lapsed", _lapsed),
    # Supervision
    Notice("chased", _chased, Topic.WORK, "warn"),
    Notice(
        "overdue", _("催办：“%(limit)s”时限已到%(round)s，请立即办理；已抄送分管领导。"), of_limit, "warn",
        too_late=True,
    ),
    Notice("urged", _("催办通知书 %(number)s：“%(limit)s”超时后仍未办理%(round)s。"), Topic.LIMITS, "danger"),
    Notice("criticism_proposed", CRITICISM, Topic.LIMITS, "danger", ends_with=("decide_criticism",)),
    Notice("criticised", _("市场部决定对本单位逾期不办予以书面批评。"), Topic.LIMITS, "danger", ends_with=()),
    Notice(
        "extension_asked", _("首问责任人申请延长处理时限。"),
        Topic.WORK, "warn", ends_with=("extend", "decline_extension"),
    ),
    Notice("extended", _("处理时限已延长。")),
    Notice("extension_declined", _("延期申请未获同意，处理时限不变。"), Topic.WORK, ends_with=()),
    Notice(
        "excuse_proposed", _("有超时提请免责，待市场部领导批准。"),
        Topic.WORK, ends_with=("confirm_excuse", "reject_excuse"),
    ),
    Notice("excuse_rejected", _("“%(limit)s”超时不予免责%(round)s。")),
    Notice("excuses_wait", EXCUSES, Topic.WAITING, "danger", _to_the_list),
    # Mass events
    Notice("mass_warned", MASS, Topic.WAITING, "danger"),
    Notice("mass_level", _mass_level, Topic.WAITING, "danger", ends_with=()),
    Notice("mass_confirmed", _("客服中心已确认为大面积投诉，请市场部知悉并协调。"), Topic.WORK, "warn"),
    Notice("mass_dismissed", _("客服中心判断不是大面积投诉，预警解除。")),
    # Customers' requests
    Notice("rights_declined", _("权利请求的提请未获批准，请按理由处理。")),
)  # fmt: skip


def _events(said: str, count: int) -> Words:
    words = ngettext("%(count)s 起疑似大面积投诉待确认。", "%(count)s 起疑似大面积投诉待确认。", count)
    return words % {"count": said}


def _proposals(said: str, count: int) -> Words:
    words = ngettext("%(count)s 项书面批评待市场部决定。", "%(count)s 项书面批评待市场部决定。", count)
    return words % {"count": said}


ALARMS.add(
    AlarmKind(
        "mass", MASS, shown_to=lambda actor: actor.is_agent,
        count=Count(_events, "mass_events", "danger", 1),
    ),
    AlarmKind(
        "criticism", CRITICISM, shown_to=lambda actor: actor.is_marketing,
        count=Count(_proposals, "alarms", "warn", 2), lasts=True, floods=True,
    ),
    AlarmKind("excuses", EXCUSES, _to_the_list, lambda actor: actor.leads_marketing, count=WAITING_COUNT, floods=True),
    AlarmKind(
        "material", _("回复客户所需的材料久未提供。"),
        count=WAITING_COUNT, floods=True, lasts=True, told_to_heads=True,
    ),
)  # fmt: skip
