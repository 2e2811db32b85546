"""What one reader may know of one case: its dossier, parts and penalties, papers, leads, lists and deadlines. Imports
documents and the rooms below them.
"""
