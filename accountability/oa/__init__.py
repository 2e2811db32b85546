"""Papers for the OA: ordered with the act that issues them, packed once their files are made, and handed over by one of
two adapters, over HTTP or into a folder; the OA's number and receipt come back. Imports documents, notices, the access
log and the rooms below them.
"""
