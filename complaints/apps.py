from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("投诉")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accountability import reminders, verb_checks
        from accountability.attachments import MAY_READ
        from complaints import (  # noqa: F401  register the verbs and what misses lead to
            actions,
            attached,
            documents,
            initial,
            ladder,
            mass,
            presence,
            retaining,
            searching,
        )
        from complaints.bulk import OFFICES
        from complaints.declarations import access, looks, notices, places, steps  # noqa: F401  declares
        from complaints.models import Complaint
        from complaints.timeline import KINDS
        from complaints.views.offers import GROUPS

        MAY_READ[Complaint.matter_kind] = attached.may_read
        reminders.WATCHES.extend([mass.look_out, presence.sweep])
        documents.register()
        searching.register()
        retaining.register()
        verb_checks.KNOWN |= {"group": lambda: GROUPS, "timeline": lambda: KINDS, "in_bulk": lambda: OFFICES}
        verb_checks.BY_VERB["complaint.initial"] = lambda: initial.KNOWN
