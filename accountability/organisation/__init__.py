"""Who belongs to the organisation: administrators, succession of those who leave, and the import of units and people.
Imports the gate and the rooms below it.
"""
