"""The app with the commands for the whole system (serve, messages, database_roles), and the admin's configuration."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """It has no models: it is an app only so that Django finds config/management/commands."""

    name = "config"
    default = True

    def ready(self) -> None:
        from config import production  # noqa: F401  registers the checks of a deployment


class OfficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site: people enter by the roles they serve in, since there is no superuser."""

    default_site = "accountability.administration.site.OfficeAdminSite"
    default = False
