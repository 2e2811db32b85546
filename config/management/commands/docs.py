from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.docs.pages import pages


class Command(BaseCommand):
    help = "Write the generated pages of docs/; with --check only say whether they are up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = settings.BASE_DIR / "docs"
        folder.mkdir(exist_ok=True)
        made = pages()
        stale = [name for name, text in made.items() if not self._same(folder / name, text)]
        if check and stale:
            raise CommandError(f"out of date, run `manage.py docs`: {', '.join(stale)}")
        for name in stale:
            (folder / name).write_text(made[name], encoding="utf-8")
            self.stdout.write(f"wrote docs/{name}")

    @staticmethod
    def _same(path: Any, text: str) -> bool:
        return bool(path.exists() and path.read_text(encoding="utf-8") == text)
