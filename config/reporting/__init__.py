"""What programs for business intelligence read on PostgreSQL: a schema of views without people and texts, and the one
role that may read them. Imports what it tells of from all apps.
"""
