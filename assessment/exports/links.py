"""What exports add to pages of the apps below."""

from __future__ import annotations

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accountability.permissions import Actor
from assessment.permissions import MAY_EXPORT


def readings_link(actor: Actor) -> tuple[str | Promise, str] | None:
    """A link to request the list of who has read the rules as an export."""
    if not MAY_EXPORT["readings"](actor):
        return None
    return _("申请导出"), f"{reverse('begin_export')}?what=readings"
