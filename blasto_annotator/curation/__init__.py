"""Which labelled frames and reviewed images train the next model, and the review of what it makes."""
