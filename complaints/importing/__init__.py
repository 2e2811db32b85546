"""Import complaints from files of other systems: rows are read one by one, dates are never guessed, each ticket is
imported once.
"""
