"""What a verb's form holds before anybody types, and the templates of answers. Imports the dossier and the rooms
below.
"""
