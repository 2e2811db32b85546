"""Import complaints from files of other systems: row by row, dates never guessed, each ticket only once."""
