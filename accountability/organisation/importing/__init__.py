"""Units, people, contacts and turns of duty out of a file: read, compared, shown, and only then done through verbs."""
