"""What every database has from the start: the first versions of all rules, the catalogue, the calendars. Imports the
gate and the rooms below it.
"""
