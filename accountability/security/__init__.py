"""Encryption and masking of personal data, sealed files, and the address of a client. Imports no other room."""
