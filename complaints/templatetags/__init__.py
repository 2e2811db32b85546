"""How complaints look in lists. Imports the lists and the rooms below them."""
