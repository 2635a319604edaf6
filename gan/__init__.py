"""The training backend: conditional generators for blastocyst images."""
