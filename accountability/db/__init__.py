"""The database layer below the models: hand-written statements that every act runs, the objects that it makes and
changes, and triggers that make tables insert-only. Imports no other room.
"""
