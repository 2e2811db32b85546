"""What the sweep and the administrators watch: reminders, units without a contact, the health of the system. Imports
template tags and the rooms below them.
"""
