"""The interface for programs under /api/v1/: the same verbs, permissions, masks and refusals as the pages, in JSON. It
is off until API_ENABLED says otherwise. It imports the apps; of `config` no other room.
"""
