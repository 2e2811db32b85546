"""Fields of verbs that only complaints have, with their controls and candidates. Imports the models."""
