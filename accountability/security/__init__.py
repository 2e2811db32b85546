"""Encrypts and masks personal data, stores sealed files, and finds a client's address. Imports no other room."""
