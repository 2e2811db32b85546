"""What notices of cases, plans, bulletins, rankings and exports say."""
