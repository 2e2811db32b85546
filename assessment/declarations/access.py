"""The access log's words for what is viewed or tried in this app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accountability.declarations.access import ACTIONS

ACTIONS.put("sheet", _("查看互动单"))
ACTIONS.put("export", _("导出"))
ACTIONS.put("export_ranking", _("导出排名表"))
