"""The administration's own site, which changes data only through verbs. Imports template tags and the rooms
below them.
"""
