"""The project folder and its database."""
