"""The administrators' own places, by the names of addresses: declared by hand for the access matrix."""

ADMINISTRATORS = {"system_admin", "security_admin", "audit_admin"}

OWN = (
    "livez", "readyz", "metrics", "set_language", "sign_in", "sign_out", "password", "inbox", "mark_read",
    "preferences", "pulse", "stay", "tour", "answer_tour", "units", "unit", "calendar", "calendar_year", "limits",
    "rules", "confirm_reading",
    "privacy_policy", "second_factor", "enrol", "begin_enrolment", "activate", "my_sessions", "end_session",
    "own_penalties", "company_sign_in", "company_return", "company_sign_out",
)  # fmt: skip
OPEN_TO_ADMINISTRATORS: dict[str, set[str]] = dict.fromkeys(OWN, ADMINISTRATORS) | {
    # The customers' pages are open to anybody.
    "customer_word": ADMINISTRATORS,
    "customer_progress": ADMINISTRATORS,
    # Whoever knows the secret opens the calendar, whoever else is signed in there.
    "calendar_feed": ADMINISTRATORS,
    **dict.fromkeys(("webhooks", "webhook", "resend_event"), ADMINISTRATORS),
    "operations": {"system_admin"},
    "accounts": {"security_admin"},
    "account": {"security_admin"},
    "organisation_act": {"security_admin", "audit_admin"},
    "changes": {"security_admin", "audit_admin"},
    "sign_in_policy": {"security_admin", "audit_admin"},
    "sign_in_act": {"security_admin"},
    "access_log": {"audit_admin"},
    "record": {"audit_admin"},
}
"""Their own places, where the table below holds. All the rest is closed to them by every method, before anything is
looked up: 403, there or not. The front page leads to their desks.
"""
