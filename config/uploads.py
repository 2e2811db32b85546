"""The maximum size of a request: judged by its announced length, before any of it is written to a temporary file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class Bounded(FileUploadHandler):
    """Runs before Django's own handlers and passes everything on to them.

    The announced length binds: the server passes on no more than that. No form for people who aren't signed in takes a
    file, so their limit is that of a form without one.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any, **more: Any) -> None:
        user = getattr(self.request, "user", None)
        known = user is not None and user.is_authenticated
        most = settings.UPLOAD_MOST_BYTES if known else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > most:
            raise RequestDataTooBig("more than all files of one form may hold")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
