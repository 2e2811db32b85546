"""What this app declares to the app below: its kinds of limit, notice and alarm, its places, the steps of its tours.

Imports `permissions` of this app and the room `declarations` of the app below.
"""
