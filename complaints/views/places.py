"""The places where complaints, mass events and customers' requests are worked on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.administration.record_words import FACTS, PAGES
from accountability.declarations.places import PLACES, Place, everybody
from accountability.permissions import keeps_the_books, leads_or_audits

PLACES.add(
    Place(
        "complaints", _("投诉"), 30,
        parts=(
            "complaint", "act", "bulk", "notices", "deadline", "conformance", "notice", "minutes", "urging",
            "saved_views",
        ),
    ),
    Place("register", _("登记受理"), 40, lambda actor: actor.is_agent),
    Place(
        "mass_events", _("大面积投诉"), 50, lambda actor: actor.reads_every_complaint, everybody,
        parts=("mass", "mass_act"),
    ),
    Place(
        "forward", _("转交投诉"), 100, lambda actor: not actor.is_agent, keeps_the_books,
    ),
    Place(
        "rights", _("客户权利请求"), 220, leads_or_audits, everybody,
        parts=("rights_request", "rights_act", "begin_rights"),
    ),
)  # fmt: skip

PAGES.update({
    "attachment_text": _("文件"),
    "rename_view": _("保存的视图"),
    "delete_view": _("保存的视图"),
    "choose_view": _("保存的视图"),
    "register_forwarded": _("登记受理"),
    "presence": _("正在查看"),
})  # fmt: skip
FACTS["complaints"] = _("投诉")
