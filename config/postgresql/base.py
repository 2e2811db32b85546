"""The connection. Django loads this module by its name."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import psycopg2
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper, OperationalError
from django.utils.functional import cached_property


class Errors(DatabaseErrorWrapper):
    """The driver sometimes tells a server that dies in mid-statement as a `DatabaseError` without a code, and not as an
    `OperationalError`: then a page would say 500 instead of 503, and the sweep would blame a matter.
    """

    wrapper: Any

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if type(error) is psycopg2.DatabaseError and error.pgcode is None:
            self.wrapper.errors_occurred = True
            raise OperationalError(*error.args).with_traceback(traceback) from error
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    @cached_property
    def wrap_database_errors(self) -> Errors:
        return Errors(self)
