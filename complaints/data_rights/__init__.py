"""Customers' requests about their own data (PIPL 44 to 47): their verbs, what is found, and what holds data back.
Imports the actions and the rooms below it.
"""
