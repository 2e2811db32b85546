"""Dashboards: the form (`asked`), its tables and charts (`tables`, `sections`), the rounds at risk (`risk`), the files
(`downloads`). Numbers come from `assessment.figures` alone.
"""
