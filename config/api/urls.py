"""The addresses of the interface, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from config.api.acts import Act
from config.api.figures import Figures
from config.api.kinds import KINDS, ORGANISATION
from config.api.reads import Cases, Complaints, OneCase, OneComplaint, OneRanking, Rankings
from config.api.records import Ledger, Penalties
from config.api.reference import Calendar, Categories, Limits, People, Units
from config.api.schema import Schema

urlpatterns = [
    path("schema/", Schema.as_view(), name="api_schema"),
    path("complaints", Complaints.as_view(), name="api_complaints"),
    path("complaints/<str:number>", OneComplaint.as_view(), name="api_complaint"),
    path("cases", Cases.as_view(), name="api_cases"),
    path("cases/<str:number>", OneCase.as_view(), name="api_case"),
    path("penalties", Penalties.as_view(), name="api_penalties"),
    path("figures", Figures.as_view(), name="api_figures"),
    path("rankings", Rankings.as_view(), name="api_rankings"),
    path("rankings/<str:number>", OneRanking.as_view(), name="api_ranking"),
    path("ledger", Ledger.as_view(), name="api_ledger"),
    path("units", Units.as_view(), name="api_units"),
    path("people", People.as_view(), name="api_people"),
    path("categories", Categories.as_view(), name="api_categories"),
    path("limits", Limits.as_view(), name="api_limits"),
    path("calendar/<int:year>", Calendar.as_view(), name="api_calendar"),
    path("organisation/<str:verb>", Act.as_view(kind=ORGANISATION), name="api_organisation_act"),
    *(
        path(f"{kind.place}/<str:number>/<str:verb>", Act.as_view(kind=kind), name=f"api_{kind.name}_act")
        for kind in KINDS if kind.page is not None
    ),
]  # fmt: skip
