"""What this app declares to the apps below: its kinds of limit, notice and alarm, its places, the steps of its tours.

Imports `permissions` of this app and the rooms `declarations` of the apps below.
"""
