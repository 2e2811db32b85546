from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("投诉")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accountability import reminders
        from complaints import (  # noqa: F401  register the verbs and what misses lead to
            actions,
            documents,
            ladder,
            mass,
            searching,
        )

        reminders.WATCHES.append(mass.look_out)
        documents.register()
        searching.register()
