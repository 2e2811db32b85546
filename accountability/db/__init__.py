"""The database layer below the models: hand-written statements that every act runs, the objects that it makes and
changes, fields of our own, triggers that make tables insert-only, and whose fault an error is. Imports no other room.
"""
