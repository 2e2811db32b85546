"""When a duty ends: limits, working days and the one clock. Pure arithmetic without a database. Imports no other
room.
"""
