"""Commands of `manage.py` that concern this app."""
