"""The organisation's people: administrators, succession after leavers, and the import of units and people. Imports the
gate and the rooms below it.
"""
