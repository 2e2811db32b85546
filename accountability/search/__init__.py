"""The searchable words of matters, and the finders that search them. Imports web and the rooms below it."""
