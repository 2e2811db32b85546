"""The app that carries the commands which concern the whole system (serve, messages, database_roles), and the admin."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """No models: an app only so that Django finds config/management/commands."""

    name = "config"
    default = True

    def ready(self) -> None:
        from config import production  # noqa: F401  registers what a deployment is asked


class OfficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site: entered by the roles a person serves in, since there is no superuser."""

    default_site = "accountability.administration.site.OfficeAdminSite"
    default = False
