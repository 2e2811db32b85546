"""The desk of rectification plans, and how they pass on when people go. Imports the models."""
