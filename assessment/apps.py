from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = _("考核")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accountability import tasks
        from accountability.files import attachments
        from accountability.files.attachments import MAY_READ
        from accountability.gate import verb_checks
        from accountability.privacy import key_rotation
        from accountability.web import listings
        from accountability.web.desk import BLOCKS, CARDS, LINKS, OWN_LIMITS, READINGS, TALLIES
        from assessment import actions  # noqa: F401
        from assessment.actions import export_files
        from assessment.actions.misses import tell_of_fallen
        from assessment.bulletins import desk as bulletin_desk
        from assessment.bulletins.kind import register_bulletin
        from assessment.cases import audit, retention
        from assessment.cases.complaint_card import leads_card, tally
        from assessment.cases.dossier import READERS, may_read_file
        from assessment.cases.paper_kinds import register_all
        from assessment.declarations import access, looks, notices, proofs, steps  # noqa: F401  declares
        from assessment.exports import keeping
        from assessment.exports.desk import export_block
        from assessment.exports.links import readings_link
        from assessment.exports.lists import links_of
        from assessment.figures.frozen import frozen_with
        from assessment.lists import search
        from assessment.lists.desk import desk_block
        from assessment.lists.own_limits import own_limits
        from assessment.lists.worklists import fault_link
        from assessment.models import Case, Plan, is_taken_up
        from assessment.plans import desk as plan_desk
        from assessment.plans import leavers  # noqa: F401
        from assessment.rankings.letter import install as install_ranking_paper
        from assessment.views import (  # noqa: F401  declares
            bulletins,
            circulars,
            leads,
            lists,
            places,
            plans,
            rankings,
            sheets,
        )
        from complaints.actions import excuses, phone_handover
        from complaints.actions.satisfaction import FOLLOWED

        phone_handover.TAKEN_UP.append(is_taken_up)
        excuses.LET_GO.append(tell_of_fallen)
        BLOCKS.append(desk_block)
        TALLIES.append(tally)
        CARDS.append(leads_card)
        OWN_LIMITS.extend([own_limits, plan_desk.own_limits, bulletin_desk.own_limits])
        BLOCKS.extend([plan_desk.plan_block, bulletin_desk.bulletin_block, export_block])
        attachments.NAMED.append(keeping.named)
        key_rotation.keep(keeping.SEALED)
        tasks.EXPORTS.append(export_files.make_pending)
        LINKS.append(fault_link)
        READINGS.append(readings_link)
        listings.LINKS.append(links_of)
        MAY_READ[Case.matter_kind] = lambda file, actor: may_read_file(file.matter_id, actor)
        MAY_READ[Plan.matter_kind] = lambda file, actor: Plan.objects.visible_to(actor).filter(pk=file.matter).exists()
        register_all()
        audit.register()
        FOLLOWED.append(frozen_with)
        register_bulletin()
        install_ranking_paper()
        search.register()
        retention.register()
        verb_checks.KNOWN["read_by"] = lambda: READERS
