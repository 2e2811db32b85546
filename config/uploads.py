"""How much a request may carry: judged by what it announces, before any of it is written to a temporary file."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class Bounded(FileUploadHandler):
    """Stands before Django's own handlers and passes everything on to them.

    The announced length binds: the server hands over no more than that.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any, **more: Any) -> None:
        if content_length > settings.UPLOAD_MOST_BYTES:
            raise RequestDataTooBig("more than all files of one form may hold")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
