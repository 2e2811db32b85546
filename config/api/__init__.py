"""The interface for programs under /api/v1/: the same verbs, permissions, masks and refusals as the pages, in JSON. It is
off until API_ENABLED says otherwise, and nothing else imports it. It imports the apps, and `config` but for its demo,
replay, bench and docs.
"""
