"""What notices of cases, plans, bulletins, rankings and exports say. Imports what `accountability.wording` offers."""
