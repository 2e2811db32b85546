"""The database layer below the models: hand-written statements that every act runs, and triggers that make tables
insert-only. Imports no other room.
"""
