"""The app that carries the commands which concern the whole system (serve, messages, database_roles)."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """No models: an app only so that Django finds config/management/commands."""

    name = "config"
