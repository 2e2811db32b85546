"""Files of complaints from elsewhere: read row by row whatever wrote them, dates never guessed, each ticket once."""
