from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("投诉")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accountability import tasks
        from accountability.files.attachments import MAY_READ
        from accountability.gate import verb_checks
        from accountability.monitoring import reminders
        from accountability.web.desk import OWN_LIMITS
        from accountability.web.middleware import ALWAYS_OPEN
        from complaints import actions, conversation, documents, outside  # noqa: F401
        from complaints.customer_word import sending
        from complaints.data_rights import retention, verbs  # noqa: F401
        from complaints.declarations import access, events, looks, notices, proofs, steps  # noqa: F401  declares
        from complaints.dossier import (
            files,
            presence,
        )
        from complaints.dossier.timeline import KINDS
        from complaints.forms import defaults
        from complaints.lists import search
        from complaints.lists.bulk import OFFICES
        from complaints.lists.own_limits import own_limits
        from complaints.models import Complaint
        from complaints.sweep import (
            escalation,  # noqa: F401
            mass_events,
        )
        from complaints.views import lists, mass, places, rights  # noqa: F401  declares
        from complaints.views.verb_groups import GROUPS

        ALWAYS_OPEN.update(("customer_word", "customer_progress"))
        OWN_LIMITS.append(own_limits)
        MAY_READ[Complaint.matter_kind] = files.may_read
        tasks.SENDERS.append(sending.send)
        reminders.WATCHES.extend([mass_events.look_out, presence.sweep])
        documents.register()
        search.register()
        retention.register()
        verb_checks.KNOWN |= {"group": lambda: GROUPS, "timeline": lambda: KINDS, "in_bulk": lambda: OFFICES}
        verb_checks.BY_VERB["complaint.initial"] = lambda: defaults.KNOWN
