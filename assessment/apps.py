from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = _("考核")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accountability import attachments, rotating, tasks
        from accountability.attachments import MAY_READ
        from accountability.desks import BLOCKS, CARDS, LINKS, TALLIES
        from assessment import (  # noqa: F401  register the verbs, what misses lead to, what binds them
            actions,
            noting,
            retaining,
            searching,
        )
        from assessment.beside import leads_card, tally
        from assessment.bulletins.desk import bulletin_block
        from assessment.bulletins.kind import register_bulletin
        from assessment.declarations import access, looks, notices, places, steps  # noqa: F401  declares
        from assessment.documents.kinds import register_all
        from assessment.dossier import may_read_file
        from assessment.exports import keeping, making
        from assessment.exports.desk import export_block
        from assessment.figures.frozen import frozen_with
        from assessment.models import Case, Plan, is_taken_up
        from assessment.plan_desk import plan_block
        from assessment.ranking_paper import install as install_ranking_paper
        from assessment.worklists import desk_block, fault_link
        from complaints.actions import told
        from complaints.actions.satisfaction import FOLLOWED

        told.TAKEN_UP.append(is_taken_up)
        BLOCKS.append(desk_block)
        TALLIES.append(tally)
        CARDS.append(leads_card)
        BLOCKS.extend([plan_block, bulletin_block, export_block])
        attachments.NAMED.append(keeping.named)
        rotating.keep(keeping.SEALED)
        tasks.EXPORTS.append(making.make_pending)
        LINKS.append(fault_link)
        MAY_READ[Case.matter_kind] = lambda file, actor: may_read_file(file.matter_id, actor)
        MAY_READ[Plan.matter_kind] = lambda file, actor: Plan.objects.visible_to(actor).filter(pk=file.matter).exists()
        register_all()
        noting.register()
        FOLLOWED.append(frozen_with)
        register_bulletin()
        install_ranking_paper()
        searching.register()
        retaining.register()
