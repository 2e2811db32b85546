"""`make screenshots`: the pictures of docs/screens.md, taken of the demo at an instant that stands still."""
