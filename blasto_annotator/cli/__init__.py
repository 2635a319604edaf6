"""The same operations as the window's, for scripts and terminals."""
