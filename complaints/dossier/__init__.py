"""What one reader may know of one complaint: its texts, deadlines, rounds, minutes, timeline and progress.

Imports fields, sweep and the models.
"""
