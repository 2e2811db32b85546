"""Personal data in use: revealing them on record, clearing them after their time, changing their keys. Imports search
and the rooms below it.
"""
