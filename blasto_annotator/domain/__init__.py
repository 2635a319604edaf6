"""Grades, schemes, reviews, statistics and errors in plain Python."""
