"""Computes when a duty ends: limits, working days and the one clock, without a database. Imports no other room."""
