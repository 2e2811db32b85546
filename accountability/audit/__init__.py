"""The record that can't be bent: seals outside the database, and the reading that finds what was (ADR 0018)."""
