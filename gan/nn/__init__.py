"""Building blocks that several families use."""
