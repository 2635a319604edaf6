"""The window: Qt widgets, one package a page."""
