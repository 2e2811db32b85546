"""Work lists and queues: which complaints wait for a person, how they are narrowed, searched and done in bulk. Imports
the dossier and the rooms below it.
"""
