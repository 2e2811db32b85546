"""Pages of leads, sheets, cases, plans, bulletins and circulars for everybody who works outside the administration."""

from django.urls import path

from assessment.views import (
    bulletins,
    case,
    circulars,
    dashboard,
    figures,
    leads,
    lists,
    plans,
    rankings,
    sheets,
)

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<slug:table>.<slug:kind>", dashboard.download, name="dashboard_table"),
    path("leads/", leads.page, name="leads"),
    path("sheets/", sheets.listing, name="sheets"),
    path("sheets/new/", sheets.issue, name="issue_sheet"),
    path("sheets/<str:number>/", sheets.page, name="sheet"),
    path("cases/", lists.cases, name="cases"),
    path("cases/open_fault/", case.open_fault, name="open_fault"),
    path("cases/<str:number>/", case.page, name="case"),
    path("cases/<str:number>/deadlines/<int:pk>/", case.deadline, name="case_deadline"),
    path("cases/<str:number>/do/<str:verb>/", case.act, name="case_act"),
    path("circulars/", circulars.circulars, name="circulars"),
    path("circulars/<int:pk>/", circulars.circular, name="circular"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/<str:number>/", bulletins.page, name="bulletin"),
    path("bulletins/<str:number>/do/<str:verb>/", bulletins.act, name="bulletin_act"),
    path("figures/export.csv", figures.export, name="figures_export"),
    path("figures/<str:measure>/", figures.behind, name="figures_behind"),
    path("plans/", plans.plans, name="plans"),
    path("plans/begin/open_plan/", plans.begin, name="begin_plan"),
    path("plans/<str:number>/", plans.page, name="plan"),
    path("plans/<str:number>/do/<str:verb>/", plans.act, name="plan_act"),
    path("ranking/", rankings.rankings, name="rankings"),
    path("ranking/<int:year>/", rankings.of_year, name="ranking"),
    path("ranking/begin/draft_ranking/", rankings.begin, name="begin_ranking"),
    path("ranking/of/<str:number>/", rankings.numbered, name="ranking_numbered"),
    path("ranking/of/<str:number>/table.xlsx", rankings.table, name="ranking_table"),
    path("ranking/of/<str:number>/check/", rankings.check, name="ranking_check"),
    path("ranking/of/<str:number>/do/<str:verb>/", rankings.act, name="ranking_act"),
]
