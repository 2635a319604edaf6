"""The Review page: plan a blind review, give verdicts by key, and the reveal."""
