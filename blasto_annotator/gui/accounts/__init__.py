"""Accounts of graders: signing in, PINs, assignments."""
