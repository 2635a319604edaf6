"""Which labelled and reviewed images enter a snapshot, and writing it."""
