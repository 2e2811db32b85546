"""What one reader may know of one case: its dossier, parts and penalties, papers, leads and deadlines. Imports
documents and the rooms below them.
"""
