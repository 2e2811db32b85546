"""Pages of the flow: desks, lists, intake, and one complaint with its verbs and papers."""

from django.urls import path

from complaints.views import complaint, desk, intake, lists, papers

urlpatterns = [
    path("", desk.home, name="home"),
    path("complaints/", lists.complaints, name="complaints"),
    path("complaints/new/", intake.register, name="register"),
    path("complaints/lookup/", intake.look_up, name="look_up"),
    path("complaints/suggest/", intake.suggest_unit, name="suggest_unit"),
    path("complaints/forward/", intake.forward, name="forward"),
    path("complaints/<str:number>/", complaint.page, name="complaint"),
    path("complaints/<str:number>/register/", intake.register_forwarded, name="register_forwarded"),
    path("complaints/<str:number>/reveal/", complaint.reveal, name="reveal"),
    path("complaints/<str:number>/deadlines/<int:pk>/", complaint.deadline, name="deadline"),
    path("complaints/<str:number>/rounds/<int:round_number>/notice/", papers.notice, name="notice"),
    path("complaints/<str:number>/<str:verb>/", complaint.act, name="act"),
]
