"""The migrations of `accountability` in the release after this one."""
