"""What the sweep does to complaints by itself: the chase ladder, the look-out for mass events. Imports the models."""
