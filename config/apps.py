"""The app with the commands for the whole system (serve, messages, database_roles), and the admin's configuration."""

import os
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class ConfigConfig(AppConfig):
    """It has no models: it is an app only so that Django finds config/management/commands."""

    name = "config"
    default = True

    def ready(self) -> None:
        from config import production  # noqa: F401  registers the checks of a deployment

        connection_created.connect(keep_to_the_owner)
        connection_created.connect(compare_clocks)


def compare_clocks(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    """Every process, a page's too, knows from its first connection on how far its clock is from the database's. A
    standby's clock judges nothing.
    """
    from accountability.db import replica
    from accountability.deadlines import clock

    if connection.alias != replica.ALIAS:
        clock.compare(connection)


def keep_to_the_owner(connection: BaseDatabaseWrapper, **_more: Any) -> None:
    """Nobody else on the machine reads the file of an SQLite database; the files next to it take over its mode."""
    file = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and os.path.isfile(file) and os.stat(file).st_mode & 0o077:
        os.chmod(file, 0o600)


class OfficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our own site: people enter by the roles they serve in, since there is no superuser."""

    default_site = "accountability.administration.site.OfficeAdminSite"
    default = False
