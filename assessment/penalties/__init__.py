"""Penalties as pages ask for them: the form of all that is owed, and the table of who has which part in a case.

It may import models, papers and people of cases; verbs and pages import it.
"""
