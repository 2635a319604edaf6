"""Tests of the Label page."""
