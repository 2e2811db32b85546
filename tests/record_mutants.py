"""For `make mutants`: the record without what proves it, one by one."""

SEALS = "tests/accountability/audit/test_seals.py"
FILES = "tests/accountability/audit/test_kept_files.py"
TOLD = "tests/accountability/audit/test_told_rows.py"
EXPORTED = "tests/accountability/audit/test_ledger_export.py"

OF_THE_RECORD: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("acts don't name the newest seal", "accountability/gate/changes.py",
     "        if act.entries and seal:\n", "        if False:\n", (SEALS, EXPORTED)),
    ("a seal that acts name isn't missed", "accountability/audit/verify_export.py",
     "list(self.seals.unlike_named())", "[]", (SEALS, EXPORTED)),
    ("another seal may stand in the place of one", "accountability/audit/verify_export.py",
     "self._brief.get(number) != name:", "number not in self._brief:", (SEALS,)),
    ("a record without any seal passes", "accountability/audit/verification.py",
     "        account.check_sealed()\n", "        pass\n", (SEALS,)),
    ("a seal written meanwhile is a finding", "accountability/audit/verification.py",
     "    if seals.last_named > seals.last:\n", "    if False:\n", (SEALS,)),
    ("an export has no seal that its acts name", "accountability/audit/ledger_export.py",
     "<= max(there, noted):", "<= there:", (EXPORTED,)),
    ("regions and categories aren't compared with their history", "accountability/audit/reconciliation.py",
     ", *unlike_history()]", "]", (TOLD,)),
    ("notices and alarms aren't sealed", "accountability/audit/sealed_tables.py",
     "(*insert_only_tables(), *LATER)", "insert_only_tables()", (TOLD,)),
    ("a read notice is a finding", "accountability/audit/sealed_tables.py",
     '{"sent_at", "read_at", "over_at"}', "set()", (TOLD,)),
    ("the bytes of evidence aren't looked at", "accountability/audit/kept_files.py",
     "    for file in handed_in.order_by", "    for file in handed_in.none().order_by", (FILES,)),
)  # fmt: skip
"""What, the file, what is replaced and by what, and the tests that must find it."""
