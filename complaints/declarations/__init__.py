"""What this app declares to the app below: its limits, notices, alarms, looks, logged actions and tour steps.

Imports `permissions` of this app and the room `declarations` of the app below.
"""
