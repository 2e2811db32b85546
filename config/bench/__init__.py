"""What `manage.py bench` measures: pages and ledgers on a large database, the figures against a statement by hand. It
may import the apps, the demo and the replay.
"""
