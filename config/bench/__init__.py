"""What `manage.py bench` measures: pages and ledgers on a large database, and the figures against a hand-written
statement. It may import the apps, the demo and the replay.
"""
