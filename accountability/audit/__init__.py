"""A record that can't be changed unnoticed: seals outside the database, and the verification that detects changes (ADR
0018).
"""
