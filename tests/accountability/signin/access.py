"""What each role is answered on the pages of signing in: their part of the table in tests/test_access_matrix.py."""

from __future__ import annotations

from collections.abc import Callable


def everybody(status: int) -> Callable[[str], int]:
    return lambda role: status


def security(status: int, **others: int) -> Callable[[str], int]:
    return lambda role: status if role == "security_admin" else others.get(role, 403)


SIGNING_IN: dict[str, dict[str, Callable[[str], int]]] = {
    "second_factor": {"GET": everybody(302), "POST": everybody(302)},
    "enrol": {"GET": everybody(200), "POST": everybody(302)},
    "begin_enrolment": {"POST": everybody(302)},
    # Nothing is configured: there is no such address.
    **{
        name: dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), everybody(404))
        for name in ("company_sign_in", "company_return", "company_sign_out")
    },
    "activate": {"GET": everybody(200), "POST": everybody(422)},
    "my_sessions": {"GET": everybody(200)},
    "end_session": {"POST": everybody(404)},
    "my_tokens": {"GET": everybody(200), "POST": everybody(422)},
    "renew_token": {"GET": everybody(404), "POST": everybody(404)},
    "end_token": {"POST": everybody(404)},
    "my_calendar": {"GET": everybody(200), "POST": everybody(200)},
    "end_calendar": {"POST": everybody(404)},
    "sign_in_policy": {"GET": security(200, auditor=200, audit_admin=200), "POST": security(422)},
    "sign_in_act": {"GET": security(200), "POST": security(422)},
}
