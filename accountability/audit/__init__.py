"""A record that can't be changed unnoticed: seals outside the database, and verification (ADR 0018)."""
