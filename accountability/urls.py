"""Signing in, the inbox, and the organisation: units and contacts, calendar, limits."""

from django.urls import path

from accountability.views import account, inbox, organisation, timekeeping

urlpatterns = [
    path("sign-in/", account.SignIn.as_view(), name="sign_in"),
    path("sign-out/", account.SignOut.as_view(), name="sign_out"),
    path("password/", account.ChangePassword.as_view(), name="password"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.mark_read, name="mark_read"),
    path("alarms/", inbox.alarms, name="alarms"),
    path("units/", organisation.units, name="units"),
    path("units/<str:code>/", organisation.unit, name="unit"),
    path("organisation/<str:verb>/", organisation.act, name="organisation_act"),
    path("calendar/", timekeeping.calendar, name="calendar"),
    path("calendar/<int:year>/", timekeeping.calendar, name="calendar_year"),
    path("limits/", timekeeping.limits, name="limits"),
]
