"""One file a source layout, one line in the registry; reading names, sizes and headers, never a dialog."""
