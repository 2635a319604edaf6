"""Drawn blastocysts and the sample project made of them."""
