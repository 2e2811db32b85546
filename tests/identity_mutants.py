"""For `make mutants`: what opens something to somebody without its controls, one by one."""

TWO_PEOPLE = "tests/accountability/organisation/test_guarded_changes.py"
BOUND = "tests/accountability/signin/test_bound_rows.py"

OF_IDENTITY: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("a changed token opens what it says", "accountability/signin/tokens.py",
     "    if not token.is_genuine:\n", "    if False:\n", (BOUND,)),
    ("a changed token gets a mark with a new secret", "accountability/views/tokens.py",
     " or not found.is_genuine:", ":", (BOUND,)),
    ("a changed address of a calendar opens what it says", "accountability/signin/calendar_feeds.py",
     "    if not found.is_genuine:\n", "    if False:\n", (BOUND,)),
    ("a session's data are good in another", "accountability/models/bound.py",
     'return f"accountability.sessions:{stored}"', 'return "accountability.sessions"', (BOUND,)),
    ("nobody hears of a forged row", "accountability/audit/watch.py",
     '    alarms.raise_once(f"{FORGED} {what} {row}"', '    0 and alarms.raise_once(f"{FORGED} {what} {row}"',
     (BOUND,)),
    ("a forged token isn't named at night", "accountability/audit/opening_rows.py",
     "            if not row.is_genuine:", "            if False:", (BOUND,)),
    ("a forged session isn't named at night", "accountability/audit/opening_rows.py",
     "            signing.loads(data, salt=session_salt(stored))", "            pass", (BOUND,)),
    ("the alarm of a forged row never ends", "accountability/audit/watch.py",
     "    if not any(finding.kind == opening_rows.FORGED for finding in account.findings):", "    if False:", (BOUND,)),
    ("the last leader's office is ended", "accountability/actions/organisation.py",
     "    if role in GUARDED_ROLES:\n        administrators.check", "    if False:\n        administrators.check",
     (TWO_PEOPLE,)),
    ("the last auditor's office is ended", "accountability/actions/administrators.py",
     '    administrators.check_office_goes_on(act, employee, role, ends_on, "employee")\n', "", (TWO_PEOPLE,)),
)  # fmt: skip
"""What, the file, what is replaced and by what, and the tests that must find it."""
