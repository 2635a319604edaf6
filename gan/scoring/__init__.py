"""The expert scorer: how likely an expert would call a generated image perfect and of the right class."""
