from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = _("责任与时限")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # registers the verbs of the whole organisation, and what listens to sign-ins
        from accountability import (  # noqa: F401
            actions,
            attachments,
            desks,
            finding,
            name_checks,
            reminders,
            seed,
            signins,
            unmasking,
            verb_checks,
        )
        from accountability.declarations import own_notices, own_places, own_steps  # noqa: F401  declares
        from accountability.documents import keeping
        from accountability.reading import desk_block, principles_block
        from accountability.views import accounts, sign_in_policy

        accounts.MARKS.append(sign_in_policy.marks)
        accounts.ACTIONS.append(sign_in_policy.offers)
        desks.BLOCKS.extend([desk_block, principles_block])
        finding.register()
        reminders.WATCHES.extend([attachments.clear_out, keeping.clear_drafts, unmasking.look_after])
        post_migrate.connect(seed.after_migrate, sender=self)
