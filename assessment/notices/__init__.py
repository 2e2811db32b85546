"""What notices of cases, plans, bulletins, rankings and exports say. It imports what the notices of the bottom app offer."""
