from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = _("责任与时限")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accountability import actions, seed  # noqa: F401  registers the verbs of the whole organisation

        post_migrate.connect(seed.after_migrate, sender=self)
