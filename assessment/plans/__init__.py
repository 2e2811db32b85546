"""The desk of rectification plans. Imports the models."""
