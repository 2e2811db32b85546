"""`make faults`: the deployed system on PostgreSQL and Redis of its own, broken on purpose; docs/faults.md.

Each fault prints what was asked, the figure of today and the goal. It drives the system as people and machines do: over
HTTP, by signals, by the clock; what came of it is asked of the database by plain SQL.
"""
