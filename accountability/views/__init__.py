"""The pages of sign-in, inbox, organisation, calendar, limits, rules, papers and audit. Imports every room of
this app.
"""
