"""What the window and the trainer agree on. Standard library only."""
