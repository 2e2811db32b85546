"""Notices and alarms: their sentences, their sending, and the channels beside the inbox. Imports the gate and the rooms
below it.
"""
