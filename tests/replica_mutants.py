"""For `make mutants`: the standby for figures without its controls, one by one."""

REPLICA = "tests/accountability/db/test_replica.py"

OF_THE_REPLICA: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("the page's figures are counted by the database", "assessment/dashboards/sections.py",
           "return replica.read(lambda: _sections(asked, actor))", "return _sections(asked, actor)", (REPLICA,)),
    ("a table's figures are counted by the database", "assessment/dashboards/sections.py",
           "return replica.read(lambda: build(asked, actor)) if build else None",
           "return build(asked, actor) if build else None", (REPLICA,)),
    ("a standby's rights may be old", "config/databases.py",
           " and model._meta.label_lower in COUNTED", "", (REPLICA,)),
    ("a standby is written to", "config/databases.py",
           "    def db_for_write(self, model: type[Model], **hints: Any) -> str:\n        return DEFAULT_DB_ALIAS",
           "    db_for_write = db_for_read", (REPLICA,)),
    ("a standby may be behind by a day", "accountability/db/replica.py",
           "seconds > settings.REPLICA_LAG", "seconds > 86400", (REPLICA,)),
    ("one that was promoted is a standby", "accountability/db/replica.py",
           "    if not is_standby:", "    if False:", (REPLICA,)),
    ("a standby that breaks off takes the page with it", "accountability/db/replica.py",
           "        if not is_of_the_database(error) or", "        if error or", (REPLICA,)),
    ("an old answer of a standby holds for ever", "accountability/db/replica.py",
           "_known.standing and age < GOOD_FOR else", "_known.standing else", (REPLICA,)),
)  # fmt: skip
"""What, the file, what is replaced and by what, and the tests that must find it."""
