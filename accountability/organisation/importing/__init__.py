"""Imports units, people, contacts and turns of duty from a file: read, compared, shown, and only then done through
verbs.
"""
