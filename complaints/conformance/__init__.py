"""Whether a complaint went the notice's way: the flow chart as steps, the replay of the record on it, and the clauses
that the record can tell of. It changes nothing.

Imports the dossier and the models.
"""
