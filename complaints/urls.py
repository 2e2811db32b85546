"""Pages of the flow: desks, lists, intake, and one complaint with its verbs and papers."""

from django.urls import path

from complaints.views import (
    bulk,
    complaint,
    coordination,
    desk,
    files,
    intake,
    lists,
    mass,
    notices,
    papers,
    presence,
    revealing,
    saved,
)

urlpatterns = [
    path("", desk.home, name="home"),
    path("complaints/", lists.complaints, name="complaints"),
    path("complaints/new/", intake.register, name="register"),
    path("complaints/lookup/", intake.look_up, name="look_up"),
    path("complaints/suggest/", intake.suggest_unit, name="suggest_unit"),
    path("complaints/forward/", intake.forward, name="forward"),
    path("complaints/bulk/<str:verb>/", bulk.bulk, name="bulk"),
    path("complaints/notices/", notices.notices, name="notices"),
    path("complaints/views/", saved.saved_views, name="saved_views"),
    path("complaints/views/<int:pk>/rename/", saved.rename_view, name="rename_view"),
    path("complaints/views/<int:pk>/delete/", saved.delete_view, name="delete_view"),
    path("complaints/views/<int:pk>/choose/", saved.choose_view, name="choose_view"),
    path("complaints/<str:number>/", complaint.page, name="complaint"),
    path("complaints/<str:number>/register/", intake.register_forwarded, name="register_forwarded"),
    path("complaints/<str:number>/presence/", presence.beat, name="presence"),
    path("complaints/<str:number>/reveal/", revealing.reveal, name="reveal"),
    path("complaints/<str:number>/deadlines/<int:pk>/", complaint.deadline, name="deadline"),
    path("complaints/<str:number>/deadlines/<int:pk>/urging/", papers.urging, name="urging"),
    path("complaints/<str:number>/rounds/<int:round_number>/notice/", papers.notice, name="notice"),
    path("complaints/<str:number>/coordinations/<int:place>/minutes/", coordination.minutes, name="minutes"),
    path("complaints/<str:number>/files/<str:token>/", files.text, name="attachment_text"),
    path("complaints/<str:number>/<str:verb>/", complaint.act, name="act"),
    path("mass/", mass.events, name="mass_events"),
    path("mass/<str:number>/", mass.page, name="mass"),
    path("mass/<str:number>/<str:verb>/", mass.act, name="mass_act"),
]
