"""The page of the interface: for people, who sign in as for any other page; a token opens none."""

from __future__ import annotations

from django.urls import path

from config.api import docs

urlpatterns = [path("docs/", docs.page, name="api_docs")]
