"""A release after this one, which only the tests know: what its migrations do while old processes answer."""
