"""`manage.py messages`: compile the translations that have changed; `--extract` first brings them up to date."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.messages import compile_messages, update_messages


class Command(BaseCommand):
    """Django's own makemessages and compilemessages need the gettext programs; this one doesn't."""

    help = "Compile locale/*/LC_MESSAGES/*.po where newer than the .mo."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--extract", action="store_true", help="first bring the .po up to the texts in the sources")

    def handle(self, *args: Any, extract: bool, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            if extract:
                for written in update_messages(settings.BASE_DIR, folder):
                    self.stdout.write(f"updated {written.relative_to(folder)}")
            for written in compile_messages(folder):
                self.stdout.write(f"compiled {written.relative_to(folder)}")
