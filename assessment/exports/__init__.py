"""Exports: what may be taken out of the house on request, and how its file is made, kept and destroyed."""
