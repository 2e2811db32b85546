"""Scenarios: stories of what people did and when, played through the gate in a throw-away database, and the expected
results. It may import the apps, and no other room of config.
"""
