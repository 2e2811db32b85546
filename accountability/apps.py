from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountabilityConfig(AppConfig):
    name = "accountability"
    verbose_name = _("责任与时限")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the verbs on the whole organisation, and what listens to sign-ins.
        from accountability.actions import guarded_changes, holds, webhooks  # noqa: F401  registers
        from accountability.audit import refused_access
        from accountability.declarations import own_notices, own_steps  # noqa: F401  declares
        from accountability.documents import issuing, keeping
        from accountability.files import attachments
        from accountability.gate import changes, name_checks, verb_checks  # noqa: F401  checks at start
        from accountability.monitoring import reminders
        from accountability.oa import outbox as oa_outbox
        from accountability.privacy import revealing
        from accountability.rules.desk import desk_block, principles_block
        from accountability.search import finders, index, term_indexes
        from accountability.seed import foundation
        from accountability.signin import backend  # noqa: F401
        from accountability.views import accounts, places, rules, sign_in_policy, watching  # noqa: F401  declares
        from accountability.web import desk
        from accountability.webhooks import outbox

        accounts.MARKS.append(sign_in_policy.marks)
        accounts.ACTIONS.append(sign_in_policy.offers)
        desk.BLOCKS.extend([desk_block, principles_block])
        changes.ON_PAPERS.extend([index.ask_customers, issuing.compose_all, oa_outbox.order])
        changes.ON_WORDS.append(index.keep_texts)
        changes.ON_ENTRIES.append(outbox.order)
        finders.register()
        reminders.WATCHES.extend([
            attachments.clear_out, keeping.clear_drafts, revealing.look_after, guarded_changes.expire_due,
            refused_access.look_after,
        ])  # fmt: skip
        post_migrate.connect(foundation.after_migrate, sender=self)
        post_migrate.connect(term_indexes.after_migrate, sender=self)
