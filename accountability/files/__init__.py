"""Inspects, scans and seals the files that people hand in, and decides who may read them. Imports the gate and the
rooms below it.
"""
