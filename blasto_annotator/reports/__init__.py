"""Review and agreement reports."""
