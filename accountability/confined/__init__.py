"""Runs programs of ours in a process of their own, with limits on processor time, memory and wall time. Work on bytes
that somebody else made is done there, so that no file can stop the web process. Imports nothing but Python's library.
"""
