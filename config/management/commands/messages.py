"""`manage.py messages`: compile the translations that have changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.messages import compile_messages


class Command(BaseCommand):
    """Django's own compilemessages needs msgfmt; this one needs nothing."""

    help = "Compile locale/*/LC_MESSAGES/*.po where newer than the .mo."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for written in compile_messages(folder):
                self.stdout.write(f"compiled {written.relative_to(folder)}")
