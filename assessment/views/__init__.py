"""The pages of leads, sheets, cases, plans, bulletins, rankings, dashboards and exports. Imports every room of this
app.
"""
