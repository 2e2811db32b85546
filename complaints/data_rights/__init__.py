"""Customers' requests about their own data (PIPL 44 to 47): the verbs, the search, and what prevents deletion.

Imports the actions and the rooms below it.
"""
