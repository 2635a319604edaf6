"""One file or folder a generator family."""
