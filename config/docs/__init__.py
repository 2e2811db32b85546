"""The generated pages of docs/: states, deadlines, vocabulary, rules, security, flow. It may import only the apps."""
