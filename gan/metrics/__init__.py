"""Feature extractors and scores, one file a metric."""
