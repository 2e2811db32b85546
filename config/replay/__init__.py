"""Scenarios: stories of what people did and when, played through the gate in a throw-away database, and what must
then hold.
"""
