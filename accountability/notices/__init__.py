"""Notices and alarms: their sentences, their sending, and the channels other than the inbox. Imports the gate and the
rooms below it.
"""
