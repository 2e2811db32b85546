"""The initial values of a verb's form, and the templates of answers. Imports the dossier and the rooms below."""
