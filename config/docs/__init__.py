"""The generated pages of docs/: states, deadlines, vocabulary, rules, security. It may import only the apps."""
