"""The administration's own site: it changes nothing but through verbs. Imports template tags and the rooms below
them.
"""
