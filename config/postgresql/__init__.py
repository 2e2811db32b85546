"""Django's PostgreSQL (`ENGINE`), whose error for a lost connection is always the same. It imports nothing of ours."""
