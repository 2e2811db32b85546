"""Work lists and queues: which complaints wait for a person, with filters, search and bulk acts.

Imports the dossier and the rooms below it.
"""
