"""The encrypted backup: database, sealed files and a manifest in one file that only the holder of a private key opens;
reading it, restoring it, and the drill that proves a restored copy. It may import the apps and the replay.
"""
