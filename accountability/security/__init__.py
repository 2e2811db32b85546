"""Encrypts and masks personal data, writes escaped markup, stores sealed files, and finds a client's address. Imports
no other room.
"""
