"""The office's addresses with another administration: one in which verbs are run on complaints."""

from typing import Any

from django.urls import path

from accountability.administration.site import OfficeAdminSite
from accountability.administration.verbs import VerbAdmin
from complaints.models import Complaint
from config import urls as office


class ComplaintVerbs(VerbAdmin):
    """What marketing may do to a complaint, and one verb that isn't theirs."""

    acts = ("propose_excuse", "decide_criticism", "chase", "withdraw")
    begins = ("register",)
    grave = frozenset({"withdraw"})
    exclude = ["intake"]


site = OfficeAdminSite(name="admin")
site.register(Complaint, ComplaintVerbs)

OTHERS: list[Any] = [*office.urlpatterns]
urlpatterns = [path("admin/", site.urls), *[one for one in OTHERS if str(one.pattern) != "admin/"]]
