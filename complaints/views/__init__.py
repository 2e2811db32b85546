"""The pages of complaints: desk, lists, intake, one complaint, mass events, rights requests.

Imports every room but the import of files.
"""
