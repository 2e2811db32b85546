"""The rules on hand (R55): marketing publishes new versions, and each person confirms reading them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accountability import permissions
from accountability.actions.revision import revise
from accountability.audit import access_log
from accountability.gate.act import Act
from accountability.gate.fields import Choice, Line, Text
from accountability.gate.subjects import Organisation, version_of
from accountability.gate.verbs import verb
from accountability.models import Employee, RuleReading, RulesVersion
from accountability.rules.catalogue import RULES


@verb(
    Organisation, _("发布规则补充"),
    Choice(name="rule", label=_("补充到"), required=False,
           choices=tuple((name, format_lazy("{} {}", name, rule.title)) for name, rule in RULES.items()),
           help=_("不选即补充到整份通知；同一条规则的新补充取代旧补充。")),
    Text(name="supplement", label=_("补充内容"), rows=8, help=_("通知原文不变；补充内容与规则一同显示。")),
    Line(name="reason", label=_("理由"), max_length=200),
    permission=permissions.publish_rules, rule="R15",
    seen=version_of("rules", RulesVersion),
)  # fmt: skip
def publish_rules(act: Act, *, supplement: str, reason: str, rule: str = "") -> None:
    """Publish a new version of the rules with a supplement: everybody is asked to read and confirm it again (R55)."""
    revise(act, RulesVersion, reason=reason, rule=rule, supplement=supplement)
    act.note(sha256=sha256(supplement.encode()).hexdigest())


def confirm_reading(employee: Employee, version: RulesVersion, *, at: datetime, address: str | None = None) -> bool:
    """Record the person's receipt for the version. Return whether it is new: a repetition leaves the first one as it is
    (R55).

    This is no act of the gate. The standing matter's lock would put everybody in one queue on the morning of a new
    version, and no other state depends on a receipt. The unique row and its line in the access log, written together
    and never changed, are proof enough.
    """
    try:
        with transaction.atomic():
            RuleReading.objects.create(employee=employee, version=version, read_at=at)
            access_log.write(employee, "confirm_reading", at=at, address=address, detail=str(version))
    except IntegrityError:
        if not RuleReading.objects.filter(employee=employee, version=version).exists():
            raise
        return False
    return True
