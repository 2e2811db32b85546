"""`manage.py backup FILE_OR_FOLDER`: saves database and sealed files, encrypted, while the system runs."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accountability.deadlines import clock
from accountability.models import Attachment
from accountability.security import file_store
from config.backup import archive, endings, keys, sealed
from config.backup.manifest import Manifest


class Command(BaseCommand):
    help = (
        "Save the database and the sealed files in a new file, encrypted for the public keys of BACKUP_RECIPIENTS. "
        "A folder gets a file named after the instant. The four keys aren't saved: they belong elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, metavar="FILE_OR_FOLDER")

    def handle(self, *args: Any, target: Path, **options: Any) -> None:
        recipients = keys.recipients(settings.BACKUP_RECIPIENTS)
        at = clock.read()
        file = target / f"shouwen-{at:%Y%m%dT%H%M%SZ}.tar.age" if target.is_dir() else target
        if file.exists():
            raise CommandError(f"{file} exists; nothing is overwritten")
        refuse_missing_files(Path(settings.ATTACHMENTS_DIR))
        endings.as_exceptions()
        partial = file.with_name(f"{file.name}.part")
        try:
            whole = _written(partial, recipients, at)
            os.link(partial, file)
        except FileExistsError as error:
            raise CommandError(f"{error.filename2 or error.filename} exists; nothing is overwritten") from error
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}; nothing is saved") from error
        partial.unlink()
        if settings.BACKUP_MARK:
            Path(settings.BACKUP_MARK).touch()
        self.stdout.write(
            f"saved in {file}: {sum(whole.tables.values())} rows, {whole.files['count']} files, "
            f"{file.stat().st_size} bytes"
        )


def refuse_missing_files(folder: Path) -> None:
    """A folder that isn't mounted looks empty: a backup without the files would be none."""
    places = Attachment.objects.filter(erased_at=None, place__isnull=False).values_list("place", flat=True)
    if (place := places.order_by("-pk").first()) and not file_store.holds(place):
        raise CommandError(f"{folder} hasn't the newest file that a row names: is the folder mounted?")


def _written(partial: Path, recipients: list[Any], at: datetime) -> Manifest:
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with sealed.encrypted(handle, recipients) as plain:
            return archive.write(plain, Path(settings.ATTACHMENTS_DIR), partial.parent, at)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
