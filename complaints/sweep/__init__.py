"""What the sweep does to complaints automatically: the chase ladder and finding mass events. Imports the models."""
