"""The pages of sign-in, inbox, organisation, calendar, limits, rules, papers and audit. May import all of this app."""
