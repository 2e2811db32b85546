"""The words of matters kept for searching, and the finders that search them. Imports web and the rooms below it."""
