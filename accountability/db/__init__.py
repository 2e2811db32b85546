"""The database below the models: statements written out for every act, and the triggers that keep rows insert-only.
Imports no other room.
"""
