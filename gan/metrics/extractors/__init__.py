"""Feature extractors behind one seam: images in, features out."""
