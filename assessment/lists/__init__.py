"""Lists of cases: what is asked of a person, on the desk, on the pages of cases and in search; own limits.

Imports the cases and the rooms below them.
"""
