"""The generated pages of docs/: states, deadlines, vocabulary, rules, security."""
