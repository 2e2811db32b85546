"""What every database holds from the start: the first versions of all rules, the catalogue, the calendars. Imports the
gate and the rooms below it.
"""
