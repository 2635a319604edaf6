"""One file a source layout."""
