"""Files that people hand in: inspected, scanned, sealed, and read by those who may. Imports the gate and the rooms
below.
"""
